"""What pages and examples show to authors as their model passes the kit, whole."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from layerkit.registry.kinds import kind_of
from layerkit.testing import check
from tests.test_documentation import BLOCK

ROOT = Path(__file__).resolve().parents[2]
PAGES = [page for page in sorted(ROOT.glob("docs/*.md")) if page.name != "kernels.md"]
"""The components of docs/kernels.md are there for their kernels, and leave out what the kit asks of arguments."""
PLACES = [ROOT / "README.md", *PAGES, *sorted(ROOT.glob("examples/*.py"))]
OPTIONS: dict[str, dict[str, Any]] = {
    "Radial": {"arguments": {"units": 3}, "input_shapes": [(4,), (2,)]},
    "Triplet": {"input_shapes": [(3, 4)]},
}
NOT_MODELS = {"Double": "docs/conformance.md shows what the kit says of its bug"}


def written(path: Path) -> dict[str, type]:
    """The components that a page or an example defines, without running the rest of it."""
    text = path.read_text(encoding="utf-8")
    code = (
        text if path.suffix == ".py" else "\n".join(b.group(1) for b in BLOCK.finditer(text) if ">>>" not in b.group(1))
    )
    kept = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
    module = ast.parse(code)
    module.body = [each for each in module.body if isinstance(each, kept)]
    # a module of its own, so that what is defined there can be pickled
    name = f"written_{path.stem}"
    sys.modules[name] = ModuleType(name)
    space = sys.modules[name].__dict__
    space["np"] = np
    for each in module.body:
        try:
            exec(compile(ast.Module([each], []), str(path), "exec"), space)
        except (ImportError, NameError):
            continue  # what needs the rest of the page, or a package that is not here
    own = {title: value for title, value in space.items() if getattr(value, "__module__", "") == name}
    return {title: value for title, value in own.items() if isinstance(value, type) and kind_of(value) is not None}


COMPONENTS = [
    pytest.param(component, id=f"{path.name} {name}")
    for path in PLACES
    for name, component in written(path).items()
    if name not in NOT_MODELS
]


def test_there_are_some() -> None:
    assert len(COMPONENTS) >= 3


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_authors_are_shown_passes(component: type) -> None:
    report = check(component, **OPTIONS.get(component.__name__, {}))
    assert report.ok, str(report)
