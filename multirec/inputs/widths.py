"""The fixed grid of widths.

The image alone decides its padded width (the next step of the grid), and a batch holds one width only.
That is what makes a row depend on its image alone: equal-width batches give bitwise equal rows for any
batch size and order, while padding to the widest image of a batch does not.
"""

from __future__ import annotations

HEIGHT = 64
"""Rows of pixels of every line image."""

STRIDE = 4
"""Pixel columns for one step of a network's output: T = W / STRIDE."""

MIN_WIDTH = 32

# (first width, step): waste stays near 6 % while the number of distinct shapes stays small.
_STEPS = ((0, 32), (256, 64), (1024, 128), (2048, 256), (4096, 1024), (16384, 4096))


def grid_width(width: int) -> int:
    """The step of the grid that holds ``width`` pixel columns (at height 64).

    >>> grid_width(1), grid_width(256), grid_width(257), grid_width(1100)
    (32, 256, 320, 1152)
    """
    step = next(s for first, s in reversed(_STEPS) if width > first or first == 0)
    return max(MIN_WIDTH, -(-width // step) * step)
