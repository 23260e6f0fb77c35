"""From paths to pictures of lines, [64, W, 4], grouped into batches of one width.

In the order of the data: ``discover`` finds images, ``holders`` opens files that hold several (``archives``,
``parquet``, ``tiff_pages``), ``reading`` reads them ahead on the threads of ``readers``, ``images`` decodes and scales
each; ``widths`` says how wide it is padded, ``batching`` groups those of one width.  ``names`` tells files that hold
several from others, ``locate`` finds by its name what is in one.  ``labels`` reads what stands in images, where that is
known.

In the order of the data: ``discover`` finds images, walking through ``folders``; ``holders`` opens files that hold
several (``archives``, ``parquet``, ``tiff_pages``) and ``pages``, which PAGE and ALTO documents describe: ``scans`` finds
the picture of one, ``cutting`` cuts its lines out.  ``reading`` reads pictures ahead on the threads of ``readers``,
``images`` decodes and scales each; ``widths`` says how wide it is padded, ``batching`` groups those of one width.
``names`` tells files that hold several from others, ``locate`` finds by its name what is in one.  ``labels`` reads what
stands in images, where that is known.
"""
