"""From paths to pictures of lines, [64, W, 4], grouped into batches of one width.

In the order of the data: ``discover`` finds images, walking through ``folders``; ``holders`` opens files that hold
several (``archives``, ``parquet``, ``tiff_pages``).  ``reading`` reads them ahead on the threads of ``readers``,
``images`` decodes and scales each; ``widths`` says how wide it is padded, ``batching`` groups those of one width,
``second_look`` shows a short one that was read unsurely otherwise.  ``names`` tells files that hold several from
others, ``locate`` finds by its name what is in one.  ``labels`` reads what stands in images, where that is known.

Lines of pages: ``pages`` opens PAGE and ALTO documents (``multirec.documents``) and gives a source for each line,
``scans`` finds and decodes the picture of a page, ``cutting`` cuts a line from it.

Beside ``images``: ``files`` reads bytes within limits, ``arrays`` takes pictures from memory; ``headers`` walks through
a file's structure, ``kinds`` names those that are not read; ``avif``, ``bmp``, ``netpbm`` and ``tiff`` know what OpenCV
does not do with them, ``depth`` brings samples to 8 bits, ``resolution`` says what shape pixels have, ``margins`` where
the text is.  All of them take ``cv2`` from ``opencv``.
"""
