"""multirec reads printed text lines with two recognisers at once.

>>> from multirec import Options, Recognizer
>>> with Recognizer(Options(workers=2)) as recognizer:    # doctest: +SKIP
...     for result in recognizer.read(["./images"]):
...         print(result.image, result.text)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from multirec.errors import ExitCode, ModelError, MultirecError, NoImagesError, OutputError, SetupError
from multirec.options import Options
from multirec.results import Result

__version__ = "0.1.0"

# Read when TensorFlow is imported.  By itself it takes oneDNN's kernels on some processors only; its own are slower,
# and with them the last digits of a row depend on its batch and on the number of threads.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer

__all__ = [
    "ExitCode", "ModelError", "MultirecError", "NoImagesError", "Options", "OutputError", "Recognizer", "Result",
    "SetupError",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # TensorFlow comes with the recogniser, so it is loaded when first asked for.
    if name == "Recognizer":
        from multirec.recognizer import Recognizer

        return Recognizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
