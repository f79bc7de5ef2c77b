"""Components of other packages join by bringing kernels; those without are refused by name."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from layerkit_numba import registry
from layerkit_numba.interface import MAKERS

from layerkit.errors import EngineError

KERNELS = """
from layerkit_numba import LayerKernel, kernel

@kernel("far_away.layers:Nothing")
def _nothing(part):
    return LayerKernel(view=True)
"""


def test_kernels_are_found_through_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    information = tmp_path / "far_away-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: far-away\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[layerkit_numba.kernels]\nfar_away = far_away_kernels\n")
    (tmp_path / "far_away_kernels.py").write_text(KERNELS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_loaded", set())
    monkeypatch.setitem(sys.modules, "far_away.layers", ModuleType("far_away.layers"))
    component = type("Nothing", (), {"__module__": "far_away.layers", "__qualname__": "Nothing"})()
    try:
        assert registry.find(component, "layer 0 (Nothing)") is MAKERS["far_away.layers:Nothing"]
    finally:
        MAKERS.pop("far_away.layers:Nothing", None)
        sys.modules.pop("far_away_kernels", None)


def test_kernels_that_cannot_be_imported_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    information = tmp_path / "broken-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[layerkit_numba.kernels]\nbroken = broken_kernels\n")
    monkeypatch.syspath_prepend(tmp_path)
    component = type("Nothing", (), {"__module__": "broken.layers", "__qualname__": "Nothing"})()
    with pytest.raises(EngineError, match=r"layer 0 .*broken_kernels.*ModuleNotFoundError"):
        registry.find(component, "layer 0 (Nothing)")
