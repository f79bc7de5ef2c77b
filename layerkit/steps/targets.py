"""Targets in the form that a cost wants."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arrays import cast
from layerkit.data.checks import not_finite_row, wrong_label_place
from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.shapes import fits, with_batch
from layerkit.types import Array, DType, Shape

_EAGER_BYTES = 64 * 2**20


@final
class Targets:
    """Turns what people give, labels or rows, into what a cost wants for a model's output.

    Integer labels become one-hot rows for a cost that wants dense targets; dense targets are cast to the model's dtype.
    """

    def __init__(self, cost: Cost, output_shape: Shape, dtype: DType) -> None:
        self._form = cost.target_form
        self._cost = type(cost).__name__
        self._shape = output_shape
        self._dtype = dtype
        self._classes = output_shape[-1] if output_shape else 1
        self._one_hot = np.eye(self._classes if isinstance(self._classes, int) else 0, dtype=dtype)

    def is_small(self, y: Array) -> bool:
        """Whether all of ``y`` takes so little memory in the form that the cost wants that it is converted at once."""
        rows = y.size * (self._classes if self._is_labels(y) and self._form == "dense" else 1)
        return bool(rows * self._dtype.itemsize <= _EAGER_BYTES)

    def check(self, y: Array) -> None:
        """Refuse targets that do not fit the output.

        Raises:
            ShapeError: they have the wrong shape.
            DataError: a label is out of range, or a dense target is not finite.
        """
        if self._is_labels(y):
            self._check_labels(y)
            return
        if self._form == "labels":
            raise ShapeError(
                f"{self._cost} wants integer labels of shape {with_batch(self._shape[:-1])}, got targets of shape "
                f"{y.shape} and dtype {y.dtype}"
            )
        if y.dtype.kind not in "fiub":
            raise DataError(f"targets must be numbers, got an array of dtype {y.dtype}")
        if not fits(y.shape[1:], self._shape):
            labels = f" or integer labels of shape {with_batch(self._shape[:-1])}" if self._classes != 1 else ""
            hint = ": write y[:, None]" if self._shape == (1,) and y.ndim == 1 else ""
            if len(self._shape) > 1 and y.shape[1:] in ((), (1,), self._shape[-1:]):
                hint = ": put Flatten() in front of the dense layers, which makes one row of each example"
            raise ShapeError(
                f"the model's output is {with_batch(self._shape)}, so targets must have that shape{labels}; got "
                f"{y.shape} of dtype {y.dtype}{hint}"
            )
        row = not_finite_row(y)
        if row is not None:
            raise DataError(f"targets must be finite, but row {row} holds NaN or infinity")

    def convert(self, y: Array, scratch: Scratch) -> Array:
        """Checked targets in the form that the cost wants; may be ``scratch``."""
        if self._form == "labels":
            return y
        if self._is_labels(y):
            out = scratch("one-hot", (*y.shape, self._classes))
            return np.take(self._one_hot, y, axis=0, out=out, mode="clip")
        return cast(y, self._dtype)

    def _is_labels(self, y: Array) -> bool:
        return y.dtype.kind in "iub" and self._classes != 1 and fits(y.shape[1:], self._shape[:-1])

    def _check_labels(self, y: Array) -> None:
        wrong = wrong_label_place(y, self._classes)
        if wrong is not None:
            raise DataError(
                f"labels must be 0 to {self._classes - 1}, for the model has {self._classes} outputs; got {y[wrong]} "
                f"in row {wrong[0]}"
            )
