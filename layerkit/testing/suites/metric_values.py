"""What a metric measures is a number between its bounds, for right, wrong, extreme and distant values alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import draw_pair, shapes, target_form
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ROWS = 40
_ROUNDING = 1e-9
_FAR = 2.0**23
_GRAIN = 2.0**-16
_FAR_ROUNDING = 1e-4
_NEAR = (1e-12, 1e-10, 1e-8)


@told_by("order-irrelevant", "batches-equal-the-whole", "weights-count", "totals-kept")
def within_bounds(subject: Subject) -> None:
    """No measure lies beyond the bounds that are declared, however wrong the predictions are."""
    low, high = subject.make().bounds
    if low == -np.inf and high == np.inf:
        raise NotApplicable("it declares no bounds")
    for data in _data(subject):
        for told, prediction, rows in _wrong(data):
            found = _measured(data, prediction, data.target, rows)
            if found is not None and (found < low - _ROUNDING or found > high + _ROUNDING):
                raise Unmet(
                    f"for {told} the measure is {found:.9g}",
                    expected=f"a number from {low:g} to {high:g}, as bounds says: a target beyond them is refused",
                    cause="the measure can be negative, or grows with the predictions: declare bounds that hold",
                )


@told_by("totals-kept", "batches-equal-the-whole", "weights-count")
def finite_measures(subject: Subject) -> None:
    """One example with a target or a prediction of 0, of 1, or right to the bit, leaves a finite measure finite."""
    for data in _data(subject):
        usual = _measured(data, data.prediction, data.target)
        if usual is None or not np.isfinite(usual):
            continue
        for told, prediction, target in _special(data):
            found = _measured(data, prediction, target)
            if found is not None and not np.isfinite(found):
                raise Unmet(
                    f"with {told} in one example of {_ROWS} the measure is {found}",
                    expected="a finite number, or an error of layerkit's that says what cannot be measured",
                    cause="a division by the target, or the logarithm of 0: take at least a small number there, or "
                    "refuse it in check_target",
                )


@told_by("finite-measures", "within-bounds", "totals-kept")
def ends_of_the_range(subject: Subject) -> None:
    """A probability of exactly 0 or 1 is measured as one just inside, where those further inside make no difference."""
    if subject.case.prediction_range != (0, 1) or target_form(subject.make(), subject.case) == "real":
        raise NotApplicable("predictions are no probabilities, or targets no classes")
    for data in _data(subject):
        for end, place in ((1.0, data.prediction.argmax()), (0.0, data.prediction.argmin())):
            exactly, *inside = (
                _measured(data, _with(data.prediction, place, abs(end - away)), data.target) for away in (0.0, *_NEAR)
            )
            if exactly is None or None in inside or len(set(inside)) > 1:
                continue
            if not same_measure(exactly, float(inside[0] or 0.0)):
                raise Unmet(
                    f"with a probability of exactly {end:g} the measure is {exactly:.9g}",
                    expected=f"{inside[0]:.9g}, as with {abs(end - _NEAR[0])!r}: sigmoids reach 0 and 1 by rounding",
                    cause="it falls beyond the last of some bins, or into no class; np.clip the bin's number",
                )


@told_by("order-irrelevant", "batches-equal-the-whole", "totals-kept")
def far_from_zero(subject: Subject) -> None:
    """A measure of differences is the same where predictions and targets lie eight millions further on."""
    if target_form(subject.make(), subject.case) != "real":
        raise NotApplicable("targets are no numbers of any size")
    for data in _data(subject):
        # whole numbers of grains, so that nothing is rounded on the way
        prediction, target = (np.round(array / _GRAIN) * _GRAIN for array in (data.prediction, data.target))
        near, moved, far = (_measured(data, prediction + on, target + on) for on in (0.0, 8.0, _FAR))
        if near is None or moved is None or far is None or not same_measure(near, moved):
            continue
        if not abs(far - near) <= _FAR_ROUNDING * max(abs(near), 1e-3):
            raise Unmet(
                f"with {_FAR:.0f} added to predictions and targets the measure is {far:.9g}",
                expected=f"{near:.9g}, as with 0 or 8 added",
                cause="a variance or a covariance is the difference of two large sums (Σx² − (Σx)²/n), and float64 "
                "holds 16 digits; keep means and sums of squares around them, and merge these",
            )


def _data(subject: Subject) -> Iterator[Measured]:
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        yield Measured(metric, subject.case, prediction, target, read_only(np.ones(_ROWS)))


def _measured(data: Measured, prediction: Array, target: Array, rows: Array | slice = slice(None)) -> float | None:
    """The measure of some examples; None where the metric says that it cannot be measured."""
    pieces = [read_only((np.array(prediction[rows]), np.array(target[rows]), data.weights[rows]))]
    try:
        return data.measure(pieces)
    except LayerkitError:
        return None


def _wrong(data: Measured) -> Iterator[tuple[str, Array, Array | slice]]:
    """Predictions that have nothing to do with the targets, or much against them, of all examples and of few."""
    low, high = data.case.prediction_range
    shape, everything = data.prediction.shape, slice(None)
    if data.target.shape == shape:
        yield "predictions that are the targets", np.clip(data.target, low, high), everything
        yield "predictions on the other side of the targets", np.clip(low + high - data.target, low, high), everything
        yield "targets in another order", np.clip(np.roll(data.target, 1, axis=0), low, high), everything
    yield "the lowest predictions", np.full(shape, low, float), everything
    yield "the highest predictions", np.full(shape, high, float), everything
    for row in range(0, _ROWS, 2):
        yield "two examples", data.prediction, np.arange(row, row + 2)


def _special(data: Measured) -> Iterator[tuple[str, Array, Array]]:
    low, high = data.case.prediction_range
    numbers = data.target.shape == data.prediction.shape
    form = target_form(data.metric, data.case)
    for value in (0.0, 1.0):
        if not low <= value <= high:
            continue
        yield f"a prediction of exactly {value:g}", _with(data.prediction, 0, value), data.target
        if numbers and form in ("real", "unit"):
            yield f"a target of exactly {value:g}", data.prediction, _with(data.target, 0, value)
            yield (
                f"prediction and target of exactly {value:g}",
                _with(data.prediction, 0, value),
                _with(data.target, 0, value),
            )
    if numbers and form == "real":
        yield (
            "a prediction that is right to the bit",
            _with(data.prediction, 0, float(data.target.flat[0])),
            data.target,
        )


def _with(array: Array, place: int | np.integer, value: float) -> Array:
    """A copy in which one number is another."""
    changed = np.array(array)
    changed.flat[place] = value
    return changed
