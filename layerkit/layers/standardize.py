"""Features brought to mean 0 and deviation 1, by what the training data says of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

import numpy as np

from layerkit.data.moments import Moments
from layerkit.errors import ShapeError
from layerkit.initializers.constant import Constant
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape, Value


@final
class Standardize(Layer):
    """y = (x − mean) / deviation, for each feature, which lie on the last axis; x may be integers, such as bytes.

    ``fit`` goes through the training data once, before the first step, and keeps its mean and its standard deviation
    √(Σ w (x − mean)² / Σ w) as untrained state: saved with the model, and not learned again by a later ``fit``
    (``Trainer.adapt`` does that). Both are taken over all other axes, in float64; sample weights count, class weights
    do not, nor do positions that a mask leaves out. A feature that is constant is divided by 1, and so becomes 0.
    Before it has seen data, mean is 0 and deviation is 1. What differs by less than the model's dtype tells, as seconds
    since 1970 do in float32, is lost before: ``fit`` warns of it.

    Source: LeCun, Bottou, Orr and Müller, *Efficient backprop*, 1998, section 4.3.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, Standardize, Trainer
    >>> model = Sequential([Standardize(), Dense(1)])
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    >>> x = np.array([[1900.0, 3.0], [2000.0, 5.0]])
    >>> history = trainer.fit((x, np.array([1.0, 2.0])), epochs=1)
    >>> model.states["0.mean"].tolist(), model.states["0.deviation"].tolist()
    ([1950.0, 4.0], [50.0, 1.0])
    """

    recordable = True
    normalizes = True
    integer_input = "accept"
    mean: Array
    deviation: Array

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(
                f"Standardize: the last axis must have a known length, got inputs of {with_batch(input_shape)}"
            )
        features = (input_shape[-1],)
        self.state("mean", features, Zeros())
        self.state("deviation", features, Constant(1.0), minimum=0)
        return input_shape

    def adapt(self, batches: Iterable[tuple[Value, Array]], ctx: Context) -> None:
        moments = Moments(len(self.mean))
        for x, weights in batches:
            moments.add(x, weights, ctx.mask_over(x))
        ctx.update_state("mean", moments.mean)
        ctx.update_state("deviation", moments.deviation(self.mean.dtype))

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.integer = x.dtype.kind != "f"
        y = ctx.scratch("y", x.shape)
        np.subtract(x, self.mean, out=y, dtype=y.dtype, casting="unsafe")
        return np.divide(y, self.deviation, out=y)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if ctx.saved.integer:
            return None
        return np.divide(grad, self.deviation, out=ctx.scratch("gradient", grad.shape))
