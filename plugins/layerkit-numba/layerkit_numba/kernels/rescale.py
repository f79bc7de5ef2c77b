"""Rescale: bytes are read from the data as they are, and scaled batch by batch."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Elementwise, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def scaled(z: Any, scale: float, offset: float) -> Any:
    """scale · z + offset."""
    return z * like(scale, z) + like(offset, z)


@compiled
def slope(z: Any, scale: float, offset: float) -> Any:
    """The scale."""
    return like(scale, z)


@kernel("layerkit.layers.rescale:Rescale")
def _rescale(part: Part) -> Elementwise:
    scale, offset = float(part.layer.scale), float(part.layer.offset)
    return Elementwise(scaled, slope, of="y", constants=(scale, offset), keeps_zeros=offset == 0)
