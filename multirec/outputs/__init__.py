"""From results to rows, wherever they go, and from rows to what a later run can go on with.

In the order of the data: ``claim`` takes the right to write a file, ``resume`` finds what an earlier run left of it,
``formats`` turns results into rows, ``files`` brings them to where they go, ``rows`` reads them again; and ``pages``
puts them into the documents that they are of.
"""
