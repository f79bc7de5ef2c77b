"""Targets in the form that a cost wants."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.unstandardize import Unstandardize
from layerkit.arrays import cast
from layerkit.data.checks import not_finite_row, wrong_label_place
from layerkit.data.moments import Moments
from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.shapes import fits, with_batch
from layerkit.types import Array, DType, Shape

_EAGER_BYTES = 64 * 2**20
_FEW_CLASSES = 256


def require_scale(moments: Moments, largest: float, dtype: DType) -> None:
    """Refuse targets, of absolute values up to ``largest``, whose scale a model of this dtype cannot give back.

    Raises:
        DataError: they are too large for its numbers, or differ by less than the smallest of them.
    """
    highest, lowest = float(np.finfo(dtype).max), float(np.finfo(dtype).tiny)
    cure = " or give the model another dtype, with model.initialize(input_shape, dtype='float64')"
    cure = cure if dtype == np.float32 else ""
    with np.errstate(over="ignore", invalid="ignore"):
        spread, mean = moments.spread, moments.mean
    if largest > highest or not np.isfinite([mean, spread]).all():
        raise DataError(
            f"targets reach {largest:.3g}, and a {dtype} model gives its predictions in numbers up to {highest:.1g}: "
            f"divide the targets by a constant,{cure}".rstrip(",")
        )
    varies = spread > np.finfo(np.float64).eps * np.abs(mean)
    if (varies & (spread < lowest)).any():
        raise DataError(
            f"targets differ by no more than {spread[varies].min():.3g}, and the smallest number of a {dtype} model is "
            f"{lowest:.1g}: multiply the targets by a constant,{cure}".rstrip(",")
        )


@final
class Targets:
    """Turns what people give, labels or numbers, into what a cost wants for a model's output.

    Integers in the output's shape without its last axis, ``(n,)`` say, are labels where the data declares so, or, where
    it declares nothing (``labels``: None), where there is more than one output or the cost is one of classes; else they
    are numbers, as is every other target, and the axis of a single output may be left out. Labels become one-hot
    rows (0 or 1, for a single output) for a cost that wants dense targets; numbers are cast to the model's dtype, and
    brought to the scale of the outputs where a readout, ``scale``, brings outputs to that of the targets.
    """

    def __init__(
        self,
        cost: Cost,
        output_shape: Shape,
        dtype: DType,
        *,
        labels: bool | None = None,
        scale: Unstandardize | None = None,
    ) -> None:
        self.scale = scale
        self._given = cost, output_shape, dtype, labels
        self._cost = cost
        self._shape = output_shape
        self._dtype = dtype
        self._outputs = output_shape[-1] if output_shape else 1
        self._repeats = cost.outputs_per_target
        self._target_shape = output_shape
        if self._repeats != 1:
            self._target_shape = (*output_shape[:-1], self._numbers_of(output_shape))
        self._declared = labels
        self._wants_labels = cost.target_form == "labels"
        self._integers_are_labels = (
            self._outputs != self._repeats or cost.of_classes or self._wants_labels if labels is None else labels
        )
        self._rows: Array | None = None
        """The one-hot row of each class, where there are few: to take rows is faster than to make them."""

    def scaled(self, scale: Unstandardize) -> Targets:
        """The same, for a model of this readout."""
        cost, output_shape, dtype, labels = self._given
        return Targets(cost, output_shape, dtype, labels=labels, scale=scale)

    @property
    def classes(self) -> int:
        """How many classes labels may name."""
        return 2 if self._outputs == 1 else self._outputs if isinstance(self._outputs, int) else 0

    @property
    def outputs(self) -> int:
        """How many outputs a position has, or 0 where that is not known."""
        return self._outputs if isinstance(self._outputs, int) else 0

    @property
    def positions(self) -> bool:
        """Whether an example has several places, each with a target of its own."""
        return len(self._shape) > 1

    def are_labels(self, y: Array) -> bool:
        """Whether these targets say a class each."""
        return y.dtype.kind in "iub" and self._integers_are_labels and bool(self._shape) and self._lacks_last_axis(y)

    def aligned(self, y: Array) -> Array:
        """The same targets, labels without the output's last axis, numbers with it: as metrics compare them."""
        if self._target_shape[-1:] == (1,) and self._lacks_last_axis(y) and not self.are_labels(y):
            return y[..., np.newaxis]
        if self._declared and y.ndim > 1 and y.shape[-1] == 1 and self.are_labels(y[..., 0]):
            return y[..., 0]
        return y

    def is_small(self, y: Array) -> bool:
        """Whether all of ``y`` takes so little memory in the form that the cost wants that it is converted at once."""
        rows = y.size * (self._outputs if self.are_labels(y) and not self._wants_labels else 1)
        return bool(rows * self._dtype.itemsize <= _EAGER_BYTES)

    def check(self, y: Array, ctx: Context) -> None:
        """Refuse aligned targets that do not fit the output or the cost; ``ctx`` is the cost's, with their mask.

        Raises:
            ShapeError: they have the wrong shape.
            DataError: a label is out of range, a number is not finite, or the cost has no use for a value.
        """
        self.check_form(y)
        if self.scale is not None or (self.are_labels(y) and self._outputs == 1):
            # rows made of labels are sound, but a cost may have no use for a single column of them
            self._cost.check_target(self.convert(y, Scratch(self._dtype)), ctx)
        elif self._wants_labels or not self.are_labels(y):
            self._cost.check_target(y, ctx)

    def check_form(self, y: Array) -> None:
        """Refuse aligned targets that do not fit the output, whatever the cost makes of them.

        Raises:
            ShapeError, DataError: as ``check``.
        """
        if self.are_labels(y):
            if self.scale is not None:
                self.require_numbers(y)
            self._check_labels(y)
            return
        if self._wants_labels:
            raise ShapeError(
                f"{type(self._cost).__name__} wants integer labels of shape {with_batch(self._shape[:-1])}, got "
                f"targets of shape {y.shape} and dtype {y.dtype}{self._declaration()}"
            )
        if y.dtype.kind not in "fiub":
            raise DataError(f"targets must be numbers, got an array of dtype {y.dtype}")
        if not fits(y.shape[1:], self._target_shape):
            labels = f" or integer labels of shape {with_batch(self._shape[:-1])}" if self._integers_are_labels else ""
            # numbers (n,) of a file have an axis of 1 by now
            single = y.dtype.kind == "f" and y.shape[1:] == (1,)
            got = f"one number a row, {y.dtype}" if single else f"{y.shape} of dtype {y.dtype}"
            wanted = "that shape"
            if self._repeats != 1:
                wanted = f"the shape {with_batch(self._target_shape)}, for {self._cost!r} has {self._repeats} for each"
            raise ShapeError(
                f"the model's output is {with_batch(self._shape)}, so targets must have {wanted}{labels}; got "
                f"{got}{self._hint(y)}"
            )
        row = not_finite_row(y)
        if row is not None:
            raise DataError(f"targets must be finite, but row {row} holds NaN or infinity")

    def require_numbers(self, y: Array) -> None:
        """Refuse what has no mean and deviation that mean anything.

        Raises:
            DataError: these targets are labels, or have no axis of outputs.
        """
        if not self._shape:
            raise DataError("targets are standardised output by output, and the model's output has no axis of them")
        if self.are_labels(y):
            raise DataError(
                f"targets that are standardised must be numbers, and these are labels (shape {y.shape}, {y.dtype}): "
                "leave standardize_targets out (a model that was trained with it keeps its scale as model.readout, and "
                "model.readout = None forgets it); or, if they are numbers, write y.astype(float)"
            )

    def convert(self, y: Array, scratch: Scratch) -> Array:
        """Checked targets in the form that the cost wants; may be ``scratch``."""
        if self._wants_labels:
            return y
        if self.are_labels(y):
            if self._outputs == 1:
                return cast(y[..., np.newaxis], self._dtype)
            return self._one_hot(y, scratch("one-hot", (*y.shape, self._outputs)))
        if self._repeats != 1:
            y = np.repeat(y, self._repeats, axis=-1)
        if self.scale is not None:
            y = self.scale.inverse(y)
        return cast(y, self._dtype)

    def for_outputs(self, numbers: Array) -> Array:
        """One number for each of a target's, as one for each output."""
        return np.repeat(numbers, self._repeats)

    def _numbers_of(self, output_shape: Shape) -> int | None:
        """How many numbers a target of such an output has, where several outputs answer each."""
        outputs = output_shape[-1] if output_shape else 1
        if isinstance(outputs, int) and outputs % self._repeats == 0:
            return outputs // self._repeats
        if outputs is None:
            return None
        raise ShapeError(
            f"{self._cost!r} takes {self._repeats} outputs for each number that is to be predicted, and the model's "
            f"output is {with_batch(output_shape)}: give the last layer {self._repeats}, or {self._repeats} times as "
            "many as there are numbers"
        )

    def _one_hot(self, y: Array, out: Array) -> Array:
        classes = out.shape[-1]
        if classes > _FEW_CLASSES:
            out.fill(0)
            out.reshape(-1, classes)[np.arange(y.size), y.ravel()] = 1
            return out
        if self._rows is None:
            self._rows = np.eye(classes, dtype=self._dtype)
        return np.take(self._rows, y, axis=0, out=out, mode="clip")

    def _lacks_last_axis(self, y: Array) -> bool:
        return fits(y.shape[1:], self._shape[:-1])

    def _declaration(self) -> str:
        return "; the data declares its targets as numbers (labels=False)" if self._declared is False else ""

    def _hint(self, y: Array) -> str:
        if len(self._shape) > 1 and y.shape[1:] in ((), (1,), self._shape[-1:]):
            rows = ": put Flatten() in front of the dense layers, which makes one row of each example"
            last = "after a layer over time say return_sequences=False, or put Last() behind it"
            if len(self._shape) != 2:
                return rows
            return f": {last}" if self._shape[0] is None else f"{rows}; {last}"
        single = y.ndim > 1 and y.shape[-1] == 1
        if y.dtype.kind == "f" and self._declared is not False and self._lacks_last_axis(y[..., 0] if single else y):
            return (
                ": labels are integers, so write y.astype(int), or for a file CsvFile(…, labels=True) or NpzFile(…, "
                "labels=True), if these are labels"
                if single and y.ndim == 2
                else ": labels are integers, so write y.astype(int) if these are labels"
            )
        if self._lacks_last_axis(y):
            return self._declaration()
        if self._integers_are_labels and y.dtype.kind in "iub" and y.ndim > 1 and y.shape[-1] == 1:
            return ": integers with an axis of 1 are numbers; write y[..., 0] if these are labels"
        return ""

    def _check_labels(self, y: Array) -> None:
        classes = 2 if self._outputs == 1 else self._outputs
        wrong = wrong_label_place(y, classes)
        if wrong is not None:
            outputs = "1 output" if self._outputs == 1 else f"{self._outputs} outputs"
            why = "" if self._declared is None else ", and the data declares its targets as labels"
            cure = "" if self._outputs != 1 else ": for more classes give the network one output each"
            if self._outputs == 1 and np.isin(y, (-1, 1)).all():
                cure = ": write (y + 1) // 2 for labels of -1 and 1, or of a file say classes=['-1', '1']"
            elif y.min() == 1 and y.max() == classes:
                some = "'1', '2'" if classes == 2 else "'1', '2', …"
                cure = f": write y - 1 for labels of 1 to {classes}, or of a file say classes=[{some}]"
            elif self.positions and y[wrong] < 0:
                cure = ": where that is padding, put 0 there, and let the mask leave it out"
            raise DataError(
                f"labels must be 0 to {classes - 1}, for the model has {outputs}{why}; got {y[wrong]} in row {wrong[0]}"
                f"{cure}"
            )
