"""What ships with layerkit and has no kernel is what the README says."""

from __future__ import annotations

import layerkit_numba.kernels  # noqa: F401
import pytest
from layerkit_numba.interface import MAKERS

from layerkit.plugin import default_host

WITHOUT = {
    "layers": set[str](),
    "activations": set[str](),
    "costs": set[str](),
    "optimizers": {"lbfgs"},
    "transforms": set[str](),
}


@pytest.mark.parametrize("kind", WITHOUT)
def test_all_others_have_one(kind: str) -> None:
    entries = [entry for entry in default_host().components(kind) if "/" not in entry.short_name]
    assert {entry.short_name for entry in entries if entry.target not in MAKERS} == WITHOUT[kind]
