"""Layers that draw a factor for each number, as NumPy's own generator would give them, in the same order."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.constants import SELU_LOWEST
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def drop_single(x: Any, y: Any, factor: Any, rng: Any, rate: float, kept: float) -> None:
    """Draw float32 numbers; the factor is 0 where they are below the rate, and else ``kept``."""
    drawn = rng.random(x.size, np.float32)
    for place in range(x.size):
        factor[place] = like(kept, x[place]) if drawn[place] >= like(rate, x[place]) else like(0, x[place])
        y[place] = x[place] * factor[place]


@compiled
def drop_double(x: Any, y: Any, factor: Any, rng: Any, rate: float, kept: float) -> None:
    """Draw float64 numbers; the factor is 0 where they are below the rate, and else ``kept``."""
    drawn = rng.random(x.size, np.float64)
    for place in range(x.size):
        factor[place] = kept if drawn[place] >= rate else 0.0
        y[place] = x[place] * factor[place]


@compiled
def vary_single(x: Any, y: Any, factor: Any, rng: Any, deviation: float) -> None:
    """Draw float32 factors of mean 1 with this deviation."""
    drawn = rng.standard_normal(x.size, np.float32)
    for place in range(x.size):
        factor[place] = drawn[place] * like(deviation, x[place]) + like(1, x[place])
        y[place] = x[place] * factor[place]


@compiled
def vary_double(x: Any, y: Any, factor: Any, rng: Any, deviation: float) -> None:
    """Draw float64 factors of mean 1 with this deviation."""
    drawn = rng.standard_normal(x.size, np.float64)
    for place in range(x.size):
        factor[place] = drawn[place] * deviation + 1
        y[place] = x[place] * factor[place]


@compiled
def shift_dropped(factor: Any, y: Any, lowest: float, shift: float) -> None:
    """Add ``shift`` to what was dropped, and bring back what was kept, whose factor takes that from it."""
    for place in range(y.size):
        y[place] += factor[place] * like(lowest, y[place]) + like(shift, y[place])


@compiled
def times(dy: Any, factor: Any, dx: Any) -> None:
    """The gradient of what was not dropped."""
    for place in range(dy.size):
        dx[place] = dy[place] * factor[place]


@kernel("layerkit.layers.dropout:Dropout")
def _dropout(part: Part) -> LayerKernel:
    rate = float(part.layer.rate)
    return _of_factors(part, drop_single, drop_double, rate, 1 / (1 - rate))


@kernel("layerkit.layers.gaussian_dropout:GaussianDropout")
def _gaussian_dropout(part: Part) -> LayerKernel:
    rate = float(part.layer.rate)
    return _of_factors(part, vary_single, vary_double, (rate / (1 - rate)) ** 0.5)


@kernel("layerkit.layers.alpha_dropout:AlphaDropout")
def _alpha_dropout(part: Part) -> LayerKernel:
    layer = part.layer
    finish = Call(shift_dropped, "factor:flat", "y:flat", -SELU_LOWEST, layer.shift)
    return _of_factors(part, drop_single, drop_double, float(layer.rate), layer.stretch, finish=(finish,))


def _of_factors(part: Part, single: Any, double: Any, *numbers: Argument, finish: tuple[Call, ...] = ()) -> LayerKernel:
    """The kernel of a layer that draws a factor for each number in training, and then finishes."""
    if not part.training or part.layer.rate == 0:
        return LayerKernel(view=True)
    draw = single if part.dtype.itemsize == 4 else double
    return LayerKernel(
        forward=(Call(draw, "x:flat", "y:flat", "factor:flat", "rng", *numbers), *finish),
        input_gradient=(Call(times, "dy:flat", "factor:flat", "dx:flat"),),
        buffers={"factor": Buffer(part.input_shape)},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
