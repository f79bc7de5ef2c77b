"""Sound layers and costs of unusual conduct: integers first, states alone, parts in helpers, templates, tables."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from layerkit import Activation, Constant, Context, Cost, Dense, Layer, Sigmoid, Tanh
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape, Value
from tests.testing.gallery.sound import Squares


class LookUp(Layer):
    """A learned row for each integer, times numbers: integers come first, and have no gradient."""

    integer_input = "accept"
    table: Array

    def build(self, input_shape: Shape) -> Shape:
        known = is_many(input_shape) and len(input_shape) == 2 and input_shape[0] == ()
        if not known or len(input_shape[1]) != 1 or not isinstance(input_shape[1][0], int):
            raise ShapeError(f"LookUp: takes single integers and vectors, got {input_shape}")
        self.parameter("table", (4, input_shape[1][0]), Constant(0.5))
        return input_shape[1]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        places, numbers = x
        if places.dtype.kind == "f":
            raise ShapeError("LookUp: the first input must be integers")
        ctx.saved.places, ctx.saved.numbers = places, numbers
        return numbers * self.table[places]

    def backward(self, grad: Array, ctx: Context) -> tuple[None, Array]:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.places, grad * ctx.saved.numbers)
        return None, grad * self.table[ctx.saved.places]


class Affinity(Layer):
    """y = a · x + b for examples that are single numbers."""

    factor: Array
    shift: Array

    def build(self, input_shape: Shape) -> Shape:
        if input_shape != ():
            raise ShapeError(f"Affinity: takes single numbers, got {input_shape}")
        self.parameter("factor", (), Constant(1.0))
        self.parameter("shift", (), Constant(0.1))
        return ()

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.factor * x + self.shift

    def backward(self, grad: Array, ctx: Context) -> Array:
        np.sum(grad * ctx.saved.x, out=ctx.gradient("factor"))
        np.sum(grad, out=ctx.gradient("shift"))
        return grad * self.factor


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


class _Pair:
    """Two layers of a helper object's."""

    def __init__(self, units: int) -> None:
        self.layers = {"up": Dense(2 * units, activation=Tanh()), "down": Dense(units)}


class Bottle(Layer):
    """x + down(up(x)), with parts in an object of its own, made in the constructor."""

    def __init__(self, units: int) -> None:
        check_integer(self, "units", units, minimum=1)
        self.units = units
        self._pair = _Pair(units)

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or input_shape[-1] != self.units:
            raise ShapeError(f"Bottle: the last axis must have the length {self.units}, got {input_shape}")
        shape = input_shape
        for name, layer in self._pair.layers.items():
            shape = self.part(name, layer, shape)
        return shape

    def forward(self, x: Array, ctx: Context) -> Any:
        return x + ctx.part("down").forward(ctx.part("up").forward(x))

    def backward(self, grad: Array, ctx: Context) -> Any:
        return grad + ctx.part("up").backward(ctx.part("down").backward(grad))


class Copies(Layer):
    """f₂(f₁(x)), two copies of a layer that is a template and is not run itself."""

    def __init__(self, template: Layer) -> None:
        check_instance(self, "template", template, Layer)
        self.template = template
        self._copies = [template.copy() for _ in range(2)]

    def build(self, input_shape: Shape) -> Shape:
        shape = input_shape
        for place, layer in enumerate(self._copies):
            shape = self.part(f"copy{place}", layer, shape)
        return shape

    def forward(self, x: Any, ctx: Context) -> Any:
        for part in ctx.parts:
            x = part.forward(x)
        return x

    def backward(self, grad: Any, ctx: Context) -> Any:
        for part in reversed(ctx.parts):
            grad = part.backward(grad)
        return grad


class Optional(Layer):
    """f(x), where f is an argument, or else a layer that the constructor makes."""

    def __init__(self, inner: Layer | None = None, *, gate: Activation | None = None) -> None:
        check_instance(self, "inner", inner, Layer, optional=True)
        check_instance(self, "gate", gate, Activation, optional=True)
        self.inner = inner
        self.gate = gate
        self._inner = Dense(3) if inner is None else inner

    def build(self, input_shape: Shape) -> Shape:
        shape = self.part("body", self._inner, input_shape)
        # an activation has no values, and may be made where it is used
        return self.part("function", Sigmoid() if self.gate is None else self.gate, shape)

    def forward(self, x: Any, ctx: Context) -> Any:
        return ctx.part("function").forward(ctx.part("body").forward(x))

    def backward(self, grad: Any, ctx: Context) -> Any:
        return ctx.part("body").backward(ctx.part("function").backward(grad))


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


class ByShape(Layer):
    """Waves over time, added in memory that is kept for each shape of batch."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"ByShape: takes (batch, time, features), got {input_shape}")
        return input_shape

    def connect(self, ctx: Context) -> None:
        ctx.saved.waves = {}

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.shape not in ctx.saved.waves:
            ctx.saved.waves[x.shape] = np.sin(np.arange(x.shape[1], dtype=x.dtype))[:, None]
        y: Array = x + ctx.saved.waves[x.shape]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Strided(Layer):
    """Every second step, the first among them, of any length."""

    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or is_many(input_shape):
            raise ShapeError(f"Strided: there must be an axis, got {input_shape}")
        length = input_shape[0]
        return (None if length is None else (length + 1) // 2, *input_shape[1:])

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        return x[:, ::2]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        below[:, ::2] = grad
        return below


class Bytes(Layer):
    """y = (x − 128) / 128 in the model's dtype, for bytes, other integers and numbers."""

    integer_input = "accept"

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.integer = x.dtype.kind != "f"
        y = x.astype(ctx.scratch.dtype)
        y -= 128
        y /= 128
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return None if ctx.saved.integer else grad / 128


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


class Mixer(Layer):
    """Three inputs of different ranks, two outputs: their sum over space, and a product."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        known = is_many(input_shape) and len(input_shape) == 3
        if not known or (len(input_shape[0]), input_shape[1:]) != (4, (input_shape[0][-1:], ())):
            raise ShapeError(f"Mixer: takes volumes, vectors of as many channels and single numbers, got {input_shape}")
        if not isinstance(input_shape[0][-1], int):
            raise ShapeError(f"Mixer: the channels must be known, got {input_shape}")
        self.parameter("factor", input_shape[0][-1:], Constant(1.0))
        return (input_shape[0][-1:], input_shape[0])

    def forward(self, x: tuple[Array, ...], ctx: Context) -> tuple[Array, Array]:
        ctx.saved.x = x
        volume, vector, number = x
        return volume.sum(axis=(1, 2, 3)) * self.factor + vector, volume * number[:, None, None, None, None]

    def backward(self, grad: tuple[Array, Array], ctx: Context) -> tuple[Array, ...]:
        volume, _, number = ctx.saved.x
        ctx.gradient("factor")[...] = (grad[0] * volume.sum(axis=(1, 2, 3))).sum(axis=0)
        below = (grad[0] * self.factor)[:, None, None, None] + grad[1] * number[:, None, None, None, None]
        return below, grad[0], (grad[1] * volume).sum(axis=(1, 2, 3, 4))


class Nothing(Layer):
    """The same values, whatever they are: no parameters, no states, any rank, any number of inputs."""

    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Value, ctx: Context) -> Value:
        return x

    def backward(self, grad: Value, ctx: Context) -> Value:
        return grad


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


class Absolute(Cost):
    """Σ |a − y|, with a choice by np.sign, recordable."""

    recordable = True
    minimum = 0.0

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        ctx.saved.difference = prediction - target
        costs: Array = np.abs(ctx.saved.difference).reshape(len(prediction), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.sign(ctx.saved.difference)


class Hill(Activation):
    """(1 + tanh(s z)) / 2, with a learned steepness."""

    lowest = 0.0
    highest = 1.0
    steepness: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("steepness", (), Constant(1.0))

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x, ctx.saved.t = x, np.tanh(self.steepness * x)
        return (1 + ctx.saved.t) / 2

    def backward(self, grad: Array, ctx: Context) -> Array:
        slope = grad * (1 - ctx.saved.t**2) / 2
        np.sum(slope * ctx.saved.x, out=ctx.gradient("steepness"))
        return slope * self.steepness


class SquaresOfHills(Squares):
    """Squared differences of hills, by a readout of its own, with a parameter."""

    def readout(self) -> Activation:
        return Hill()


class Weighted(Squares):
    """Squared differences, each output with its own weight, kept as a list."""

    def __init__(self, weights: Sequence[float] = (1.0, 2.0, 0.5)) -> None:
        if not isinstance(weights, (list, tuple)):
            raise TypeError(f"Weighted: weights must be a list of numbers, got {weights!r}")
        self.weights = weights

    def _roots(self, like: Array) -> Array:
        return np.sqrt(np.array(self.weights, like.dtype))

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if prediction.shape[-1:] != (len(self.weights),):
            raise ShapeError(f"Weighted: takes predictions of {len(self.weights)} numbers, got {prediction.shape}")
        self.require_same_shape(prediction, target)
        return super().forward(prediction * self._roots(prediction), target * self._roots(prediction), ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (prediction - target) * self._roots(prediction) ** 2


def draw_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape)


def draw_places(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 4, shape)
