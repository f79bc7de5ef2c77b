"""The largest of several linear functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.linear import linear
from layerkit_numba.mathematics import like


@compiled
def find_largest(z: Any, y: Any, largest: Any) -> None:
    """Of the pieces of each unit the largest, and which that is; the first NaN where there is one."""
    units = y.shape[1]
    for row in range(z.shape[0]):
        for unit in range(units):
            y[row, unit] = z[row, unit]
            largest[row, unit] = 0
        for piece in range(1, z.shape[1] // units):
            for unit in range(units):
                number, most = z[row, piece * units + unit], y[row, unit]
                above = number > most or (np.isnan(number) and not np.isnan(most))
                y[row, unit] = number if above else most
                largest[row, unit] = piece if above else largest[row, unit]


@compiled
def spread(dy: Any, largest: Any, dz: Any) -> None:
    """The gradient for the piece that is the largest, and 0 for the others."""
    units = dy.shape[1]
    for row in range(dy.shape[0]):
        for piece in range(dz.shape[1] // units):
            for unit in range(units):
                below = dy[row, unit] if largest[row, unit] == piece else like(0, dy[row, unit])
                dz[row, piece * units + unit] = below


@kernel("layerkit.layers.maxout:Maxout")
def _maxout(part: Part) -> LayerKernel:
    layer = part.layer
    width = int(layer.pieces) * int(layer.units)
    own = linear(part, width, bias="bias" if layer.use_bias else "", y="z", dy="dz")
    below = Call(spread, "dy:rows", "largest:rows", "dz:rows")
    wide = Buffer((*part.input_shape[:-1], width))
    return LayerKernel(
        forward=(*own.forward, Call(find_largest, "z:rows", "y:rows", "largest:rows")),
        backward=(below, *own.parameter_gradients, *(own.input_gradient if part.needs_input_gradient else ())),
        buffers={**own.buffers, "z": wide, "dz": wide, "largest": Buffer(part.output_shape, dtype="int32")},
        reads_input=part.trained,
        reads_output=False,
        together=own.together,
        masks="ignored",
    )
