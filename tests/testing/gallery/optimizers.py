"""Optimizers and transforms that move wrongly, or forget."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Schedule, Transform, UpdateContext
from layerkit.arguments import check_number
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum, momentum_reference


class Uphill(Momentum):
    """Goes along the gradient."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters += ctx.learning_rate * gradient


class OwnRate(Momentum):
    """Takes the rate of its argument, so schedules do nothing."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        rate = self.learning_rate if isinstance(self.learning_rate, float) else 0.1
        parameters -= rate * gradient


class NegativeRate(Momentum):
    """Takes a negative rate."""

    def __init__(self, learning_rate: float = 0.1) -> None:
        given: Any = learning_rate
        if not isinstance(given, (Schedule, float, int)) or repr(given) in ("nan", "inf"):
            raise ValueError(f"learning_rate must be a number, got {given!r}")
        self.learning_rate = learning_rate


class NotInPlace(Momentum):
    """Makes new parameters, and leaves the old."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters = parameters - ctx.learning_rate * gradient


class ScalesGradient(Momentum):
    """Scales the gradient in place."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient *= ctx.learning_rate
        parameters -= gradient


class VelocityOnSelf(Momentum):
    """The velocity is kept on self."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = self.__dict__.setdefault("velocity", np.zeros_like(parameters))
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


class MomentumTwice(Momentum):
    """Momentum is applied twice."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.state("velocity")
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * (gradient + 0.9 * velocity)


class MemoryInScratch(Momentum):
    """The velocity is kept in scratch memory."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.scratch("velocity", gradient.shape)
        if ctx.step == 0:
            velocity[...] = 0
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


class AlwaysDecays(Momentum):
    """Decays the parameters whatever the rate."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        super().update(parameters, gradient, ctx)
        parameters *= 0.999


class WideMemory(Momentum):
    """Remembers in float64, whatever the model's dtype."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        largest = ctx.state("largest")
        ctx._flat["largest"] = np.maximum(largest, np.abs(gradient)).astype(np.float64)
        parameters -= ctx.learning_rate * gradient


class NeedsParameters(Momentum):
    """Divides by the largest gradient, of which there may be none."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= ctx.learning_rate * gradient / (1e-12 + np.abs(gradient).max())


class HidesNan(Momentum):
    """Declares that NaN leaves a trace, and takes only the gradient's clipped value."""

    keeps_non_finite = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= ctx.learning_rate * np.clip(np.nan_to_num(gradient), -1, 1)


class Halve(Transform):
    """g ← factor · g."""

    def __init__(self, factor: float = 0.5) -> None:
        check_number(self, "factor", factor, minimum=0)
        self.factor = factor

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient *= self.factor


class NewGradient(Halve):
    """Makes a new gradient, and leaves the old."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient = self.factor * gradient


class DividesByNorm(Halve):
    """Gives every gradient length 1."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient /= np.linalg.norm(gradient)


class MovesTooEarly(Halve):
    """Changes the parameters before the update."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        super().before(parameters, gradient, ctx)
        parameters *= 0.99


class Misspelt(Transform):
    """Its method is never called."""

    def before_update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient *= 0.5


class WrongFactor(Halve):
    """Halves twice."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient *= self.factor**2


class AverageOnSelf(Halve):
    """Averages gradients on self."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        average = self.__dict__.setdefault("average", np.zeros_like(gradient))
        average *= 0.5
        average += gradient
        gradient[...] = average


BUGS = [
    Bug(Uphill, "quadratic-falls", "against"),
    Bug(OwnRate, "follows-the-learning-rate", "ctx.learning_rate"),
    Bug(NegativeRate, "refuses-bad-rates", "does not check"),
    Bug(NotInPlace, "moves-in-place", "new array"),
    Bug(ScalesGradient, "gradient-unchanged", "in-place"),
    Bug(VelocityOnSelf, "state-restored", "ctx.state"),
    Bug(VelocityOnSelf, "runs-apart", "ctx.state"),
    Bug(MomentumTwice, "reference-steps", "applied twice", {"reference": momentum_reference}),
    Bug(MemoryInScratch, "scratch-reused", "ctx.state"),
    Bug(AlwaysDecays, "zero-rate-moves-nothing", "does not scale"),
    Bug(WideMemory, "moves-in-place", "ctx.state"),
    Bug(NeedsParameters, "nothing-to-move", "no values"),
    Bug(HidesNan, "keeps-non-finite", "clipped"),
    Bug(NewGradient, "works-in-place", "new array"),
    Bug(DividesByNorm, "zero-gradient", "norm"),
    Bug(MovesTooEarly, "parameters-read-in-before", "after"),
    Bug(Misspelt, "does-something", "misspelt"),
    Bug(WrongFactor, "reference-steps", "formula", {"reference": lambda p, g, rate: (0.5 * g, p)}),
    Bug(AverageOnSelf, "state-restored", "ctx.state"),
]
