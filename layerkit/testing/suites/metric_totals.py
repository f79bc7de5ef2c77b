"""What a metric keeps of examples: totals of its own, from which a measure is read that predictions decide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.interfaces.metric import Metric
from layerkit.testing.closeness import identical
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import draw_pair, metric_context, shapes
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ROWS = 40
_TIMES = 7
_ROUNDING = 1e-6
_OTHERS = 12


def totals_kept(subject: Subject) -> None:
    """Totals are the metric's own: result only reads them; what was counted, or merged, may be overwritten then."""
    for data in _data(subject):
        given = tuple(np.array(array) for array in (data.prediction, data.target, data.weights))
        context = metric_context(data.case, given[0], given[0].dtype)
        totals = data.metric.updated(data.metric.start(), given[0], given[1], given[2], context)
        kept = totals.copy()
        for array in given:
            array[...] = 1
        if not identical(totals, kept):
            raise Unmet(
                "when the arrays of a batch are filled anew, its totals change",
                expected="totals that stay: the next batch lies in the same memory as the one before",
                cause="totals are a view of the predictions, the targets or the weights (reshape and slices copy "
                "nothing); write .copy()",
            )
        first = float(data.metric.result(totals))
        if not identical(totals, kept):
            raise Unmet(
                "result changes the totals that it reads",
                expected="totals as they were: result is asked for after any batch, and counting goes on",
                cause="an operation in place (/=, sort) on totals; work on a new array",
            )
        again = float(data.metric.result(totals))
        if not (again == first or np.isnan([first, again]).all()):
            raise Unmet(
                f"result gives {first:.9g}, and {again:.9g} when it is asked again",
                expected="the same measure of the same totals",
                cause="the metric keeps something on self; all that it knows belongs in the totals",
            )
        _require_merged_kept(data)


def _require_merged_kept(data: Measured) -> None:
    """Totals that others were merged into, empty ones too, share nothing with these."""
    whole = data.totals([data.cut(slice(None))])
    for begun in (data.metric.start(), whole.copy()):
        other = whole.copy()
        merged = data.metric.merged(begun, other)
        kept = merged.copy()
        other[...] = 1
        if not identical(merged, kept):
            raise Unmet(
                "totals change when those are overwritten that were merged into them",
                expected="totals of their own: both are counted on",
                cause="merge returns `other` itself where nothing was counted before; write other.copy()",
            )


@told_by("order-irrelevant", "batches-equal-the-whole", "weights-count", "totals-kept", "far-from-zero")
def one_example_often(subject: Subject) -> None:
    """An example that is counted several times, with any weights, gives what it gives alone: no root of −1e-17."""
    tried = False
    for data in _data(subject):
        rng = generator(115)
        for row in range(_ROWS):
            rows = np.full(_TIMES, row)
            alone = _measured(data, rows[:1], np.ones(1))
            if not np.isfinite(alone):
                continue
            if not same_measure(_measured(data, rows[:1], np.full(1, 2.0)), alone, rounding=_ROUNDING):
                continue  # a sum, which weights make larger
            tried = True
            told = f"an example that is counted {_TIMES} times"
            try:
                found = _measured(data, rows, rng.uniform(0.1, 3, _TIMES))
            except (ValueError, ArithmeticError) as error:
                raise _unmet(f"{told}: {type(error).__name__}: {error}", alone) from error
            if not same_measure(found, alone, rounding=_ROUNDING) and not abs(found - alone) <= _ROUNDING:
                raise _unmet(f"{told} gives {found:.9g}", alone)
    if not tried:
        raise NotApplicable("the measure of a single example is not finite, or grows with its weight")


def _unmet(told: str, alone: float) -> Unmet:
    return Unmet(
        told,
        expected=f"{alone:.9g}, as the example alone",
        cause="the root or the logarithm of a difference that is a little below 0 by rounding, where all examples are "
        "alike: take max(…, 0) first",
    )


@told_by("totals-kept")
def predictions_matter(subject: Subject) -> None:
    """For the same targets, other predictions can give another measure."""
    for data in _data(subject):
        low, high = data.case.prediction_range
        shape = data.prediction.shape
        rng = generator(116)
        others = [np.full(shape, low), np.full(shape, high), data.prediction[::-1]]
        others += [rng.uniform(low, high, shape) for _ in range(_OTHERS)]
        measures = np.array([_measured(data, slice(None), data.weights, other) for other in others])
        finite = measures[np.isfinite(measures)]
        # one that is always met, or never, is one of few outputs: the best two of two, say
        if len(finite) == len(measures) and np.ptp(finite) == 0 and finite[0] not in (0, 1):
            raise Unmet(
                f"{len(measures)} batches of predictions, from {low:g} to {high:g}, all give {finite[0]:.9g} for the "
                "same targets",
                expected="a measure that tells good predictions from bad ones",
                cause="predictions are not looked at, or in a way that always finds the same: argmax over a single "
                "output is always class 0 (self.classes(prediction, target, ctx) knows better)",
            )


def _measured(data: Measured, rows: Array | slice, weights: Array, prediction: Array | None = None) -> float:
    given = data.prediction if prediction is None else prediction
    return data.measure([(read_only(given[rows]), read_only(data.target[rows]), read_only(weights))])


def _data(subject: Subject) -> Iterator[Measured]:
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        yield Measured(metric, subject.case, prediction, target, read_only(generator(117).uniform(0.2, 3, _ROWS)))
