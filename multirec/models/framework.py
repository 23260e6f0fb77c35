"""TensorFlow: imported once, and only if it can be.

Whoever computes with the networks takes ``tf`` from here; to import this module raises SetupError where it is missing,
broken, or does not go with the NumPy or protobuf that is there.
"""

from __future__ import annotations

import re

from multirec.errors import SetupError
from multirec.machine import NO_MEMORY

__all__ = ["tf"]

try:
    import tensorflow as tf

    tf.constant, tf.__version__  # noqa: B018  of a package that was removed by half a folder may be left
except Exception as error:
    starved = isinstance(error, MemoryError) or re.search("map segment|[Cc]annot allocate", str(error))
    remedy = NO_MEMORY if starved else "install multirec in an environment of its own"
    raise SetupError(f"TensorFlow cannot be loaded ({type(error).__name__}: {error}): {remedy}") from error
