"""Several inputs behind one another."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_integer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.several import several
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Concatenate(Layer):
    """y = (x₁, x₂, …, xₙ), behind one another along an axis; each ∂xᵢ is its part of δ.

    Args:
        axis: which; −1 is the last one, of features. As in NumPy, 0 is the axis of the batch, which cannot be.

    Raises:
        ShapeError: at build, if the inputs differ in another axis, or have no such axis.

    >>> from layerkit import Dense, Parallel, Sequential
    >>> Sequential([Parallel([Dense(3), Dense(4)], join=Concatenate())]).initialize(5).output_shape
    (7,)
    """

    recordable = True

    def __init__(self, axis: int = -1) -> None:
        check_integer(self, "axis", axis, minimum=-32)
        if axis == 0:
            raise ArgumentError(
                "Concatenate: axis must not be 0, the axis of the batch: 1 is the first one of an example, -1 the last"
            )
        self.axis = axis

    def build(self, input_shape: Shape) -> Shape:
        shapes = several(self, input_shape)
        rank = len(shapes[0])
        place = self.axis - 1 if self.axis > 0 else self.axis + rank
        if not 0 <= place < rank:
            raise ShapeError(
                f"Concatenate: axis {self.axis} is none of an example's, for inputs of {with_batch(input_shape)}"
            )
        others = {(*shape[:place], *shape[place + 1 :]) for shape in shapes}
        if len(others) > 1 or any(len(shape) != rank for shape in shapes):
            raise ShapeError(
                f"Concatenate: all inputs must be alike but for axis {self.axis}, got {with_batch(input_shape)}"
            )
        lengths = [shape[place] for shape in shapes]
        joined = None if None in lengths else sum(lengths)
        return (*shapes[0][:place], joined, *shapes[0][place + 1 :])

    def forward(self, x: tuple[Array, ...], ctx: Context) -> Array:
        axis = self.axis % x[0].ndim
        shape = list(x[0].shape)
        shape[axis] = sum(array.shape[axis] for array in x)
        ctx.saved.places = places = []
        start = 0
        for array in x:
            if len(array.shape) != len(shape) or any(
                length != array.shape[place] for place, length in enumerate(shape) if place != axis
            ):
                raise ShapeError(
                    f"Concatenate: all inputs of a batch must be alike but for axis {self.axis}, got "
                    f"{', '.join(str(each.shape) for each in x)}"
                )
            stop = start + array.shape[axis]
            places.append((*[slice(None)] * axis, slice(start, stop)))
            start = stop
        return np.concatenate(x, axis=axis, out=ctx.scratch("y", tuple(shape)))

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, ...]:
        return tuple(grad[place] for place in ctx.saved.places)
