"""The metric contract: how good predictions are, measured batch by batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.interfaces.class_targets import (
    counted,
    require_probability,
    require_told,
    require_yes_or_no,
    true_classes,
)
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.context import Context


_LOW_IS_GOOD = ("cost", "loss", "error", "deviation", "perplexity", "brier", "seconds")


class Metric(Configurable, ABC):
    """A measure kept in a vector: start, update, merge, result. The metric itself keeps nothing."""

    name: str
    """The measure's name in histories and on the screen, such as ``"accuracy"``."""

    in_history: ClassVar[bool] = True
    """Whether it is measured after each epoch, for histories hold numbers: one that is told as a table, by ``report``,
    is measured by ``evaluate`` alone."""

    bounds: ClassVar[tuple[float, float]] = (-inf, inf)
    """Between which numbers the measure lies, both included: a target of an experiment that none of them reaches is
    refused before the run."""

    @abstractmethod
    def start(self) -> Array:
        """The totals before the first example: a float64 vector."""

    @abstractmethod
    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        """Add a batch to ``totals``, in place; or return new ones, where they grow with classes or examples.

        ``prediction`` is what ``predict`` gives; ``target`` is as the user gave it, labels ``(batch, …)`` or numbers
        shaped like the prediction; ``weights`` is ``(batch,)``. What cannot be measured is refused: a trainer tries
        one example before its first step.
        """

    def check_target(self, target: Array, ctx: Context) -> None:
        """Refuse targets, or predictions of such a ``ctx.prediction_range``, that mean nothing to this metric.

        Called before the first step with all targets of arrays in memory, with those of one example of other rows, and,
        where it is measured, with those of each batch before ``update``; by default, nothing is refused.

        Raises:
            DataError: the message names the row, what is there and what is wanted.
        """

    def classes(self, prediction: Array, target: Array, ctx: Context) -> tuple[Array, Array]:
        """For authors: the predicted and the true class of each example or position, ``(batch, …)`` both.

        The predicted class is that of the largest output, the first among equals; a single output is the probability of
        class 1, which is predicted above the model's threshold, ½ unless it has another. Targets are integer labels,
        ``(batch, …)``, or rows like the predictions.

        Raises:
            DataError: as ``require_classes``.
            ShapeError: targets fit the predictions neither as labels nor as rows.
        """
        if prediction.shape[-1] == 1:
            require_probability(type(self).__name__, ctx)
        labels = true_classes(type(self).__name__, prediction, target, ctx)
        found = ctx.decision.classes(prediction)
        if ctx.decision.multi_label:
            # where an example has one class all the same, it is the likeliest label
            found = found[..., 0] if prediction.shape[-1] == 1 else prediction.argmax(axis=-1)
        return found, labels

    def decisions(self, prediction: Array, target: Array, weights: Array, ctx: Context) -> tuple[Array, Array, Array]:
        """For authors: what is predicted, what is true, and the weight, of each position that counts, in a row.

        ``(positions,)`` integers, as ``classes`` tells them; where each output of the model is a yes or no of its own
        and targets are rows like the predictions, ``(positions, labels)`` booleans.

        Raises:
            DataError: as ``require_decisions``.
            ShapeError: as ``classes``.
        """
        if target.shape == prediction.shape and ctx.decision.multi_label:
            require_yes_or_no(type(self).__name__, target, ctx)
            found, truth = ctx.decision.classes(prediction), target == 1
        else:
            found, truth = self.classes(prediction, target, ctx)
            truth = truth.astype(np.int64, copy=False)
        counts, each = counted(prediction, weights, ctx)
        return found[counts], truth[counts], each

    def require_classes(self, target: Array, ctx: Context) -> None:
        """For authors: refuse what ``classes`` could not tell; for ``check_target``.

        Raises:
            DataError: a single output is no probability, for neither readout nor last activation keep it between 0 and
                1; a target of it is neither 0 nor 1; or a row tells no class, or several.
        """
        if ctx.prediction_shape[-1:] == (1,):
            require_probability(type(self).__name__, ctx)
        require_told(type(self).__name__, target, ctx)

    def require_decisions(self, target: Array, ctx: Context) -> None:
        """For authors: refuse what ``decisions`` could not tell; for ``check_target``.

        Raises:
            DataError: as ``require_classes``; of labels, a target is neither 0 nor 1.
        """
        if ctx.decision.multi_label and target.ndim == len(ctx.prediction_shape) + 1:
            require_yes_or_no(type(self).__name__, target, ctx)
        else:
            self.require_classes(target, ctx)

    def merge(self, totals: Array, other: Array) -> Array | None:
        """Add the totals of other examples to ``totals``, in place, or return new ones; their sum, unless a metric says
        otherwise."""
        totals += other
        return None

    @final
    def updated(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        """For hosts: the totals after ``update``, the same array or another."""
        found = self.update(totals, prediction, target, weights, ctx)
        return totals if found is None else found

    @final
    def merged(self, totals: Array, other: Array) -> Array:
        """For hosts: the totals after ``merge``, the same array or another."""
        found = self.merge(totals, other)
        return totals if found is None else found

    @abstractmethod
    def result(self, totals: Array) -> float:
        """The measure of all examples seen (NaN before the first)."""

    def report(self, totals: Array, classes: Sequence[str] | None) -> Any:
        """What ``evaluate`` gives: the measure, or an object that says more, with the names of ``classes`` where the
        model knows them; its ``str`` is printed, and ``as_json()`` gives programs plain values."""
        return self.result(totals)


def require_measured(owner: object, argument: str, name: str, record: Collection[str]) -> None:
    """Refuse a name that is not in an epoch's record.

    Raises:
        ArgumentError: it is not; the message has the names that are.
    """
    if name in record:
        return
    validation = f"validation_{name.removeprefix('test_')}"
    hint = (
        f" Did you mean {validation!r}? During training, the test data of an experiment is its validation data."
        if name.startswith("test_") and validation in record
        else " Names with 'validation_' need validation data, and a metric of that name"
    )
    raise ArgumentError(
        f"{type(owner).__name__}: {argument} must be something that is measured, got {name!r}; measured here: "
        f"{', '.join(map(repr, record))}.{hint}"
    )


def lower_is_better(name: str) -> bool:
    """Whether a measure of this name is better when it is lower: costs, losses, errors and times are.

    >>> lower_is_better("validation_cost"), lower_is_better("validation_accuracy")
    (True, False)
    """
    return any(word in name.lower() for word in _LOW_IS_GOOD)
