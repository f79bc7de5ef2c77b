"""Sound layers that choose by rank: at ties they have a slope along every line, and no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Layer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape


class ThirdOfAll(Layer):
    """The third smallest of the numbers of an example."""

    def build(self, input_shape: Shape) -> Shape:
        if None in input_shape or np.prod(input_shape, initial=1) < 4:
            raise ShapeError(f"ThirdOfAll: takes four numbers or more, got {input_shape}")
        return (1,)

    def forward(self, x: Array, ctx: Context) -> Array:
        rows = x.reshape(len(x), int(np.prod(x.shape[1:])))
        ctx.saved.place, ctx.saved.shape = np.argsort(rows, axis=1, kind="stable")[:, 2:3], x.shape
        return np.take_along_axis(rows, ctx.saved.place, axis=1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros((len(grad), int(np.prod(ctx.saved.shape[1:]))), grad.dtype)
        np.put_along_axis(below, ctx.saved.place, grad, axis=1)
        return below.reshape(ctx.saved.shape)


class WithoutExtremes(Layer):
    """The sum of the features without the largest and the smallest of them."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or input_shape[-1] is None or input_shape[-1] < 3:
            raise ShapeError(f"WithoutExtremes: takes three features or more, got {input_shape}")
        return (*input_shape[:-1], 1)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.kept = np.argsort(x, axis=-1, kind="stable")[..., 1:-1]
        ctx.saved.shape = x.shape
        return np.take_along_axis(x, ctx.saved.kept, axis=-1).sum(axis=-1, keepdims=True)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.kept, grad, axis=-1)
        return below


class MiddleOfBoth(Layer):
    """Of two inputs and 0, the one in the middle at each place."""

    def build(self, input_shape: Any) -> Any:
        if len(input_shape) != 2 or not all(isinstance(part, tuple) for part in input_shape):
            raise ShapeError(f"MiddleOfBoth: takes two inputs, got {input_shape}")
        if input_shape[0] != input_shape[1]:
            raise ShapeError(f"MiddleOfBoth: takes two inputs of one shape, got {input_shape}")
        return input_shape[0]

    def forward(self, x: Any, ctx: Context) -> Array:
        three = np.stack([x[0], x[1], np.zeros_like(x[0])])
        ctx.saved.place = np.argsort(three, axis=0, kind="stable")[1]
        return np.take_along_axis(three, ctx.saved.place[None], axis=0)[0]

    def backward(self, grad: Array, ctx: Context) -> Any:
        return tuple(np.where(ctx.saved.place == which, grad, 0).astype(grad.dtype) for which in (0, 1))


FOLDS: dict[type[Layer], dict[str, Any]] = {
    ThirdOfAll: {"input_shapes": [(4,), (3, 5)]},
    WithoutExtremes: {"input_shapes": [(4,), (2, 3), (None, 5)]},
    MiddleOfBoth: {"input_shapes": [((4,), (4,))]},
}
