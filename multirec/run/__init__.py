"""One run of ``multirec predict``: a job comes in, rows in an output and an exit code go out; and merging several.

``job`` does it, from the claim on the output to the summary; meanwhile ``signals`` hears what asks it to stop,
``progress`` says how far it is; ``startup`` leaves out what a program need not do while it starts.
``shards`` is for a run that is one of several, whose outputs ``merge`` puts together.
"""
