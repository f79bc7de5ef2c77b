"""Components that work in the middle of what an argument may be, and not at its end."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Cost, Initializer, Layer, Optimizer, Schedule, UpdateContext
from layerkit.arguments import check_integer, check_learning_rate, check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, DType, Shape
from tests.testing.gallery.bug import Bug


class Delayed(Layer):
    """y of a step is x of so many steps before, and 0 where there is none."""

    def __init__(self, steps: int = 1) -> None:
        check_integer(self, "steps", steps, minimum=0)
        self.steps = steps

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"{type(self).__name__}: takes sequences (time, features), got {input_shape}")
        return input_shape

    def kept(self, length: int) -> int:
        """How many steps stay."""
        return max(length - self.steps, 0)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(x)
        if mask is not None and not mask.all():
            raise ShapeError(f"{type(self).__name__}: takes no masks")
        y = np.zeros_like(x)
        y[:, self.steps :] = x[:, : self.kept(x.shape[1])]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros_like(grad)
        below[:, : self.kept(grad.shape[1])] = grad[:, self.steps :]
        return below


class DelayedByMinusSteps(Delayed):
    """Counts from the end, where −0 is the beginning."""

    def kept(self, length: int) -> int:
        return -self.steps


class Dropped(Layer):
    """y = x m / (1 − rate), one m a row; 0 where the rate is 1."""

    stochastic = True

    def __init__(self, rate: float = 0.5) -> None:
        check_number(self, "rate", rate, minimum=0, maximum=1)
        self.rate = rate

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def size(self) -> float:
        return 0.0 if self.rate == 1 else 1 / (1 - self.rate)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.factor = None
        if not ctx.training:
            return x
        drawn = ctx.rng.random((len(x), *[1] * (x.ndim - 1)))
        ctx.saved.factor = ((drawn >= self.rate) * self.size()).astype(x.dtype)
        y: Array = x * ctx.saved.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad if ctx.saved.factor is None else grad * ctx.saved.factor
        return below


class DroppedByDivision(Dropped):
    """Divides by 1 − rate, whatever that is."""

    def size(self) -> float:
        return float(np.float64(1) / (1 - self.rate))


class Powers(Cost):
    """Σ |a − y|^p / p, of at least 1e-6."""

    def __init__(self, *, power: float = 1.5) -> None:
        check_number(self, "power", power, minimum=0)
        self.power = power

    def costs(self, size: Array) -> Array:
        costs: Array = np.log(size) if self.power == 0 else size**self.power / self.power
        return costs

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        if ctx.mask_over(prediction) is not None:
            raise ShapeError(f"{type(self).__name__}: takes no masks")
        ctx.saved.difference = prediction - target
        size = np.maximum(np.abs(ctx.saved.difference), 1e-6)
        costs: Array = self.costs(size).reshape(len(size), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        difference = ctx.saved.difference
        size = np.abs(difference)
        slope = np.sign(difference) * np.maximum(size, 1e-6) ** (self.power - 1)
        below: Array = np.where(size > 1e-6, slope, 0)
        return below


class PowersByDivision(Powers):
    """Divides by the power, which may be 0."""

    def costs(self, size: Array) -> Array:
        costs: Array = size**self.power / np.asarray(self.power, size.dtype)
        return costs


class Rising(Schedule):
    """From 0 to 0.1 in so many steps; 0.1 at once where it is one step."""

    def __init__(self, *, length: int = 5) -> None:
        check_integer(self, "length", length, minimum=1)
        self.length = length

    def part(self, step: int) -> float:
        return step / max(self.length - 1, 1) if step else float(self.length == 1)

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return 0.1 * min(self.part(step), 1.0)


class RisingFromOne(Rising):
    """Divides by the number of steps between the first and the last."""

    def part(self, step: int) -> float:
        return step / (self.length - 1)


class Corrected(Optimizer):
    """m ← β m + (1 − β) g; θ ← θ − η m / (1 − βᵗ), t of each parameter; nothing moves where β is 1."""

    def __init__(self, learning_rate: float = 0.01, *, momentum: float = 0.9) -> None:
        check_learning_rate(self, learning_rate)
        check_number(self, "momentum", momentum, minimum=0, maximum=1)
        self.learning_rate = learning_rate
        self.momentum = momentum

    def share(self, count: float) -> float:
        return 1.0 if self.momentum == 1 else float(1 - self.momentum**count)

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean, counts = ctx.state("mean"), ctx.slice_numbers("count")
        counts += 1
        mean *= self.momentum
        mean += (1 - self.momentum) * gradient
        for stretch, blocks in ctx.blocks_by(counts, parameters, mean):
            share = self.share(float(counts[stretch.start]))
            for values, kept in blocks:
                np.subtract(values, ctx.learning_rate / share * kept, out=values)


class CorrectedByDivision(Corrected):
    """Divides by 1 − βᵗ, whatever that is."""

    def share(self, count: float) -> float:
        return float(1 - self.momentum**count)


class Few(Initializer):
    """Numbers of which a share is 0, and the others normal with variance 1 / (fan_in (1 − share)), or 0."""

    def __init__(self, *, share: float = 0.5) -> None:
        check_number(self, "share", share, minimum=0, maximum=1)
        self.share = share

    def deviation(self, fan_in: int) -> float:
        return 0.0 if self.share == 1 else float((fan_in * (1 - self.share)) ** -0.5)

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        drawn = (rng.random(shape) >= self.share) * rng.standard_normal(shape) * self.deviation(fan_in)
        return np.asarray(drawn).astype(dtype)


class FewByDivision(Few):
    """Divides by 1 − share, whatever that is."""

    def deviation(self, fan_in: int) -> float:
        return float((fan_in * (1 - self.share)) ** -0.5)


_CHECK = "arguments-at-their-ends"
_STEPS: dict[str, Any] = {"input_shapes": [(4, 2)]}
_SEVERAL: dict[str, Any] = {"input_shapes": [(3,)]}
BUGS = [
    Bug(DelayedByMinusSteps, _CHECK, "with steps=0", _STEPS),
    Bug(DroppedByDivision, _CHECK, "with rate=1.0", _SEVERAL),
    Bug(PowersByDivision, _CHECK, "with power=0.0", _SEVERAL),
    Bug(RisingFromOne, _CHECK, "with length=1"),
    Bug(CorrectedByDivision, _CHECK, "with momentum=1.0"),
    Bug(FewByDivision, _CHECK, "with share=1.0"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (Delayed, _STEPS),
    (Dropped, _SEVERAL),
    (Powers, _SEVERAL),
    (Rising, {}),
    (Corrected, {}),
    (Few, {}),
]
