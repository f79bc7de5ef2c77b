"""Schedules, initializers and metrics whose numbers are wrong."""

from __future__ import annotations

import math

import numpy as np

from layerkit import Context, Initializer, Metric, Schedule, UpdateContext
from layerkit.arguments import check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, DType
from tests.testing.gallery.bug import Bug


class Halving(Schedule):
    """Half the rate every ten steps."""

    def __init__(self, initial: float = 1.0) -> None:
        check_number(self, "initial", initial, minimum=0)
        self.initial = initial

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return float(self.initial * 0.5 ** min(step // 10, 1000))


class OffByOne(Halving):
    """Counts steps from 1."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return super().rate(step + 1, ctx)


class CountsCalls(Halving):
    """Counts how often it is asked."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        calls = self.__dict__["calls"] = self.__dict__.get("calls", -1) + 1
        return super().rate(calls, ctx)


class PastTheEnd(Halving):
    """Falls on below 0."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return self.initial * (1 - step / 100)


class NeedsEpochs(Halving):
    """Divides by an epoch's length that may be unknown."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return super().rate(int(step / ctx.steps_per_epoch), ctx)  # type: ignore[operator]


class Lecun(Initializer):
    """Normal with variance 1 / fan_in."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(0, math.sqrt(1 / max(fan_in, 1)), shape).astype(dtype)


class WrongFan(Lecun):
    """Takes fan_out for fan_in."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return super().initialize(shape, rng, dtype, fan_out, fan_in)


class DeviationForVariance(Lecun):
    """Takes the variance for a deviation."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(0, 1 / max(fan_in, 1), shape).astype(dtype)


class AlwaysWide(Lecun):
    """Gives float64, whatever is asked for."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return super().initialize(shape, rng, np.dtype(np.float64), fan_in, fan_out)


class FixedSigns(Lecun):
    """Draws signs from a generator of its own, always the same."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        signs = np.random.default_rng(fan_in).choice([-1.0, 1.0], shape)
        return np.asarray(signs * math.sqrt(1 / max(fan_in, 1)), dtype)


class FixedSeed(Lecun):
    """Draws from a generator of its own, always the same."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return super().initialize(shape, np.random.default_rng(0), dtype, fan_in, fan_out)


class OneArray(Lecun):
    """Hands out views of one array."""

    _values = np.linspace(-1, 1, 7)

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        values: Array = np.broadcast_to(self._values.astype(dtype)[0], shape)
        return values


class Distance(Metric):
    """The mean distance."""

    name = "distance"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Distance: {prediction.shape} and {target.shape} differ")
        totals += [weights @ self.each(prediction, target), weights.sum()]
        return None

    def each(self, prediction: Array, target: Array) -> Array:
        distances: Array = np.abs(prediction - target).reshape(len(prediction), -1).mean(axis=1)
        return distances

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan


class Unweighted(Distance):
    """Leaves the weights out."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        super().update(totals, prediction, target, np.ones(len(prediction)), ctx)


class MeanOfMeans(Distance):
    """Averages the means of batches."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"MeanOfMeans: {prediction.shape} and {target.shape} differ")
        if weights.sum():
            totals += [np.average(self.each(prediction, target), weights=weights), 1]


class Overwrites(Distance):
    """Keeps the last batch alone."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        totals[...] = 0
        super().update(totals, prediction, target, weights, ctx)


class ReturnsTheBatch(Distance):
    """Returns the totals of the last batch alone."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        if prediction.shape != target.shape:
            raise ShapeError(f"ReturnsTheBatch: {prediction.shape} and {target.shape} differ")
        return np.array([weights @ self.each(prediction, target), weights.sum()])


class FirstCountsMost(Distance):
    """Earlier examples count more."""

    def each(self, prediction: Array, target: Array) -> Array:
        return super().each(prediction, target) / np.arange(1, len(prediction) + 1)


class Broadcasts(Distance):
    """Shapes are not compared."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        totals += [weights @ self.each(prediction, target), weights.sum()]


class MadeUp(Distance):
    """Is 0 before the first example."""

    def result(self, totals: Array) -> float:
        return float(totals[0] / max(totals[1], 1e-9))


class Nameless(Distance):
    """Has no name."""

    name = ""


HALVING = {0: 1.0, 9: 1.0, 10: 0.5, 20: 0.25}
VARIANCE = {"variance": lambda fan_in, fan_out: 1 / fan_in}

BUGS = [
    Bug(OffByOne, "reference-rates", "off-by-one", {"reference": HALVING}),
    Bug(CountsCalls, "no-memory", "counts its calls"),
    Bug(PastTheEnd, "rates-usable", "past the end"),
    Bug(NeedsEpochs, "without-an-epochs-length", "steps_per_epoch"),
    Bug(WrongFan, "variance", "mixed up", VARIANCE),
    Bug(DeviationForVariance, "variance", "square root", VARIANCE),
    Bug(AlwaysWide, "shape-and-dtype", "cast"),
    Bug(FixedSeed, "seeds", "fixed seed"),
    Bug(FixedSigns, "seeds", "fixed seed"),
    Bug(OneArray, "owned-values", "kept on self"),
    Bug(Unweighted, "weights-count", "ignored"),
    Bug(MeanOfMeans, "batches-equal-the-whole", "means of batches"),
    Bug(Overwrites, "batches-equal-the-whole", "overwritten"),
    Bug(ReturnsTheBatch, "batches-equal-the-whole", "overwritten"),
    Bug(FirstCountsMost, "order-irrelevant", "another order"),
    Bug(Broadcasts, "no-broadcasting", "broadcasts"),
    Bug(MadeUp, "totals-start-empty", "made up"),
    Bug(Nameless, "named", "name"),
]
