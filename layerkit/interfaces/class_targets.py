"""What metrics of classes take from predictions and targets, and their words where those tell no classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layerkit.errors import DataError, ShapeError
from layerkit.types import Array

_TOLERANCE = 1e-3
_SHOWN = 4

if TYPE_CHECKING:
    from layerkit.interfaces.context import Context


def as_column(target: Array, axes: int) -> Array:
    """Targets of a single output as ``(batch, …, 1)``, for predictions of so many ``axes``."""
    return target if target.ndim == axes and target.shape[-1] == 1 else target[..., np.newaxis]


def counted(prediction: Array, weights: Array, ctx: Context) -> tuple[Array, Array]:
    """Which positions ``(batch, …)`` count, booleans, and the weights of those, that of their example each."""
    positions = prediction.shape[:-1]
    mask = ctx.mask_over(prediction)
    counts = np.broadcast_to(np.True_ if mask is None else mask[..., 0], positions)
    return counts, np.broadcast_to(weights.reshape(-1, *[1] * (len(positions) - 1)), positions)[counts]


def true_classes(name: str, prediction: Array, target: Array, ctx: Context) -> Array:
    """The class of each example or position, ``(batch, …)``, as labels or rows like the predictions tell it.

    Raises:
        DataError: a target of a single output is neither 0 nor 1, or a row tells no class, or several.
        ShapeError: targets fit the predictions neither as labels nor as rows.
    """
    labels = target
    if prediction.shape[-1] == 1:
        column = as_column(target, prediction.ndim)
        require_yes_or_no(name, column, ctx)
        labels = column[..., 0]
    elif target.shape == prediction.shape:
        require_one_class(name, target, ctx)
        labels = target.argmax(axis=-1)
    if labels.shape != prediction.shape[:-1]:
        raise ShapeError(
            f"{name}: targets {target.shape} fit predictions {prediction.shape} neither as labels nor as rows"
        )
    return labels


def require_told(name: str, target: Array, ctx: Context) -> None:
    """Refuse, before the first step, targets that do not tell the class of each example.

    Raises:
        DataError: as ``true_classes``.
    """
    axes = len(ctx.prediction_shape) + 1
    if ctx.prediction_shape[-1:] == (1,):
        require_yes_or_no(name, as_column(target, axes), ctx)
    elif target.ndim == axes > 1:
        require_one_class(name, target, ctx)


def require_probability(name: str, ctx: Context) -> None:
    """Refuse a single output that nothing keeps between 0 and 1.

    Raises:
        DataError: neither readout nor last activation does.
    """
    lowest, highest = ctx.prediction_range
    if lowest < 0 or highest > 1:
        raise DataError(
            f"{name}: a single output must be a probability, and nothing keeps this one between 0 and 1 (its range is "
            f"{lowest:g} to {highest:g}): end the network with Sigmoid, train it with BinaryCrossEntropy, give it one "
            "output a class, or, where the targets are numbers, measure MeanSquaredError"
        )


def require_yes_or_no(name: str, target: Array, ctx: Context) -> None:
    """Refuse targets ``(batch, …, outputs)`` of which one that counts is neither 0 nor 1.

    Raises:
        DataError: the message names the row.
    """
    wrong = (target != 0) & (target != 1)
    mask = ctx.mask_over(target)
    if mask is not None:
        wrong &= mask
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        what = "a single output" if target.shape[-1] == 1 else "labels that hold or not"
        raise DataError(
            f"{name}: targets of {what} must be 0 or 1, got {target[place]} in row {place[0]}: give the network one "
            "output a class where there are more, or measure MeanSquaredError or R2 where they are numbers"
        )


def require_one_class(name: str, target: Array, ctx: Context) -> None:
    """Refuse rows that tell no class: numbers of another kind, or several ones.

    A row tells it by its largest value: 0 and 1, probabilities, −1 and 1, or two values that add up to 1, such as 0.1
    and 0.9, the larger once.

    Raises:
        DataError: the message names the row.
    """
    zero_one = ((target == 0) | (target == 1)).all(axis=-1)
    several = zero_one & (target.sum(axis=-1) > 1)
    foreign = np.zeros(zero_one.shape, bool) if zero_one.all() else ~(zero_one | _point_out(target))
    mask = ctx.mask_over(target)
    if mask is not None:
        several &= mask[..., 0]
        foreign &= mask[..., 0]
    if foreign.any():
        place = tuple(map(int, np.argwhere(foreign)[0]))
        shown = ", ".join(f"{number:.6g}" for number in target[place][:_SHOWN])
        raise DataError(
            f"{name}: it measures classes, and row {place[0]} of the targets tells none: "
            f"[{shown}{', …' if target.shape[-1] > _SHOWN else ''}] is neither 0 and 1 nor probabilities that sum to "
            "1. Where targets are numbers, measure MeanSquaredError, RootMeanSquaredError, MeanAbsoluteError or R2; "
            "for classes, give integer labels (n,) or one-hot rows"
        )
    if several.any():
        place = tuple(map(int, np.argwhere(several)[0]))
        cure = (
            "measure BinaryAccuracy, Precision, Recall or F1"
            if ctx.decision.multi_label
            else "for several labels of one example, end the network with a linear layer and train it with "
            "BinaryCrossEntropy"
        )
        raise DataError(
            f"{name}: an example has one class here, but row {place[0]} of the targets has "
            f"{int(target[place].sum())}: {cure}"
        )


def _point_out(target: Array) -> Array:
    """Which rows, ``(batch, …)``, are probabilities, or one-hot rows with other numbers in place of 0 and 1."""
    low, high = target.min(axis=-1, keepdims=True), target.max(axis=-1, keepdims=True)
    near_one = (low >= 0)[..., 0] & (np.abs(target.sum(axis=-1, dtype=np.float64) - 1) <= _TOLERANCE)
    ends = ((np.abs(low + high - 1) <= _TOLERANCE) & (low >= 0)) | ((low == -1) & (high == 1))
    once = ((target == low) | (target == high)).all(axis=-1) & ((target == high).sum(axis=-1) == 1)
    found: Array = near_one | (ends[..., 0] & once)
    return found
