"""Layers that draw other numbers than a factor for each place, as NumPy's own generator would give them."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.dropout import drop_double, drop_single
from layerkit_numba.mathematics import like


@compiled
def add_noise_single(x: Any, y: Any, rng: Any, deviation: float) -> None:
    """Draw float32 numbers, and add so many deviations."""
    drawn = rng.standard_normal(x.size, np.float32)
    for place in range(x.size):
        y[place] = drawn[place] * like(deviation, x[place]) + x[place]


@compiled
def add_noise_double(x: Any, y: Any, rng: Any, deviation: float) -> None:
    """Draw float64 numbers, and add so many deviations."""
    drawn = rng.standard_normal(x.size, np.float64)
    for place in range(x.size):
        y[place] = drawn[place] * deviation + x[place]


@compiled
def ones(factor: Any) -> None:
    """Fill with 1."""
    for place in range(factor.size):
        factor[place] = 1


@compiled
def times_columns(x: Any, factor: Any, y: Any) -> None:
    """Each feature of an example times its factor, at every position."""
    features = factor.shape[1]
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[row, column % features]


@kernel("layerkit.layers.gaussian_noise:GaussianNoise")
def _gaussian_noise(part: Part) -> LayerKernel:
    deviation = float(part.layer.deviation)
    if not part.training or deviation == 0:
        return LayerKernel(view=True)
    add_noise = add_noise_single if part.dtype.itemsize == 4 else add_noise_double
    return LayerKernel(
        forward=(Call(add_noise, "x:flat", "y:flat", "rng", deviation),),
        same={"dx": "dy"},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )


@kernel("layerkit.layers.spatial_dropout:SpatialDropout")
def _spatial_dropout(part: Part) -> LayerKernel:
    rate = float(part.layer.rate)
    if not part.training or rate == 0:
        return LayerKernel(view=True)
    drop = drop_single if part.dtype.itemsize == 4 else drop_double
    return LayerKernel(
        forward=(
            Call(ones, "whole:flat"),
            Call(drop, "whole:flat", "whole:flat", "factor:flat", "rng", rate, 1 / (1 - rate)),
            Call(times_columns, "x:table", "factor:table", "y:table"),
        ),
        input_gradient=(Call(times_columns, "dy:table", "factor:table", "dx:table"),),
        buffers={"whole": Buffer(part.input_shape[-1:]), "factor": Buffer(part.input_shape[-1:])},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
