"""From results to rows, wherever they go, and from rows to what a later run can go on with.

In the order of the data: ``claim`` takes the right to write a file, ``resume`` finds what an earlier run left of it,
``formats`` turns results into rows, ``texts`` into files of their own, ``pages`` puts them into the documents that they
are of, ``files`` brings rows to where they go, ``finished`` makes of them what cannot grow by rows, a ``workbook`` or
columns (``parquet``), ``stored`` keeps a store in step with files of the disk, and ``rows`` reads them again.
"""
