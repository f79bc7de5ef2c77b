"""Optimizers and transforms that are wrong under gradients that stay, grow or lie on a line, and in what they draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class Variance(Momentum):
    """Divides by the deviation of the gradient, which is a difference that falls below 0 by rounding."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        square, mean = ctx.state("square"), ctx.state("mean")
        square *= 0.9
        square += 0.1 * gradient**2
        mean *= 0.9
        mean += 0.1 * gradient
        parameters -= ctx.learning_rate * gradient / np.sqrt(self.spread(square - mean**2) + 1e-8)

    def spread(self, difference: Array) -> Array:
        return difference


class VarianceAboveNothing(Variance):
    """The same, of a difference that is held above 0."""

    def spread(self, difference: Array) -> Array:
        return np.maximum(difference, 0)


class Longer(Momentum):
    """Takes longer steps as long as the gradient keeps its sign."""

    most = math.inf

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        lengths, last = ctx.state("lengths", 1.0), ctx.state("last")
        lengths *= np.where(last * gradient > 0, 1.5, np.where(last * gradient < 0, 0.5, 1)).astype(lengths.dtype)
        np.clip(lengths, 1e-3, self.most, out=lengths)
        last[...] = gradient
        parameters -= ctx.learning_rate * lengths * np.sign(gradient)


class LongerToABound(Longer):
    """The same, up to fifty times the rate."""

    most = 50.0


class Curved(Momentum):
    """Divides the step by the curvature between this step and the last, negative ones too."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        place, slope, begun = ctx.state("place"), ctx.state("slope"), ctx.state("begun")
        moved, turned = begun * (parameters - place), begun * (gradient - slope)
        bend = float(moved @ turned)
        length = self.length(float(moved @ moved) / bend) if bend else 1.0
        place[...], slope[...], begun[...] = parameters, gradient, 1
        parameters -= ctx.learning_rate * length * gradient

    def length(self, quotient: float) -> float:
        return min(quotient, 10.0)


class CurvedDownhill(Curved):
    """The same, by the size of the curvature."""

    def length(self, quotient: float) -> float:
        return min(abs(quotient), 10.0)


def curved_reference(parameters: Array, gradients: Sequence[Array], rate: float) -> Array:
    """Where the steps by the size of the curvature lead."""
    last: Any = None
    for gradient in gradients:
        length = 1.0
        if last is not None:
            moved, turned = parameters - last[0], gradient - last[1]
            length = min(abs(float(moved @ moved) / float(moved @ turned)), 10.0)
        last = parameters, gradient
        parameters = parameters - rate * length * gradient
    return parameters


class OwnNoise(Transform):
    """Adds noise by a generator that is made in each step, with the step for its seed."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient += 0.1 * self.generator(ctx).standard_normal(gradient.size, gradient.dtype)

    def generator(self, ctx: UpdateContext) -> np.random.Generator:
        return np.random.default_rng(ctx.step)


class NoiseOfTheRun(OwnNoise):
    """The same by the generator of the run, in the dtype of the model."""

    def generator(self, ctx: UpdateContext) -> np.random.Generator:
        return ctx.rng


class OwnHalves(Momentum):
    """Stretches the steps by random numbers of a generator of its own, for each step another."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= ctx.learning_rate * self.shares(ctx, len(parameters)) * gradient

    def shares(self, ctx: UpdateContext, size: int) -> Array:
        return np.random.Generator(np.random.PCG64(17 + ctx.step)).random(size)


class OneProjection(OwnHalves):
    """The same by shares that are the same in every step, of every run."""

    def shares(self, ctx: UpdateContext, size: int) -> Array:
        return 0.5 + np.random.default_rng(3).random(size)


class HeldToWhatItBecame(Transform):
    """Holds the gradient to twice the mean norm so far, of what it became: nothing at first, so nothing for ever."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        totals, norm = ctx.numbers("totals", 2), float(np.linalg.norm(gradient))
        limit = self.limit(totals, norm)
        if norm > limit:
            gradient *= limit / norm
        totals += [min(norm, limit), 1]

    def limit(self, totals: Array, norm: float) -> float:
        return float(2 * totals[0] / max(totals[1], 1))


class HeldToWhatItWas(HeldToWhatItBecame):
    """The same with the norm of this step among them: what stands out is held, and nothing else."""

    def limit(self, totals: Array, norm: float) -> float:
        return float(2 * (totals[0] + norm) / (totals[1] + 1))


class HeldToTheMedian(Transform):
    """Holds the gradient to the median norm of the last 20 steps: what is thawed changes it for all."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        norms, count = ctx.numbers("norms", 20), ctx.numbers("count", 1)
        norm = float(np.linalg.norm(gradient))
        norms[int(count[0]) % 20] = norm
        count[0] += 1
        limit = float(np.median(norms[: min(int(count[0]), 20)]))
        if norm > limit:
            gradient *= limit / norm


class Centres(Transform):
    """Takes the mean over the inputs off the gradient, for vectors too: that of a single bias is 0 for ever."""

    axes = 1

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) >= self.axes:
                part = gradient[each.start : each.stop].reshape(each.shape)
                part -= part.mean(axis=0)


class CentresMatrices(Centres):
    """The same for matrices alone, those of a single input too."""

    axes = 2


BUGS = [
    Bug(Variance, "steady-gradients", "max(…, 0)"),
    Bug(Longer, "steady-gradients", "without a bound"),
    Bug(Curved, "reference-steps", "by one gradient, 1, 2, 4", {"reference": curved_reference}),
    Bug(OwnNoise, "draws-from-the-context", "ctx.step for its seed"),
    Bug(OwnHalves, "draws-from-the-context", "ctx.rng is as it was"),
    Bug(HeldToWhatItBecame, "gradients-get-through", "all gradients become 0"),
    Bug(Centres, "gradients-get-through", "a single number"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    *((optimizer, {}) for optimizer in (VarianceAboveNothing, LongerToABound, OneProjection)),
    (CurvedDownhill, {"reference": curved_reference}),
    *((transform, {}) for transform in (NoiseOfTheRun, HeldToWhatItWas, HeldToTheMedian, CentresMatrices)),
]
