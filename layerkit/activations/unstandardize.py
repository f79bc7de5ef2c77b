"""From standardised numbers back to a person's own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.errors import ArgumentError, ShapeError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Unstandardize(Activation):
    """y = deviation · z + mean, for each feature, which lie on the last axis.

    As the readout of a model it turns outputs in units of the targets' standard deviation into predictions in the
    targets' own units; wherever such a model is trained or evaluated, the cost sees (y − mean) / deviation.
    ``Trainer(standardize_targets=True)`` makes it from the training data.

    Args:
        mean: one number for all features, or a list with one for each.
        deviation: likewise, above 0.

    >>> import numpy as np
    >>> from layerkit import Sequential, Unstandardize
    >>> model = Sequential([Unstandardize(mean=[20.0, 1000.0], deviation=[5.0, 10.0])]).initialize(2)
    >>> model.predict(np.array([[0.0, 1.0], [-2.0, 0.5]])).tolist()
    [[20.0, 1010.0], [10.0, 1005.0]]
    """

    recordable = True
    elementwise = True

    def __init__(self, mean: float | Sequence[float] = 0.0, deviation: float | Sequence[float] = 1.0) -> None:
        for name, value, above in (("mean", mean, -np.inf), ("deviation", deviation, 0.0)):
            if isinstance(value, (list, tuple)) and not value:
                raise ArgumentError(f"Unstandardize: {name} must hold at least one number, got {value!r}")
            for number in value if isinstance(value, (list, tuple)) else [value]:
                check_number(self, name, number, above=above)
        self.mean = mean
        self.deviation = deviation

    def declare(self, input_shape: Shape) -> None:
        for name, value in (("mean", self.mean), ("deviation", self.deviation)):
            if isinstance(value, (list, tuple)) and input_shape[-1:] != (len(value),):
                raise ShapeError(
                    f"Unstandardize: {name} has {len(value)} numbers, one for each value on the last axis, got inputs "
                    f"of {with_batch(input_shape)}"
                )
        if not input_shape or isinstance(input_shape[-1], tuple):
            raise ShapeError(f"Unstandardize takes one input with a last axis, got {with_batch(input_shape)}")

    def inverse(self, y: Array) -> Array:
        """(y − mean) / deviation, in float64: what an output must be for the prediction to be ``y``."""
        return (y - np.asarray(self.mean, np.float64)) / np.asarray(self.deviation, np.float64)

    def forward(self, z: Array, ctx: Context) -> Array:
        y = np.multiply(z, _filled(ctx, "deviation", self.deviation, z), out=ctx.scratch("y", z.shape))
        return np.add(y, _filled(ctx, "mean", self.mean, z), out=y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        factor = _filled(ctx, "deviation", self.deviation, grad)
        return np.multiply(grad, factor, out=ctx.scratch("gradient", grad.shape))

    def derivative(self, z: Array) -> Array:
        return np.broadcast_to(np.asarray(self.deviation, z.dtype), z.shape).copy()


def _filled(ctx: Context, name: str, value: float | Sequence[float], like: Array) -> Array:
    # in memory that a recording knows
    vector = ctx.scratch(name, like.shape[-1:])
    vector[...] = value
    return vector
