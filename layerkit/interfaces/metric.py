"""The metric contract: how good predictions are, measured batch by batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import TYPE_CHECKING

from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.context import Context


_LOW_IS_GOOD = ("cost", "loss", "error", "deviation", "perplexity", "seconds")


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
