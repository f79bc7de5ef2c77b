"""Optimizers and transforms that are right for short vectors, usual rates and what is trained from the start."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class CorrectsByTheStep(Momentum):
    """Adam without the mean, corrected by ctx.step: what is thawed later makes steps that are too long."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        square = ctx.state("square")
        square += 0.01 * (gradient**2 - square)
        corrected = square / (1 - 0.99 ** (ctx.step + 1))
        parameters -= ctx.learning_rate * gradient / (np.sqrt(corrected) + 1e-8)


class GoesBackToNothing(Transform):
    """Lookahead whose slow weights are begun once for all: what is thawed later goes half of the way to 0."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        slow, begun = ctx.state("slow"), ctx.numbers("begun", 1)
        if not begun[0]:
            slow[...] = parameters
            begun[0] = 1
        elif (ctx.step + 1) % 5 == 0:
            parameters[...] = slow + 0.5 * (parameters - slow)
            slow[...] = parameters


class LengthsOfBlocks(Momentum):
    """Divides the gradient by its length, which it takes of each block."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for block, slope in ctx.blocks(parameters, gradient):
            block[...] -= ctx.learning_rate / (1e-12 + float(np.linalg.norm(slope))) * slope


class SaysBounded(Momentum):
    """Says that the rate alone limits its steps."""

    bounded_steps: ClassVar[bool] = True


class BoundedAtFirst(Momentum):
    """Divides by the first gradient's size alone, and says that its steps are bounded."""

    bounded_steps: ClassVar[bool] = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        size = ctx.state("size")
        size[size == 0] = np.abs(gradient)[size == 0]
        parameters -= ctx.learning_rate * gradient / (size + 1e-12)


class RoundsBack(Transform):
    """Shows a mean of the parameters, and comes back by adding what it took off, which rounds."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean", fill=math.nan)
        np.copyto(mean, parameters, where=np.isnan(mean))
        mean += 0.25 * (parameters - mean)

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        mean, away = ctx.state("mean", fill=math.nan), ctx.state("away")
        away[...] = np.where(np.isnan(mean), 0, parameters - mean)
        parameters -= away

    def enter(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters += ctx.state("away")


class DividesByTheRate(Transform):
    """Holds a step's length, for which it divides by the rate."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient *= min(1.0, np.float64(0.01) / (ctx.learning_rate * np.abs(gradient).max(initial=1e-12)))
        gradient *= ctx.learning_rate / np.float64(ctx.learning_rate)


class CountsEpochs(Transform):
    """Halves the gradient from the second epoch on."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        length = ctx.steps_per_epoch
        gradient *= 0.5 if ctx.step >= length else 0.9  # type: ignore[operator]


class CountsEpochsToMove(Momentum):
    """Makes longer steps from the second epoch on."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        epoch = ctx.step // ctx.steps_per_epoch  # type: ignore[operator]
        parameters -= ctx.learning_rate * (1 + 0.1 * min(epoch, 1)) * gradient


class ClipsToNothing(Transform):
    """Adaptive clipping: a gradient is at most a tenth as long as its parameter, even where that is 0."""

    least = 0.0

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            own = slice(each.start, each.stop)
            most = 0.1 * max(float(np.linalg.norm(parameters[own])), self.least)
            gradient[own] *= min(1.0, most / max(float(np.linalg.norm(gradient[own])), 1e-12))


BUGS = [
    Bug(CorrectsByTheStep, "first-step-of-the-thawed", "at its step"),
    Bug(GoesBackToNothing, "first-step-of-the-thawed", "gradient of zeros"),
    Bug(LengthsOfBlocks, "long-vectors", "ctx.blocks"),
    Bug(SaysBounded, "bounded-steps", "from the first step on"),
    Bug(BoundedAtFirst, "bounded-steps", "small ones"),
    Bug(RoundsBack, "parameters-brought-back", "rounds"),
    Bug(DividesByTheRate, "rate-of-zero", "division"),
    Bug(CountsEpochs, "without-an-epochs-length", "None"),
    Bug(CountsEpochsToMove, "without-an-epochs-length", "None"),
    Bug(ClipsToNothing, "every-place-changes", "0 at first"),
]
