"""The rectified linear unit with a learned slope below 0."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.arguments import check_boolean, check_instance
from layerkit.errors import ShapeError
from layerkit.initializers.constant import Constant
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.scratch import Scratch
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class PReLU(Elementwise):
    """y = max(z, 0) + a · min(z, 0), with a learned; ∂a = Σ δ min(z, 0).

    The slope is 1 for z > 0 and a otherwise, also at 0 itself. The parameter ``slope`` is ``(features,)``, one for each
    place on the last axis, or ``(1,)`` where it is shared. It has the tag ``"slope"``: decay would pull it to ReLU,
    so the paper leaves it out, and so do ``WeightDecay``, ``AdamW`` and the penalties, unless ``except_tags`` says
    otherwise.

    Args:
        shared: whether all features have one slope, as in PyTorch by default.
        initializer: draws a; ¼ by default.

    Source: He, Zhang, Ren and Sun, *Delving deep into rectifiers*, ICCV 2015.

    >>> import numpy as np
    >>> from layerkit import PReLU, Sequential
    >>> Sequential([PReLU()]).initialize(3, dtype="float64").predict(np.array([[-2.0, 0.0, 3.0]]))
    array([[-0.5,  0. ,  3. ]])
    """

    kinks = (0.0,)
    slope: Array

    def __init__(self, *, shared: bool = False, initializer: Initializer | None = None) -> None:
        check_boolean(self, "shared", shared)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.shared = shared
        self.initializer = initializer

    def declare(self, input_shape: Shape) -> None:
        features = 1 if self.shared else input_shape[-1] if input_shape else None
        if not isinstance(features, int):
            raise ShapeError(
                f"PReLU: the last axis must have a known length, got inputs of {with_batch(input_shape)}; "
                "with shared=True any shape will do"
            )
        self.parameter("slope", (features,), self.initializer or Constant(0.25), tags=("slope",))

    def values(self, z: Array, scratch: Scratch) -> Array:
        zero = scratch.scalar("zero", 0.0)
        below = np.minimum(z, zero, out=scratch("below", z.shape))
        y, part = scratch("y", z.shape), scratch("part", z.shape)
        np.multiply(below, self.slope, out=part)
        return np.add(np.maximum(z, zero, out=y), part, out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        zero = scratch.scalar("zero", 0.0)
        slope, above = scratch("slope", z.shape), scratch("above", z.shape, np.dtype(bool))
        np.less_equal(z, zero, out=slope)
        np.multiply(slope, self.slope, out=slope)
        return np.add(slope, np.greater(z, zero, out=above), out=slope)

    def backward(self, grad: Array, ctx: Context) -> Array:
        parts = np.multiply(grad, ctx.scratch("below", grad.shape), out=ctx.scratch("part", grad.shape))
        rows = parts.reshape(-1, self.slope.size)
        np.dot(ctx.scratch.ones(rows.shape[0]), rows, out=ctx.gradient("slope"))
        return super().backward(grad, ctx)
