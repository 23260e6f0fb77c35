"""One run of ``multirec predict``: a job comes in, rows in an output and an exit code go out; and merging several.

``job`` is what was asked for, and what rows depend on.  ``running`` does it, from the claim on the output to the
summary: ``earlier`` finds where an earlier run has left off, ``filling`` says how documents are filled in; meanwhile
``signals`` hears what asks it to stop, ``progress`` says how far it is; ``startup`` leaves out what a program need not
do while it starts.  ``facts`` is what a recogniser says of itself, wherever it is: in a ``cluster``, which ``joining``
reaches, each is an ``actor``'s, and sources are taken ``ahead`` for all of them.  ``shards`` is for a run that is one
of several, whose outputs ``merge`` puts together.
"""
