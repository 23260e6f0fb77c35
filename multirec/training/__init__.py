"""Training of the two networks: rendered lines, real lines, augmentation, the loop (extra ``train``).

In the order of the data: ``texts`` says what lines say, with ``fields``, ``history`` and ``scripts`` for what prose has
not, ``fonts`` in which faces; ``lettering`` sets them, ``screen`` and ``signs`` draw what is no paper, ``render`` all
of it; ``lines`` reads real ones, ``degrade`` does to both what scanners do, ``batches`` mixes them.  ``model`` is what
is trained, ``adapt`` gives it another alphabet, ``loop`` trains one network, ``calibrate`` the pair's confidences;
``command`` is the whole.
"""
