"""Schedules that look elsewhere than at the step, and initializers that draw less than they should."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from layerkit import UpdateContext
from layerkit.types import Array, DType
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.numbers import VARIANCE, Halving, Lecun


class ContextsStep(Halving):
    """Looks at the context's step instead of the one that is asked for."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return super().rate(ctx.step, ctx)


class FromTheLastRate(Halving):
    """Lowers the rate that was in force."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return self.initial if step == 0 else 0.99 * ctx.learning_rate


class CountsInNumbers(Halving):
    """Counts its calls on the context."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        calls = ctx.numbers("calls", 1)
        calls += 1
        return super().rate(int(calls[0]) - 1, ctx)


class Jitters(Halving):
    """Draws a little noise."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return super().rate(step, ctx) * (1 + 0.01 * float(ctx.rng.random()))


class BySizeOfTheModel(Halving):
    """Divides by how many parameters there are."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return super().rate(step, ctx) / math.sqrt(ctx.slices[-1].stop)


class ByTheKernelsRows(Lecun):
    """Takes the last axis but one for the fan, which it is in matrices alone."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        fan = fan_in if len(shape) < 3 else shape[-2]
        return super().initialize(shape, rng, dtype, fan, fan_out)


class AmongTheInputs(Lecun):
    """Leaves out some of the weights of each unit, counted by its inputs and not by the rows that there are."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        drawn = super().initialize(shape, rng, dtype, fan_in, fan_out)
        for column in range(shape[-1] if len(shape) > 1 and drawn.size else 0):
            drawn[rng.permutation(fan_in)[: fan_in // 2], ..., column] = 0
        return drawn


class OneRow(Lecun):
    """Draws one row, and repeats it."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        row = super().initialize(shape[-1:], rng, dtype, fan_in, fan_out)
        return np.broadcast_to(row, shape).copy()


class OneColumn(Lecun):
    """Draws one column, and repeats it."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        column = super().initialize((*shape[:-1], 1)[-max(len(shape), 1) :], rng, dtype, fan_in, fan_out)
        return np.broadcast_to(column if shape else column[0], shape).copy()


class FromTheBeginning(Lecun):
    """Draws from a copy of the generator, so that the next one draws the same."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return super().initialize(shape, copy.deepcopy(rng), dtype, fan_in, fan_out)


class Scalar(Lecun):
    """Gives a number for an array without axes."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Any:
        drawn = rng.standard_normal(shape) * math.sqrt(1 / fan_in)
        return drawn.astype(dtype)


class VectorsByTheirLength(Lecun):
    """Divides by the length of a vector, whatever it is told."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return super().initialize(shape, rng, dtype, math.prod(shape) // shape[-1] if shape else 1, fan_out)


class HalvesEachEpoch(Halving):
    """Halves the rate after each epoch, and takes a stream's steps for epochs."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return self.initial / (1 + step // (ctx.steps_per_epoch or 1))


class OneMaskForAll(Lecun):
    """Sets the same places of each row to 0, half of them, drawn once."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        values = np.array(super().initialize(shape, rng, dtype, fan_in, fan_out))
        return np.asarray(values * (rng.random(shape[-1:]) < 0.5), dtype)


BUGS = [
    Bug(AmongTheInputs, "shape-and-dtype", "taken for the length of an axis"),
    Bug(HalvesEachEpoch, "without-an-epochs-length", "epochs of one step"),
    Bug(OneMaskForAll, "places-differ", "one mask"),
    Bug(ContextsStep, "step-alone", "ctx.step"),
    Bug(FromTheLastRate, "step-alone", "ctx.learning_rate"),
    Bug(CountsInNumbers, "no-memory", "counts its calls"),
    Bug(Jitters, "no-memory", "ctx.rng"),
    Bug(BySizeOfTheModel, "step-alone", "ctx.slices"),
    Bug(ByTheKernelsRows, "variance", "the shape is used", VARIANCE),
    Bug(VectorsByTheirLength, "variance", "the shape is used", VARIANCE),
    Bug(OneRow, "places-differ", "rows"),
    Bug(OneColumn, "places-differ", "columns"),
    Bug(FromTheBeginning, "seeds", "next draw"),
    Bug(Scalar, "shape-and-dtype", "a NumPy scalar, not an array"),
]
