"""What measures of errors take from predictions and targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.types import Array


def require_same_shape(name: str, prediction: Array, target: Array) -> None:
    """Refuse what NumPy would broadcast.

    Raises:
        ShapeError: targets and predictions have two shapes.
    """
    if target.shape != prediction.shape:
        raise ShapeError(
            f"{name}: targets {target.shape} and predictions {prediction.shape} must have one shape: "
            "give numbers, or one-hot rows, and measure labels by Accuracy"
        )


def output_errors(name: str, prediction: Array, target: Array, ctx: Context, of: Callable[[Array], Array]) -> Array:
    """``of`` the differences, float64, as ``(batch, outputs)``: of each output the mean over an example's positions,
    under a mask over those that count.

    Raises:
        ShapeError: targets and predictions have two shapes.
    """
    require_same_shape(name, prediction, target)
    errors = of(np.subtract(prediction, target, dtype=np.float64))
    mask = ctx.mask_over(prediction)
    rows, outputs = len(errors), errors.shape[-1] if errors.ndim > 1 else 1
    if mask is None:
        means: Array = errors.reshape(rows, -1, outputs).mean(axis=1)
        return means
    counts = np.broadcast_to(mask, errors.shape).reshape(rows, -1, outputs)
    sums: Array = np.where(counts, errors.reshape(counts.shape), 0.0).sum(axis=1)
    return sums / np.maximum(counts.sum(axis=1), 1)
