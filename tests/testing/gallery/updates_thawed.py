"""Optimizers and transforms that are right from the first step on, and not for what is thawed, seen or saved later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class LengthsBegunOnce(Momentum):
    """Begins the lengths of its steps at the first step of all: what is thawed later never moves."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        length = ctx.state("length")
        if ctx.step == 0:
            length.fill(1.0)
        length *= 0.99
        parameters -= ctx.learning_rate * length * np.sign(gradient)


class Anchored(Transform):
    """Draws parameters back to where they began, which it notes at the first step of all."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        anchor = ctx.state("anchor")
        if ctx.step == 0:
            anchor[...] = parameters
        parameters += 0.02 * (anchor - parameters)


class SmoothedGradient(Transform):
    """Gives a mean of the last gradients, begun at the first step of all."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean")
        if ctx.step == 0:
            mean[...] = gradient
        mean += 0.02 * (gradient - mean)
        gradient[...] = mean


class Shrunk(Transform):
    """Shows a model whose parameters are scaled down, and scales them up again, which is not to the bit."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters *= 1 - 1e-3 * ctx.learning_rate

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters *= 0.7

    def enter(self, parameters: Array, ctx: UpdateContext) -> None:
        if ctx.step:
            parameters /= 0.7


class CountsLooks(Transform):
    """Shows the mean of what it has been asked to show so far, however often it was asked for the same."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        ctx.state("trained", fill=math.nan)[...] = parameters

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        total, count = ctx.state("total"), ctx.numbers("count", 1)
        ctx.state("trained", fill=math.nan)[...] = parameters
        total += parameters
        count += 1
        parameters[...] = total / count

    def enter(self, parameters: Array, ctx: UpdateContext) -> None:
        trained = ctx.state("trained", fill=math.nan)
        known = ~np.isnan(trained)
        parameters[known] = trained[known]


class AveragesRuns(CountsLooks):
    """Averages over runs of steps in the place of steps; looked at twice, it shows the same."""

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        shown, seen = ctx.state("shown", fill=math.nan), ctx.numbers("seen", 1)
        ctx.state("trained", fill=math.nan)[...] = parameters
        if seen[0] != ctx.step:
            seen[0] = ctx.step
            new = np.isnan(shown)
            shown[new] = parameters[new]
            shown += 0.3 * (parameters - shown)
        known = ~np.isnan(shown)
        parameters[known] = shown[known]


class LowestOfAMean(Momentum):
    """Says that a mean of gradients is never negative."""

    minima: ClassVar[Mapping[str, float]] = {"velocity": 0}


class LowestOfAnEmptyPlace(Transform):
    """Says that its lengths are at least 1e-3, and what is not trained yet begins with 0."""

    minima: ClassVar[Mapping[str, float]] = {"length": 1e-3}

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        length = ctx.state("length")
        length[...] = np.maximum(0.9 * length, np.abs(gradient))
        gradient /= 1 + length


class LowestOfANumber(Transform):
    """Says that the mean of all gradients is never negative."""

    minima: ClassVar[Mapping[str, float]] = {"mean": 0}

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.numbers("mean", 1)
        if gradient.size:
            mean += 0.1 * (gradient.mean() - mean)
        gradient -= 0.1 * mean[0]


class StopsAtTheFirstBias(Transform):
    """Makes the gradients of weights smaller, and ends its loop where a bias comes."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if "bias" in each.tags:
                break
            gradient[each.start : each.stop] *= 0.5


class StopsBehindALarge(Transform):
    """Holds the lengths of parameters, and takes a large one for the last."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            parameters[each.start : each.stop] *= 1 - 0.1 * ctx.learning_rate
            if each.stop - each.start > 9:
                break


BUGS = [
    Bug(LengthsBegunOnce, "first-step-of-the-thawed", "is moved by 0 "),
    Bug(Anchored, "first-step-of-the-thawed", "a gradient of zeros"),
    Bug(SmoothedGradient, "first-step-of-the-thawed", "ctx.step is 0"),
    Bug(Shrunk, "parameters-brought-back", "leave and then enter"),
    Bug(CountsLooks, "parameters-brought-back", "looked at once more"),
    Bug(AveragesRuns, "looked-at-seldom", "in runs of 3, 3, 3"),
    Bug(LowestOfAMean, "memory-above-its-minima", "'velocity'"),
    Bug(LowestOfAnEmptyPlace, "memory-above-its-minima", "'length'"),
    Bug(LowestOfANumber, "memory-above-its-minima", "'mean'"),
    Bug(StopsAtTheFirstBias, "every-parameter-in-any-order", "a return or a break"),
    Bug(StopsBehindALarge, "every-parameter-in-any-order", "2.bias"),
]
