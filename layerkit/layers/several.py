"""Several inputs: their shapes, and all of them brought together."""

from __future__ import annotations

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array, Shape


def several(layer: Layer, input_shape: Shape) -> tuple[Shape, ...]:
    """The shapes of a layer's inputs.

    Raises:
        ShapeError: it is given one array alone.
    """
    if not is_many(input_shape):
        raise ShapeError(
            f"{type(layer).__name__}: takes several inputs, as Parallel and Graph hand them on, got one array of "
            f"{with_batch(input_shape)}"
        )
    shapes: tuple[Shape, ...] = input_shape
    return shapes


def one_shape(layer: Layer, input_shape: Shape) -> Shape:
    """The one shape that all of a layer's inputs have.

    Raises:
        ShapeError: it is given one array alone, or arrays of several shapes.
    """
    shapes = several(layer, input_shape)
    if len(set(shapes)) > 1:
        raise ShapeError(
            f"{type(layer).__name__}: all inputs must have one shape, got {', '.join(map(with_batch, shapes))}: bring "
            "them to it first, by Dense or Reshape for instance, or join them by Concatenate"
        )
    return shapes[0]


def require_alike(layer: Layer, arrays: tuple[Array, ...]) -> None:
    """Refuse arrays whose axes that may vary differ in this batch: nothing is broadcast.

    Raises:
        ShapeError: two have different shapes.
    """
    shape = arrays[0].shape
    for array in arrays:
        if array.shape != shape:
            raise ShapeError(
                f"{type(layer).__name__}: all inputs of a batch must have one shape, got {shape} and {array.shape}"
            )


def folded(layer: Layer, arrays: tuple[Array, ...], ctx: Context, operation: np.ufunc) -> Array:
    """((x₁ ∘ x₂) ∘ …) ∘ xₙ, in memory of the pass.

    Raises:
        ShapeError: two have different shapes.
    """
    require_alike(layer, arrays)
    y = ctx.scratch("y", arrays[0].shape)
    np.copyto(y, arrays[0])
    for array in arrays[1:]:
        operation(y, array, out=y)
    return y
