"""``multirec benchmark``: how fast this machine reads lines, beside its own ceiling and the recipe of 2018.

Each contender lives in a process of its own and is idle while another one is measured; rounds are
interleaved, so that a machine that slows down slows all of them; medians are reported.

``measure`` does it, with ``product``, multirec as it is, ``recipe``, that of 2018, and ``ceiling``, what the machine
can do at most.
"""
