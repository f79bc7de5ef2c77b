"""The metric contract: how good predictions are, measured batch by batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.context import Context


_LOW_IS_GOOD = ("cost", "loss", "error", "deviation", "perplexity", "seconds")
_THRESHOLD = 0.5


class Metric(Configurable, ABC):
    """A measure kept in a small vector: start, update, merge, result. The metric itself keeps nothing."""

    name: str
    """The measure's name in histories and on the screen, such as ``"accuracy"``."""

    @abstractmethod
    def start(self) -> Array:
        """The totals before the first example: a float64 vector."""

    @abstractmethod
    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        """Add a batch to ``totals``, in place.

        ``prediction`` is what ``predict`` gives; ``target`` is as the user gave it, labels ``(batch, …)`` or numbers
        shaped like the prediction; ``weights`` is ``(batch,)``. What cannot be measured is refused: a trainer tries
        one example before its first step.
        """

    def check_target(self, target: Array, ctx: Context) -> None:
        """Refuse targets, or predictions of such a ``ctx.prediction_range``, that mean nothing to this metric.

        Called before the first step with all targets of arrays in memory, with those of one example of other rows; by
        default, nothing is refused.

        Raises:
            DataError: the message names the row, what is there and what is wanted.
        """

    def classes(self, prediction: Array, target: Array, ctx: Context) -> tuple[Array, Array]:
        """For authors: the predicted and the true class of each example or position, ``(batch, …)`` both.

        The predicted class is that of the largest output, the first among equals; a single output is the probability of
        class 1, which is predicted above ½. Targets are integer labels, ``(batch, …)``, or rows like the predictions.

        Raises:
            DataError: as ``require_classes``.
            ShapeError: targets fit the predictions neither as labels nor as rows.
        """
        if prediction.shape[-1] == 1:
            _require_classes(type(self).__name__, target, prediction.ndim, ctx)
            labels = target[..., 0] if target.shape == prediction.shape else target
            found = (prediction[..., 0] > _THRESHOLD).astype(labels.dtype)
        else:
            labels = target.argmax(axis=-1) if target.shape == prediction.shape else target
            found = prediction.argmax(axis=-1)
        if labels.shape != found.shape:
            raise ShapeError(
                f"{type(self).__name__}: targets {target.shape} fit predictions {prediction.shape} neither as labels "
                "nor as rows"
            )
        return found, labels

    def require_classes(self, target: Array, ctx: Context) -> None:
        """For authors: refuse what ``classes`` could not tell of a single output; for ``check_target``.

        Raises:
            DataError: a single output is no probability, for neither readout nor last activation keep it between 0 and
                1; or a target of it is neither 0 nor 1.
        """
        if ctx.prediction_shape[-1:] == (1,):
            _require_classes(type(self).__name__, target, len(ctx.prediction_shape) + 1, ctx)

    def merge(self, totals: Array, other: Array) -> None:
        """Add the totals of other examples to ``totals``, in place; their sum, unless a metric says otherwise."""
        totals += other

    @abstractmethod
    def result(self, totals: Array) -> float:
        """The measure of all examples seen (NaN before the first)."""


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


def _require_classes(name: str, target: Array, axes: int, ctx: Context) -> None:
    """What ``require_classes`` says, for predictions of so many ``axes``, the last of length 1."""
    lowest, highest = ctx.prediction_range
    if lowest < 0 or highest > 1:
        raise DataError(
            f"{name}: a single output must be a probability, and nothing keeps this one between 0 and 1 (its range is "
            f"{lowest:g} to {highest:g}): end the network with Sigmoid, give it one output a class, or, where the "
            "targets are numbers, measure MeanSquaredError"
        )
    labels = target[..., 0] if target.ndim == axes and target.shape[-1] == 1 else target
    wrong = (labels != 0) & (labels != 1)
    mask = ctx.mask_over(labels[..., np.newaxis])
    if mask is not None:
        wrong &= mask[..., 0]
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise DataError(
            f"{name}: targets of a single output must be 0 or 1, got {labels[place]} in row {place[0]}: give the "
            "network one output a class where there are more, or measure MeanSquaredError where they are numbers"
        )
