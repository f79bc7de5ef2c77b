"""Sound layers whose passes are unusual: states alone, masks, ties, tables, threads, and what is recorded."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.arguments import check_integer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape


class RunningRange(Layer):
    """Divides by a running maximum of what was seen: a state, and no parameter."""

    largest: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("largest", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("largest", 0.9 * self.largest + 0.1 * np.abs(x).max(initial=0.0))
        return x / self.largest

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad / self.largest


class CountsExamples(Layer):
    """Changes nothing, and counts in a state how many examples it has seen."""

    seen: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("seen", (1,), Constant(0.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("seen", self.seen + len(x))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class MaskedMean(Layer):
    """The mean over the steps of a sequence that count."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"MaskedMean: takes (batch, time, features), got {input_shape}")
        return input_shape[1:]

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        weights = np.ones((*x.shape[:2], 1), x.dtype) if mask is None else mask.astype(x.dtype)
        ctx.saved.weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1)
        mean: Array = (np.where(weights > 0, x, 0) * ctx.saved.weights).sum(axis=1)
        return mean

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad[:, None] * ctx.saved.weights


class Largest(Layer):
    """The largest value of each row, and where it is: a number and an integer."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int):
            raise ShapeError(f"Largest: takes vectors of a known length, got {input_shape}")
        return ((1,), (1,))

    def forward(self, x: Array, ctx: Context) -> tuple[Array, Array]:
        place = x.argmax(axis=1)[:, None]
        ctx.saved.place, ctx.saved.shape = place, x.shape
        return np.take_along_axis(x, place, axis=1), place

    def backward(self, grad: tuple[Array, Any], ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad[0].dtype)
        np.put_along_axis(below, ctx.saved.place, grad[0], axis=1)
        return below


@lru_cache(maxsize=8)
def _window(length: int) -> tuple[float, ...]:
    return tuple((0.5 + 0.5 * np.cos(np.arange(length))).tolist())


_TABLE = np.array([1.0, 2.0, 4.0])


class Windowed(Layer):
    """Features weighted by a pure function of their number, whose results are kept; constants in class and module."""

    names: ClassVar[list[str]] = ["low", "high"]
    powers: ClassVar[dict[str, float]] = {"low": 1.0, "high": 2.0}

    def __init__(self, band: str = "low") -> None:
        if band not in self.names:
            raise ValueError(f"Windowed: band must be one of {self.names}, got {band!r}")
        self.band = band

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(f"Windowed: the last axis must have a known length, got {input_shape}")
        return input_shape

    def _weights(self, x: Array) -> Array:
        weights = np.array(_window(x.shape[-1]), x.dtype) * np.asarray(self.powers[self.band] * _TABLE[0], x.dtype)
        return weights.astype(x.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        return x * self._weights(x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self._weights(grad)


class Helped(Layer):
    """Half of each value, by threads that are gone when it is done, and a module that is imported when needed."""

    def __init__(self, threads: int = 2) -> None:
        import fractions

        check_integer(self, "threads", threads, minimum=1)
        self.threads = threads
        self._share = float(fractions.Fraction(1, 2))

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        y = ctx.scratch("y", x.shape)
        pieces = zip(np.array_split(x, self.threads), np.array_split(y, self.threads), strict=True)
        workers = [threading.Thread(target=np.multiply, args=(rows, self._share, out)) for rows, out in pieces]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self._share


class Recorded(Layer):
    """Constants on the layer, places by a list, assignment by booleans, new arrays: all of it can be repeated."""

    recordable = True
    factor: Array

    def __init__(self) -> None:
        self._table = np.linspace(0.5, 1.5, 4)

    def build(self, input_shape: Shape) -> Shape:
        if input_shape != (4,):
            raise ShapeError(f"Recorded: takes vectors of 4 numbers, got {input_shape}")
        self.parameter("factor", (4,), Constant(1.0))
        return (8,)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        turned = x[:, [3, 1, 0, 2]] * self._table.astype(x.dtype)
        ctx.saved.large = large = x > 0.5
        bent = x * self.factor
        bent[large] = 0.5
        return np.concatenate([turned, np.where(x < -1, bent * 2, bent)], axis=1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        turned, bent = grad[:, :4] * self._table.astype(x.dtype), grad[:, 4:] * np.where(x < -1, 2, 1).astype(x.dtype)
        bent[ctx.saved.large] = 0
        ctx.gradient("factor")[...] = np.einsum("ij,ij->j", bent, x)
        below = np.zeros_like(x)
        below[:, [3, 1, 0, 2]] = turned
        return below + bent * self.factor


class Centred(Layer):
    """Means, deviations and ranks by NumPy's methods, without ctx.scratch, and recordable."""

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int) or input_shape[0] < 2:
            raise ShapeError(f"Centred: takes vectors of at least two numbers, got {input_shape}")
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        size = np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1)
        ctx.saved.x, ctx.saved.size = x, size
        return (x - x.mean(axis=-1, keepdims=True)) / size

    def backward(self, grad: Array, ctx: Context) -> Array:
        x, size = ctx.saved.x, ctx.saved.size
        centred = x - x.mean(axis=-1, keepdims=True)
        along = (grad * centred).sum(axis=-1, keepdims=True) / size**3
        direct = grad / size
        return direct - direct.mean(axis=-1, keepdims=True) - along * x / x.shape[-1]


HONEST: list[tuple[type, dict[str, Any]]] = [
    (RunningRange, {"input_shapes": [(4,), (2, 3)]}),
    (CountsExamples, {}),
    (MaskedMean, {"input_shapes": [(3, 2), (None, 4)]}),
    (Largest, {"input_shapes": [(4,)]}),
    (Windowed, {}),
    (Windowed, {"arguments": {"band": "high"}}),
    (Helped, {}),
    (Recorded, {"input_shapes": [(4,)]}),
    (Centred, {"input_shapes": [(4,)]}),
]
