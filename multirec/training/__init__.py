"""Training of the two networks: rendered lines, real lines, augmentation, the loop (extra ``train``)."""
