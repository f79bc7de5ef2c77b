"""Components that are right for the arguments of their case, and not for others, or not for those assigned later."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Context, Cost, Layer
from layerkit.arguments import check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug


class Thinned(Layer):
    """Sets values to 0 with a probability, in training; with a rate of 0 there is nothing to draw."""

    stochastic = True

    def __init__(self, rate: float = 0.4) -> None:
        check_number(self, "rate", rate, minimum=0, below=1)
        self.rate = rate

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forget(self, ctx: Context) -> None:
        ctx.saved.kept = None

    def forward(self, x: Array, ctx: Context) -> Array:
        if not (ctx.training and self.rate):
            self.forget(ctx)
            return x
        ctx.saved.kept = ((ctx.rng.random(x.shape) >= self.rate) / (1 - self.rate)).astype(x.dtype)
        y: Array = x * ctx.saved.kept
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        kept = getattr(ctx.saved, "kept", None)
        below: Array = grad if kept is None else grad * kept
        return below


class ThinnedAsBefore(Thinned):
    """Leaves what an earlier pass drew on the context, and goes by it."""

    def forget(self, ctx: Context) -> None:
        """Nothing."""


class Steepened(Layer):
    """y = x · steepness, which is worked out at the first pass."""

    def __init__(self, steepness: float = 1.5) -> None:
        check_number(self, "steepness", steepness)
        self.steepness = steepness

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def factor(self, ctx: Context) -> float:
        return float(np.exp(self.steepness))

    def slope(self) -> float:
        return float(np.exp(self.steepness))

    def forward(self, x: Array, ctx: Context) -> Array:
        return x * self.factor(ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.slope()


class SteepenedOnce(Steepened):
    """Keeps the factor of the first pass."""

    def factor(self, ctx: Context) -> float:
        if not hasattr(ctx.saved, "factor"):
            ctx.saved.factor = super().factor(ctx)
        return float(ctx.saved.factor)


class SteepenedByDefault(Steepened):
    """Goes back by the default."""

    def slope(self) -> float:
        return float(np.exp(1.5))


class Below(Activation):
    """z where it is positive, −depth (1 − e^z) where it is not."""

    elementwise = True
    kinks = (0.0,)

    def __init__(self, depth: float = 1.0) -> None:
        check_number(self, "depth", depth, above=0)
        self.depth = depth
        self.declare_range()

    def declare_range(self) -> None:
        self.lowest = -float(self.depth)

    def depth_of_slope(self) -> float:
        return self.depth

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.where(x > 0, x, self.depth * np.expm1(np.minimum(x, 0)))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, np.ones_like(z), self.depth_of_slope() * np.exp(np.minimum(z, 0)))


class BelowOne(Below):
    """Declares on the class how far outputs go, which an argument decides."""

    lowest = -1.0

    def declare_range(self) -> None:
        """Nothing."""


class Weighed(Cost):
    """Σ w (a − y)², for one weight w."""

    minimum = 0.0

    def __init__(self, weight: float = 1.0) -> None:
        check_number(self, "weight", weight, minimum=0)
        self.weight = weight

    def slope(self) -> float:
        return 2 * self.weight

    def prepare(self, ctx: Context) -> None:
        ctx.saved.weight = self.weight

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.prepare(ctx)
        self.require_same_shape(prediction, target)
        if ctx.mask_over(prediction) is not None:
            raise ShapeError(f"{type(self).__name__}: takes no masks")
        costs: Array = ctx.saved.weight * ((prediction - target) ** 2).reshape(len(target), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return self.slope() * (prediction - target)


class WeighedOnce(Weighed):
    """Keeps the weight of the first batch."""

    def prepare(self, ctx: Context) -> None:
        if not hasattr(ctx.saved, "weight"):
            super().prepare(ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        below: Array = 2 * ctx.saved.weight * (prediction - target)
        return below


class UnweightedSlope(Weighed):
    """Forgets the weight, which is 1 by default."""

    def slope(self) -> float:
        return 2.0


_VECTORS: dict[str, Any] = {"input_shapes": [(4,)]}
BUGS = [
    Bug(WeighedOnce, "arguments-obeyed-later", "after weight=2.3 was assigned"),
    Bug(ThinnedAsBefore, "arguments-read-anew", "after rate=0 was assigned", _VECTORS),
    Bug(SteepenedOnce, "arguments-read-anew", "kept on ctx.saved", _VECTORS),
    Bug(SteepenedByDefault, "arguments-elsewhere", "with steepness=3.3", _VECTORS),
    Bug(BelowOne, "declared-elsewhere", "with depth=2.3", _VECTORS),
    Bug(UnweightedSlope, "arguments-elsewhere", "with weight=2.3"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (Thinned, _VECTORS),
    (Steepened, _VECTORS),
    (Below, _VECTORS),
    (Weighed, {}),
]
