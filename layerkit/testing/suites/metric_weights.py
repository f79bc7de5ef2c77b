"""What the weights of examples say: nothing where they are 0, one or all of a batch, and two halves are a whole."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import draw_pair, shapes
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet

_ROWS = 40
_FEW = 8
_SHARE = 0.3


@told_by("order-irrelevant", "batches-equal-the-whole", "weights-count")
def weights_in_parts(subject: Subject) -> None:
    """Weights of 0 leave out an example, or all of a batch; one whose weight is cut in two parts counts once."""
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        weights = read_only(generator(119).uniform(0.2, 3, _ROWS))
        data = Measured(metric, subject.case, prediction, target, weights)
        _require_parts(data)
        _require_left_out(Measured(metric, subject.case, *data.cut(slice(0, _FEW))))
        _require_nothing_counted(data)


def _require_parts(data: Measured) -> None:
    whole = data.measure([data.cut(slice(None))])
    twice = np.tile(np.arange(_ROWS), 2)
    parts = np.concatenate([_SHARE * data.weights, (1 - _SHARE) * data.weights])
    found = data.measure([(*data.cut(twice)[:2], read_only(parts))])
    if not same_measure(found, whole):
        raise Unmet(
            f"each example given twice, with {_SHARE:g} and {1 - _SHARE:g} of its weight, gives {found:.9g}",
            expected=f"{whole:.9g}, as given once with all of its weight",
            cause="weights are made whole numbers, or examples are counted in the place of their weights",
        )


def _require_left_out(data: Measured) -> None:
    for row in range(_FEW):
        weights = data.weights.copy()
        weights[row] = 0
        others = np.delete(np.arange(_FEW), row)
        found = data.measure([(data.prediction, data.target, read_only(weights))])
        wanted = data.measure([data.cut(others)])
        if not same_measure(found, wanted):
            raise Unmet(
                f"of {_FEW} examples, one of which has the weight 0, the measure is {found:.9g}",
                expected=f"{wanted:.9g}, as without that example",
                cause="a maximum, a minimum or a rank is taken of all examples, whatever their weight",
            )


def _require_nothing_counted(data: Measured) -> None:
    """A batch whose weights are all 0 may come first, in between and last."""
    first, last = data.cut(slice(0, _FEW)), data.cut(slice(_FEW, None))
    nothing = (*first[:2], read_only(np.zeros(_FEW)))
    wanted = data.measure([first, last])
    told = f"with a batch of {_FEW} examples whose weights are all 0"
    expected = f"{wanted:.9g}, as without that batch: weights are any numbers of at least 0"
    try:
        found = data.measure([nothing, first, nothing, last, nothing])
    except Exception as error:
        raise Unmet(
            f"{told}: {type(error).__name__}: {error}",
            expected=expected,
            cause="a mean over the batch, as np.average makes it, is a division by the sum of its weights",
        ) from error
    if not same_measure(found, wanted):
        raise Unmet(
            f"{told}, the measure is {found:.9g}",
            expected=expected,
            cause="0 / 0 is NaN, and what NaN is added to: a mean over the batch divides by the sum of its weights",
        )
