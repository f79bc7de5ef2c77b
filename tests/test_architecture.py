"""The picture in docs/architecture.md shows the imports that there are."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "draw_imports.py"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_imports", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_up_to_date() -> None:
    checked = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_no_part_of_the_package_imports_in_a_circle(drawing: ModuleType) -> None:
    graph = drawing.arrows()
    few = drawing.reduced(graph)
    assert "models" in graph["steps"]
    assert "interfaces" in graph["steps"]
    # an arrow that follows from others is not drawn
    assert "interfaces" not in few["steps"]


def test_imports_for_type_checkers_and_inside_functions_are_seen(drawing: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from layerkit.files.models import load\n"
        "def late():\n    import layerkit.cli.run\n    from layerkit.cli import text\n"
    )
    assert list(drawing.imports_of(file)) == [
        "typing",
        "layerkit.files.models",
        "layerkit.cli.run",
        "layerkit.cli.text",
    ]
    assert drawing.box_of("layerkit.layers.table") == "tables"
    assert drawing.box_of("numpy.random") is None
