"""What costs share whose targets are rows over classes, the last axis: probabilities that sum to 1."""

from __future__ import annotations

import numpy as np

from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array

_TOLERANCE = 1e-3


def require_rows_of_probabilities(cost: Cost, target: Array, ctx: Context) -> None:
    """Refuse rows with a negative number, or whose sum misses 1 by more than 0.001.

    Raises:
        DataError: the message names the row.
        ShapeError: there is one output.
    """
    require_classes(cost, target)
    mask = ctx.mask_over(target)
    total = target.sum(axis=-1, dtype=np.float64)
    wrong = (target.min(axis=-1) < 0) | (np.abs(total - 1) > _TOLERANCE)
    if mask is not None:
        wrong &= mask[..., 0]
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        told = f"holds {target[place].min()}" if target[place].min() < 0 else f"sums to {total[place]:.6g}"
        position = f", position {', '.join(map(str, place[1:]))}" if place[1:] else ""
        raise DataError(
            f"{type(cost).__name__}: targets must be probabilities, rows of numbers of at least 0 that sum to 1, but "
            f"row {place[0]}{position} {told}: give one-hot rows, probabilities or integer labels (n,); for several "
            "labels of one example take BinaryCrossEntropy, for other numbers another cost, such as Quadratic"
        )


def require_classes(cost: Cost, array: Array) -> None:
    """Refuse predictions or targets of one output, over which a softmax is always 1.

    Raises:
        ShapeError: the message has the shape.
    """
    if array.shape[-1] < 2:
        raise ShapeError(
            f"{type(cost).__name__}: a softmax over one output is always 1, and nothing is learned; predictions or "
            f"targets are {array.shape}. Give the last layer one output a class, two for yes or no, or take "
            "BinaryCrossEntropy"
        )


def log_softmax(z: Array, scratch: Scratch) -> tuple[Array, Array]:
    """Logarithms of probabilities and the probabilities themselves, as memory of ``scratch``."""
    logs, probability = scratch("logs", z.shape), scratch("probability", z.shape)
    np.subtract(z, z.max(axis=-1, keepdims=True), out=logs)
    total = np.exp(logs, out=probability).sum(axis=-1, keepdims=True)
    np.divide(probability, total, out=probability)
    return np.subtract(logs, np.log(total), out=logs), probability


def added_up(costs: Array, ctx: Context, prediction: Array) -> Array:
    """The cost of each example, ``(batch,)``, of those of its positions, ``(batch, …)``, which count."""
    mask = ctx.mask_over(prediction)
    if mask is not None:
        costs = costs * mask[..., 0]
    return costs if costs.ndim == 1 else costs.reshape(costs.shape[0], -1).sum(axis=1)


def counted(gradient: Array, ctx: Context) -> Array:
    """The gradient, 0 in positions that do not count."""
    mask = ctx.mask_over(gradient)
    return gradient if mask is None else np.multiply(gradient, mask, out=gradient)
