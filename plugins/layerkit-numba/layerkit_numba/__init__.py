"""A compiled engine for layerkit: ``Trainer(…, engine=NumbaEngine())``, or ``--engine numba/jit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit_numba.compilation import compiled
    from layerkit_numba.engine import NumbaEngine
    from layerkit_numba.interface import (
        Backward,
        Buffer,
        Call,
        CostKernel,
        CostPart,
        Elementwise,
        Fixed,
        Forward,
        LayerKernel,
        Part,
        UpdateKernel,
        UpdatePart,
        kernel,
    )
    from layerkit_numba.mathematics import exp, like, natural, tanh

__all__ = [
    "Backward",
    "Buffer",
    "Call",
    "CostKernel",
    "CostPart",
    "Elementwise",
    "Fixed",
    "Forward",
    "LayerKernel",
    "NumbaEngine",
    "Part",
    "UpdateKernel",
    "UpdatePart",
    "compiled",
    "exp",
    "kernel",
    "like",
    "natural",
    "tanh",
]

# Listing the engine must not import Numba, which takes long.
_MODULES = {
    "compilation": ("compiled",),
    "engine": ("NumbaEngine",),
    "interface": (
        "Backward",
        "Buffer",
        "Call",
        "CostKernel",
        "CostPart",
        "Elementwise",
        "Fixed",
        "Forward",
        "LayerKernel",
        "Part",
        "UpdateKernel",
        "UpdatePart",
        "kernel",
    ),
    "mathematics": ("exp", "like", "natural", "tanh"),
}
_LAZY = {name: f"layerkit_numba.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
