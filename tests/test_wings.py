"""The way of the data: a wing imports from those below it alone, and what predicts knows no training."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "multirec"

WORDS = (
    "errors",
    "lastwords",
    "machine",
    "options",
    "patience",
    "results",
    "sources",
    "stdio",
    "store_errors",
    "stores",
)
LEVELS = (
    ("__main__",),
    ("cli",),
    ("benchmark", "evaluation", "info", "report"),  # a command's own work each
    ("training",),
    ("run",),
    ("recognizer",),
    ("decoding",),
    ("models",),
    ("inputs", "outputs"),
    ("documents",),
    WORDS,
)
LEVEL = {wing: level for level, wings in enumerate(LEVELS) for wing in wings}
MODULES = sorted(PACKAGE.rglob("*.py"))


def wing(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> set[tuple[str, ...]]:
    """The dotted names, in parts, that the code of ``module`` imports, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {tuple(name.split(".")) for name in names}


def test_every_wing_has_a_level() -> None:
    assert {wing(module) for module in MODULES} - {"__init__"} == LEVEL.keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_run_downwards(module: Path) -> None:
    here = wing(module)
    if here == "__init__":  # the public names come from anywhere
        return
    for name in imported(module):
        if name[0] != "multirec" or name == ("multirec", "__version__"):
            continue
        other = name[1]
        assert other in LEVEL, f"{module}: imports {'.'.join(name)}, which belongs to no wing"
        if other != here and not {here, other} <= set(WORDS):
            assert LEVEL[other] > LEVEL[here], f"{module}: imports {'.'.join(name)}, which is not below it"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_frameworks_stay_where_they_belong(module: Path) -> None:
    here, frameworks = wing(module), {name[0] for name in imported(module)}
    if here not in ("models", "benchmark", "training"):
        assert "tensorflow" not in frameworks, f"{module}: TensorFlow is the models' matter"
    if here not in ("training", "benchmark"):
        assert "keras" not in frameworks, f"{module}: Keras is for training, and for the recipe of 2018"
    if here != "training":
        assert not frameworks & {"PIL", "fontTools"}, f"{module}: rendering is training's matter"


def test_wings_say_what_they_are_and_hold_and_export_nothing() -> None:
    for folder in sorted({module.parent for module in MODULES} - {PACKAGE}):
        tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        assert len(tree.body) == 1, folder
        said = ast.get_docstring(tree) or ""
        silent = [m.stem for m in folder.glob("*.py") if m.stem != "__init__" and f"``{m.stem}``" not in said]
        assert not silent, f"{folder}: not named: {silent}"
