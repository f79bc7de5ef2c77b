"""A metric under the mask of ragged sequences: what does not count changes nothing."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import shapes
from layerkit.testing.rigs.ragged import Ragged, draw_ragged, shapes_over_time
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array


@told_by("weights-count", "batches-equal-the-whole")
def masked_positions(subject: Subject) -> None:
    """Under a mask, steps that do not count change nothing, whatever they hold."""
    tried = False
    for shape in shapes_over_time(subject.case):
        metric: Metric = subject.make()
        for holes in (False, True):
            ragged = draw_ragged(metric, subject.case, shape, holes=holes)
            found = _under_mask(metric, subject.case, ragged)
            if found is None:
                continue
            if found == _measure(metric, subject.case, ragged, None) and shape not in shapes(subject.case):
                continue  # a shape that the kit made of the author's: its first axis need not be time
            tried = True
            other = ragged.with_padding(draw_ragged(metric, subject.case, shape, seed=121))
            strange = _measure(metric, subject.case, other, ragged.mask)
            if not same_measure(strange, found):
                raise Unmet(
                    f"with other numbers where the mask leaves out, the measure is {strange:.9g}",
                    expected=f"{found:.9g}, whatever places that do not count hold",
                    cause="what the mask leaves out is counted, or used for a scale: multiply by ctx.mask_over(value), "
                    "which has a row for each example and may leave out any step; of a value without axes behind "
                    "(batch, time), as labels and hits are, it is None, so ask it of the prediction",
                )
            if not holes:
                _require_the_same_alone(metric, subject.case, ragged, found)
    if not tried:
        raise NotApplicable("it takes no sequences, or takes no notice of ctx.mask")


def _under_mask(metric: Metric, case: Case, ragged: Ragged) -> float | None:
    """The measure, or None where the metric takes no sequences or refuses masks."""
    try:
        _measure(metric, case, ragged, None)
    except Exception:
        return None
    try:
        found = _measure(metric, case, ragged, ragged.mask)
    except LayerkitError:
        return None
    except Exception as error:
        raise Unmet(
            f"with a mask of shape {ragged.mask.shape}, predictions of shape {ragged.prediction.shape} raise "
            f"{type(error).__name__}: {error}",
            expected="a measure without the steps that the mask leaves out",
            cause="ctx.mask is (batch, time); ctx.mask_over(value) has axes that fit the value",
        ) from error
    return found if np.isfinite(found) else None


def _require_the_same_alone(metric: Metric, case: Case, ragged: Ragged, found: float) -> None:
    """Each sequence without its padding, one after another, is measured as all of them are, padded."""
    for weights in (np.ones(len(ragged.mask)), generator(124).uniform(0.2, 3, len(ragged.mask))):
        data = Measured(metric, case, ragged.prediction, ragged.target, weights)
        pieces = [(prediction, target, read_only(weights[row : row + 1])) for row, prediction, target in ragged.alone()]
        try:
            wanted = data.measure(pieces)
        except LayerkitError:
            return  # made for one length
        together = _measure(metric, case, ragged, ragged.mask, weights)
        if not same_measure(together, wanted):
            told = "" if weights[0] == weights[1] else ", weighted"
            raise Unmet(
                f"padded sequences under a mask{told}: the measure is {together:.9g}",
                expected=f"{wanted:.9g}, as for each sequence alone without its padding",
                cause="steps that the mask leaves out are counted as right ones, or in the denominator alone"
                if not told
                else "weights are left out where there is a mask, or used in the numerator alone",
            )


def _measure(metric: Metric, case: Case, ragged: Ragged, mask: Array | None, weights: Array | None = None) -> float:
    weights = np.ones(len(ragged.mask)) if weights is None else weights
    data = Measured(metric, case, ragged.prediction, ragged.target, weights)
    return data.measure([data.cut(slice(None))], mask=mask)
