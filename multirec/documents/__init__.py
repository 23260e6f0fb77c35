"""PAGE XML (2010 to 2019) and ALTO (2 to 4): what such a document says of a page's lines.

In the order of the data: ``parse`` reads a file as a stream, trusting nothing in it, and hands its elements to
``page`` or ``alto``, told apart by the root, which are a ``vocabulary`` each; ``order`` puts lines into reading order,
``points`` reads coordinates and tells usual heights; ``document`` is what comes out, without any picture.

A line is known by its ``id`` (PAGE) or ``ID`` (ALTO).  One that has none, or one that an earlier line of the file has,
is ``line_N``, where N is its place among all elements named TextLine of the file, from 1 on; see ``document.Names``.

What is read into such a document: ``fill`` takes its bytes and what was read of its lines and gives its new bytes, by
``fill_page`` and ``fill_alto``; ``how`` says in which way.  ``elements`` knows where in the bytes each element is,
``boxes`` where on the page each word.
"""
