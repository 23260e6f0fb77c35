"""PAGE XML (2010 to 2019) and ALTO (2 to 4).

What is read into such a document: ``fill`` takes its bytes and what was read of its lines and gives its new bytes,
by ``fill_page`` and ``fill_alto``; ``how`` says in which way.  ``elements`` knows where in the bytes each element is,
``boxes`` where on the page each word.
"""
