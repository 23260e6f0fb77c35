"""What this installation is, gathered without failing: whatever is missing is named with its remedy."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

from multirec import __version__
from multirec.errors import SetupError
from multirec.machine import processors

IMPORTED = ("tensorflow", "keras", "numpy", "cv2", "click", "tqdm")
"""What multirec imports; several packages may bring one of them, each by its own name."""

EXTRAS = (
    "pillow", "fonttools", "rapidfuzz", "nvidia-ml-py", "jinja2", "matplotlib", "pyarrow", "xlsxwriter", "openpyxl",
)  # fmt: skip

# Widths, at height 64, for which the plan is shown.
_WIDTHS = (128, 512, 1024, 2048, 4096)

# Formats and the words under which OpenCV's build information lists their decoders.
_FORMATS = {
    "PNG": "PNG", "JPEG": "JPEG", "TIFF": "TIFF", "WebP": "WEBP", "AVIF": "AVIF", "GIF": "GIF",
    "JPEG 2000": "JPEG 2000",
}  # fmt: skip


def collect(workers: int) -> dict[str, Any]:
    """Versions, device, plan, weights, formats and problems, as plain values."""
    problems: list[str] = []
    known: dict[str, Any] = {
        "multirec": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": processors(),
        "packages": _packages(problems),
        "extras": {name: _version(name) for name in EXTRAS},
        **_opencv(problems),
        "problems": problems,
    }
    try:
        from multirec.models.device import cards, driver, why_unused
        from multirec.models.pair import NOT_REPEATABLE
        from multirec.options import Options
        from multirec.recognizer import Recognizer

        known["gpu"] = {"cards": cards(), "driver": driver(), "unused": why_unused()}
        with Recognizer(Options(workers=workers)) as recognizer:
            plan = recognizer.plan
            known |= {
                "device": plan.device,
                "precision": recognizer.models.precision,
                "free_bytes": plan.free,
                "workers": plan.workers,
                "bytes_per_column": plan.bytes_per_column,
                "lines_in_a_batch": {str(width): plan.lines(width) for width in _WIDTHS},
                "weights": [
                    {
                        "network": w.network, "version": w.version, "characters": len(w.alphabet),
                        "training": w.training, "sha256": w.sha256,
                    }
                    for w in recognizer.models.metadata
                ],
                "language": {
                    "version": recognizer.language.metadata.version, "weight": recognizer.language_weight,
                    "sha256": recognizer.language.metadata.sha256,
                },
            }  # fmt: skip
        if not recognizer.models.repeatable:
            problems.append(NOT_REPEATABLE)
        if plan.device.startswith("GPU") and _version("nvidia-ml-py") is None:
            problems.append("free GPU memory is not known: pip install '.[gpu]' in a clone of multirec")
    except SetupError as error:
        if str(error) not in problems:
            problems.append(str(error))
    except Exception as error:  # whatever it is, it belongs into the report
        problems.append(f"the models cannot be used: {type(error).__name__}: {error}")
    return known


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _packages(problems: list[str]) -> dict[str, str | None]:
    """Versions of the packages that bring what is imported; two that bring one thing are a problem."""
    brought = importlib.metadata.packages_distributions()
    names = {module: sorted(set(brought.get(module, ()))) for module in IMPORTED}
    for module, several in names.items():
        if len(several) > 1:
            problems.append(
                f"{' and '.join(several)} share one {module}, and whichever was installed last has overwritten the "
                f"other: pip uninstall {' '.join(several)}, then install one alone"
            )
    return {name: _version(name) for several in names.values() for name in several}


def _opencv(problems: list[str]) -> dict[str, Any]:
    """Where OpenCV comes from, and the formats that it reads."""
    try:
        from multirec.inputs.opencv import cv2, origin
    except SetupError as error:
        problems.append(str(error))
        return {"opencv": None, "formats": {}}
    built = {
        line.split(":")[0].strip(): not line.split(":", 1)[1].strip().startswith("NO")
        for line in cv2.getBuildInformation().splitlines()
        if ":" in line
    }
    found = {name: built.get(word, False) for name, word in _FORMATS.items()} | {"BMP": True, "PNM": True}
    problems += [f"this OpenCV does not read {name}" for name, there in found.items() if not there]
    return {"opencv": origin(cv2), "formats": found}


def as_text(known: dict[str, Any]) -> str:
    """The same for people."""
    out = [f"multirec {known['multirec']}, Python {known['python']}, {known['platform']}, {known['cores']} cores"]
    out.append("packages  " + ", ".join(f"{n} {v}" for n, v in known["packages"].items()))
    out.append("extras    " + (", ".join(f"{n} {v}" for n, v in known["extras"].items() if v) or "none"))
    out.append(f"OpenCV    {known['opencv'] or 'cannot be used'}")
    out.append("formats   " + ", ".join(n for n, there in known["formats"].items() if there))
    if "gpu" in known:
        gpu = known["gpu"]
        out.append(f"GPU       {'; '.join(gpu['cards']) or 'none used: ' + gpu['unused']}")
        if gpu["driver"]:
            out.append(f"          NVIDIA's driver {gpu['driver']}")
    if "device" in known:
        out.append(f"device    {known['device']}, {known['precision']}, {known['free_bytes'] >> 20} MiB free")
        sizes = ", ".join(f"{n} of {w} px" for w, n in known["lines_in_a_batch"].items())
        each = f"{known['workers']} workers, {known['bytes_per_column']} bytes a pixel column"
        out.append(f"plan      {each}; lines in a batch: {sizes}")
        for w in known["weights"]:
            training = ", ".join(f"{n} {v}" for n, v in w["training"].items() if v not in ("", None))
            out.append(f"weights   {w['network']} version {w['version']}, {w['characters']} characters; {training}")
        language = known["language"]
        out.append(f"language  version {language['version']}, weight {language['weight']} where the models differ")
    out += [f"problem   {problem}" for problem in known["problems"]]
    return "\n".join(out)
