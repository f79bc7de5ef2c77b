"""Dropout, with the numbers that NumPy's own generator would give, in the same order."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def drop_single(x: Any, y: Any, factor: Any, rng: Any, rate: float) -> None:
    """Draw float32 numbers, and drop where they are below the rate."""
    drawn = rng.random(x.size, np.float32)
    for place in range(x.size):
        factor[place] = like(1 / (1 - rate), x[place]) if drawn[place] >= like(rate, x[place]) else like(0, x[place])
        y[place] = x[place] * factor[place]


@compiled
def drop_double(x: Any, y: Any, factor: Any, rng: Any, rate: float) -> None:
    """Draw float64 numbers, and drop where they are below the rate."""
    drawn = rng.random(x.size, np.float64)
    for place in range(x.size):
        factor[place] = 1 / (1 - rate) if drawn[place] >= rate else 0.0
        y[place] = x[place] * factor[place]


@compiled
def times(dy: Any, factor: Any, dx: Any) -> None:
    """The gradient of what was not dropped."""
    for place in range(dy.size):
        dx[place] = dy[place] * factor[place]


@kernel("layerkit.layers.dropout:Dropout")
def _dropout(part: Part) -> LayerKernel:
    rate = float(part.layer.rate)
    if not part.training or rate == 0:
        return LayerKernel(view=True)
    drop = drop_single if part.dtype.itemsize == 4 else drop_double
    return LayerKernel(
        forward=(Call(drop, "x:flat", "y:flat", "factor:flat", "rng", rate),),
        input_gradient=(Call(times, "dy:flat", "factor:flat", "dx:flat"),),
        buffers={"factor": Buffer(part.input_shape)},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
