"""What metrics of classes take from predictions and targets, and their words where those tell no classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layerkit.errors import DataError, ShapeError
from layerkit.types import Array

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
        DataError: a target of a single output is neither 0 nor 1, or a row of 0 and 1 has several classes.
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
            "output a class where there are more, or measure MeanSquaredError where they are numbers"
        )


def require_one_class(name: str, target: Array, ctx: Context) -> None:
    """Refuse rows of 0 and 1 that have several ones; other rows are probabilities, whose largest is the class.

    Raises:
        DataError: the message names the row.
    """
    wrong = ((target == 0) | (target == 1)).all(axis=-1) & (target.sum(axis=-1) > 1)
    mask = ctx.mask_over(target)
    if mask is not None:
        wrong &= mask[..., 0]
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
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
