"""Components of every kind but layers, wrong where a usual run does not lead: far out, at zeros, in short epochs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit import Batch, Context, Examples, RandomAccess, Softmax, Stream, UpdateContext
from layerkit.arguments import check_path
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.callbacks import Best
from tests.testing.gallery.costs_places import Likelihood
from tests.testing.gallery.datasets import Points
from tests.testing.gallery.numbers import Distance, Halving
from tests.testing.gallery.optimizers import Halve
from tests.testing.gallery.sound import Bend, Momentum, Squares, momentum_reference


class SoftOverflow(Squares):
    """Σ log(1 + exp d), by the exponential itself."""

    minimum = None

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        costs: Array = np.log1p(np.exp(prediction - target)).reshape(len(prediction), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 0.5 + 0.5 * np.tanh(0.5 * (prediction - target))


class RoundsTargets(Squares):
    """Keeps targets in float32."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, target.astype(np.float32).astype(prediction.dtype), ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, target.astype(np.float32).astype(prediction.dtype), ctx)


class RefusesBytes(Likelihood):
    """Takes labels of few bytes for pictures."""

    def check_target(self, target: Array, ctx: Context) -> None:
        if target.dtype.itemsize < 4:
            raise DataError(f"RefusesBytes: labels must be integers, got {target.dtype}")


class AlwaysOne(Squares):
    """Reads out the softmax of what is a single output each."""

    def readout(self) -> Any:
        return Softmax()


class StaysAway(Bend):
    """Bends to 0.9, and declares 1."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return (0.9 * super().forward(x, ctx)).astype(x.dtype)

    def derivative(self, z: Array) -> Array:
        return 0.9 * super().derivative(z)


class ByTheLargest(Momentum):
    """Divides by the largest gradient, which may be 0."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if gradient.size:
            with np.errstate(invalid="ignore"):
                parameters -= ctx.learning_rate * gradient / np.abs(gradient).max()


class DropsSmallGradients(Momentum):
    """Takes gradients below a hundredth for 0."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        super().update(parameters, np.where(np.abs(gradient) < 0.01, 0, gradient), ctx)


class OtherBehindNineHundred(Halve):
    """Has another factor for what lies behind the nine-hundredth place."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient[:900] *= self.factor
        gradient[900:] *= self.factor**2


class ThroughZero(Halve):
    """Shrinks parameters by a fixed length, past 0 where they are shorter."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        """Nothing."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters -= ctx.learning_rate * self.factor * np.sign(parameters)


class HalfAnEpoch(Halving):
    """Counts in halves of an epoch, of which one of one step has none."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        if ctx.steps_per_epoch is None:
            raise ArgumentError("HalfAnEpoch: needs an epoch's length")
        return super().rate(step // (ctx.steps_per_epoch // 2), ctx)


class KeepsViews(Distance):
    """The largest prediction; of the first batch it keeps what it is given."""

    def start(self) -> Array:
        return np.zeros(0)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        rows = prediction.reshape(len(prediction), -1)
        chosen = rows if (weights > 0).all() else rows[weights > 0]
        return np.concatenate([totals, chosen.ravel()]) if totals.size else chosen.ravel()

    def merge(self, totals: Array, other: Array) -> Array:
        return np.concatenate([totals, other])

    def result(self, totals: Array) -> float:
        return float(totals.max()) if totals.size else math.nan


class DividesItsTotals(Distance):
    """Divides the totals where they are."""

    def result(self, totals: Array) -> float:
        if not totals[1]:
            return math.nan
        np.divide(totals, totals[1], out=totals)
        return float(totals[0])


class RootBelowZero(Distance):
    """The deviation of the distances, as the root of E[d²] − E[d]²."""

    def start(self) -> Array:
        return np.zeros(3)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"RootBelowZero: {prediction.shape} and {target.shape} differ")
        distances = self.each(prediction, target)
        totals += [weights @ distances, weights.sum(), weights @ distances**2]

    def result(self, totals: Array) -> float:
        if not totals[1]:
            return math.nan
        with np.errstate(invalid="ignore"):
            return float(np.sqrt(totals[2] / totals[1] - (totals[0] / totals[1]) ** 2))


class BlindToPredictions(Distance):
    """Rounds predictions to whole hundreds first."""

    def each(self, prediction: Array, target: Array) -> Array:
        return super().each(np.round(prediction / 100), target.astype(float))


class OneArrayForAll(Points):
    """A stream whose iterators fill one array."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Filling()


class _Filling(Stream):
    def __init__(self) -> None:
        self.x = np.zeros((4, 2))

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for batch in range(position, 5):
            self.x[...] = 10 * epoch + batch
            yield Batch(self.x, np.zeros(4, np.int64))


class LeavesItToPython(Points):
    """Reads a file without a look whether it is there."""

    def __init__(self, path: str = "no-such-folder/points.csv") -> None:
        check_path(self, "path", path)
        self.path = path

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        with open(self.path, encoding="utf-8") as file:
            return Examples(np.loadtxt(file, delimiter=","))


class CountsOnValidation(Best):
    """Takes a validation cost for granted."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, {"cost": record["cost"] + 0 * record["validation_cost"]})


class KeepsWhatItIsGiven(Best):
    """Goes on writing to the list that it was restored from."""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.costs = state["costs"]


class ClosesAtTheEnd(Best):
    """Closes its file after the last epoch, which may never come."""

    file: Any = None

    def fit_started(self, fit: Any) -> None:
        super().fit_started(fit)
        self.file = open("log", "w", encoding="utf-8")  # noqa: SIM115 - the bug is that it stays open

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        self.file.write(f"{record['cost']}\n")
        if fit.epoch == fit.epochs or self.waited >= self.patience:
            self.file.close()

    def __del__(self) -> None:
        # not for users, but so that the tests leave no file open
        if self.file is not None:
            self.file.close()


class SlowStart(Best):
    """Lowers the learning rate for a few steps, and says that it changes nothing."""

    changes_training = False
    every_steps = 3

    def __init__(self) -> None:
        super().__init__(patience=100)

    def fit_started(self, fit: Any) -> None:
        super().fit_started(fit)
        if fit.step < self.every_steps:
            fit.trainer.optimizer.learning_rate = 0.05

    def steps_ended(self, fit: Any) -> None:
        fit.trainer.optimizer.learning_rate = 0.1


def halved(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    return 0.5 * gradient, parameters


def shrunk(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    return gradient, np.sign(parameters) * np.maximum(np.abs(parameters) - 0.5 * rate, 0)


COLUMN = {"input_shapes": [(1,)]}
BUGS = [
    Bug(SoftOverflow, "large-predictions", "overflows"),
    Bug(RoundsTargets, "full-precision", "targets that differ"),
    Bug(RefusesBytes, "label-dtypes", "DataError"),
    Bug(AlwaysOne, "readout-usable", "differ", COLUMN),
    Bug(StaysAway, "declared-range", "come within"),
    Bug(ByTheLargest, "zero-gradients", "0 / 0"),
    Bug(DropsSmallGradients, "reference-steps", "about 0.01", {"reference": momentum_reference}),
    Bug(OtherBehindNineHundred, "reference-steps", "of 1021 parameters", {"reference": halved}),
    Bug(ThroughZero, "reference-steps", "parameters of about 0.001", {"reference": shrunk}),
    Bug(HalfAnEpoch, "epochs-of-any-length", "where an epoch has 1 step"),
    Bug(KeepsViews, "totals-kept", "view"),
    Bug(DividesItsTotals, "totals-kept", "reads"),
    Bug(RootBelowZero, "one-example-often", "counted 7 times"),
    Bug(BlindToPredictions, "predictions-matter", "not looked at"),
    Bug(OneArrayForAll, "batches-apart", "another iterator"),
    Bug(LeavesItToPython, "splits-load", "DatasetError", {"needs_data": True}),
    Bug(CountsOnValidation, "fits-without-validation", "KeyError"),
    Bug(KeepsWhatItIsGiven, "state-restored", "keep a copy"),
    Bug(ClosesAtTheEnd, "errors-pass", "left open"),
    Bug(SlowStart, "changes-training-declared", "for a while"),
]
