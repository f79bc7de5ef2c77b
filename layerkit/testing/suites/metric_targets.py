"""A metric's targets come as the user has them: labels and numbers of any dtype."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import LABEL_DTYPES, MANY_ROWS, draw_pair, shapes, target_form
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_LARGEST = 100
"""What every integer dtype holds."""


@told_by("batches-equal-the-whole")
def target_dtypes(subject: Subject) -> None:
    """Targets of any dtype, bytes without a sign too, give what the same numbers in int64 and in float64 give."""
    tried = False
    for data, names in _whole_numbers(subject):
        try:
            wanted = data.measure([data.cut(slice(None))])
        except LayerkitError:
            continue  # such targets mean nothing to it
        for name in names:
            tried = True
            narrow = read_only(data.target.astype(name))
            try:
                found = data.measure([(data.prediction, narrow, data.weights)])
            except LayerkitError:
                continue  # it says that it takes no such targets
            except Exception as error:
                raise _unmet(name, f"{type(error).__name__}: {error}", wanted) from error
            if not same_measure(found, wanted, rounding=1e-4 if name == "float32" else 1e-10):
                raise _unmet(name, f"the measure is {found:.9g}", wanted)
    if not tried:
        raise NotApplicable("there are no whole numbers among the targets of the case")


def _unmet(name: str, told: str, wanted: float) -> Unmet:
    return Unmet(
        f"with targets in {name}, {told}",
        expected=f"{wanted:.9g}, as for the same numbers in another dtype",
        cause="arithmetic in the targets' dtype: differences of labels wrap in uint8 (0 − 1 is 255), and what is kept "
        "in an array like the targets loses its fractions where these are integers; convert first",
    )


def _whole_numbers(subject: Subject) -> Iterator[tuple[Measured, tuple[str, ...]]]:
    """Examples with whole numbers for targets, and the dtypes in which they are to be given, too."""
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        form = target_form(metric, subject.case)
        prediction, target = draw_pair(metric, subject.case, shape, rows=MANY_ROWS)
        names: tuple[str, ...] = LABEL_DTYPES
        if form in ("real", "unit", "one-hot", "probabilities"):
            if form == "real":
                whole = _within(subject.case, prediction.shape)
                if whole is None:
                    continue
                target = whole
            elif form == "probabilities":
                target = (target == target.max(axis=-1, keepdims=True)).astype(float)
            target, names = np.round(target), (*LABEL_DTYPES, "float32")
        weights = read_only(generator(113).uniform(0.2, 3, len(target)))
        yield Measured(metric, subject.case, prediction, read_only(target), weights), names


def _within(case: Case, shape: tuple[int, ...]) -> Array | None:
    """Whole numbers of at least 0 from the range of predictions, if there are two."""
    low, high = max(np.ceil(case.prediction_range[0]), 0), min(np.floor(case.prediction_range[1]), _LARGEST)
    return generator(114).integers(int(low), int(high) + 1, shape).astype(float) if low < high else None
