"""Optimizers and transforms whose correction for the first steps goes by one count for all parameters.

What is thawed later has means that begin at 0, and no correction of its own. Beside them, those that count for each.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class CountsPlaces(Momentum):
    """Adam that counts the steps of each place."""

    betas: ClassVar[tuple[float, float]] = 0.9, 0.999

    def counted(self, ctx: UpdateContext) -> Array:
        count = ctx.state("count")
        count += 1
        return count

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count, (beta1, beta2) = self.counted(ctx), self.betas
        mean, square = ctx.state("mean"), ctx.state("square")
        mean += (1 - beta1) * (gradient - mean)
        square += (1 - beta2) * (gradient**2 - square)
        spread = self.spread(square, ctx) / (1 - beta2**count)
        parameters -= ctx.learning_rate * mean / (1 - beta1**count) / (np.sqrt(spread) + 1e-8)

    def spread(self, square: Array, ctx: UpdateContext) -> Array:
        return square


class CountsParameters(CountsPlaces):
    """Adam that counts the steps of each parameter."""

    def counted(self, ctx: UpdateContext) -> Array:
        count = ctx.slice_numbers("count")
        count += 1
        repeated: Array = np.repeat(count, [each.stop - each.start for each in ctx.slices])
        return repeated.astype(ctx.scratch.dtype)


class CountsSteps(CountsPlaces):
    """Adam that counts steps once for all."""

    def counted(self, ctx: UpdateContext) -> Array:
        count = ctx.numbers("count", 1)
        count += 1
        return count.astype(ctx.scratch.dtype)


class ForgetsSooner(CountsSteps):
    """The same with a second mean over 100 steps."""

    betas = 0.9, 0.99


class CountsTheFirst(CountsPlaces):
    """Adam that counts for each parameter, and takes the count of the first for all."""

    def counted(self, ctx: UpdateContext) -> Array:
        count = ctx.slice_numbers("count")
        count += 1
        return count[:1].astype(ctx.scratch.dtype)


class CountsTheLargest(CountsSteps):
    """AMSGrad that counts steps once for all."""

    def spread(self, square: Array, ctx: UpdateContext) -> Array:
        largest = ctx.state("largest")
        np.maximum(largest, square, out=largest)
        return largest


class CorrectsTheMean(CountsSteps):
    """Momentum as a mean, corrected for its first steps by one count for all: what is thawed later hardly moves."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean")
        mean += 0.1 * (gradient - mean)
        parameters -= ctx.learning_rate * mean / (1 - 0.9 ** self.counted(ctx))


class CorrectsTheSquares(CountsSteps):
    """RMSProp, corrected for its first steps by one count for all."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        square = ctx.state("square")
        square += 0.01 * (gradient**2 - square)
        corrected = square / (1 - 0.99 ** self.counted(ctx))
        parameters -= ctx.learning_rate * gradient / (np.sqrt(corrected) + 1e-8)


class LooksAheadOnce(CountsSteps):
    """Nadam whose product of momenta is one for all."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count, lost = self.counted(ctx), ctx.numbers("lost", 1)
        mean, square = ctx.state("mean"), ctx.state("square")
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient**2 - square)
        now, following = (0.9 * (1 - 0.5 * 0.96 ** (0.004 * step)) for step in (count, count + 1))
        lost[0] = 1 - (1 - lost[0]) * now[0]
        move = following * mean / (1 - (1 - lost[0]) * (1 - following)) + (1 - now) * gradient / lost[0]
        parameters -= ctx.learning_rate * move / (np.sqrt(square / (1 - 0.999**count)) + 1e-8)


class DividesByASize(Transform):
    """Divides a gradient by its usual size, the mean of which is corrected for its first steps by one count for all."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        size, count = ctx.state("size"), ctx.numbers("count", 1)
        count += 1
        size += 0.02 * (np.abs(gradient) - size)
        gradient /= 1e-3 + size / (1 - 0.98 ** count[0])


class RatesThatRise(Momentum):
    """Plain descent with a rate that rises over the first ten steps of all."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count = ctx.numbers("count", 1)
        count += 1
        parameters -= ctx.learning_rate * min(1.0, count[0] / 10) * gradient


class RatesThatFall(Momentum):
    """Plain descent with a rate that falls as one over the steps of all."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count = ctx.numbers("count", 1)
        count += 1
        parameters -= ctx.learning_rate * 20 / (20 + count[0]) * gradient


class Uncorrected(Momentum):
    """RMSProp with momentum: its means begin at 0 and are not corrected, for whatever is thawed when."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean, square = ctx.state("mean"), ctx.state("square")
        square += 0.01 * (gradient**2 - square)
        mean *= 0.9
        mean += gradient / (np.sqrt(square) + 1e-8)
        parameters -= ctx.learning_rate * mean


_ONCE = "one count for all parameters"
BUGS = [
    Bug(CountsSteps, "first-step-of-the-thawed", _ONCE),
    Bug(ForgetsSooner, "first-step-of-the-thawed", _ONCE),
    Bug(CountsTheFirst, "layers-frozen", "ctx.slice_numbers"),
    Bug(CountsTheLargest, "first-step-of-the-thawed", _ONCE),
    Bug(CorrectsTheMean, "first-step-of-the-thawed", _ONCE),
    Bug(CorrectsTheSquares, "first-step-of-the-thawed", _ONCE),
    Bug(LooksAheadOnce, "first-step-of-the-thawed", _ONCE),
    Bug(DividesByASize, "first-step-of-the-thawed", _ONCE),
]
SLOW: dict[str, Any] = {"learning_rate": 0.01}
SOUND: tuple[tuple[type, dict[str, Any]], ...] = (
    (CountsPlaces, SLOW),
    (CountsParameters, SLOW),
    (RatesThatRise, {}),
    (RatesThatFall, {}),
    (Uncorrected, SLOW),
)
