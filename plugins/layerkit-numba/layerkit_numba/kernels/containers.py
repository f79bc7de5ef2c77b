"""Layers one after another, and those that only change the shape."""

from __future__ import annotations

from layerkit_numba.interface import LayerKernel, Part, kernel


@kernel("layerkit.models.sequential:Sequential")
def _sequential(part: Part) -> LayerKernel:
    return LayerKernel(view=True, then=tuple(str(place) for place in range(len(part.layer.layers))))


@kernel("layerkit.layers.repeat:Repeat")
def _repeat(part: Part) -> LayerKernel:
    return LayerKernel(view=True, then=tuple(str(place) for place in range(part.layer.times)))


@kernel("layerkit.layers.flatten:Flatten")
def _flatten(part: Part) -> LayerKernel:
    return LayerKernel(view=True)


@kernel("layerkit.layers.reshape:Reshape")
def _reshape(part: Part) -> LayerKernel:
    return LayerKernel(view=True)
