"""What a metric tells people and programs in the place of a number."""

from __future__ import annotations

import json
import numbers
from typing import Any

import numpy as np

from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured
from layerkit.testing.rigs.predictions import draw_pair, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_ROWS = 40


@told_by("totals-kept", "batches-equal-the-whole", "runs")
def report_usable(subject: Subject) -> None:
    """What report gives in the place of a number can be printed, and tells programs plain values by as_json."""
    if subject.target.report is Metric.report:
        raise NotApplicable("it reports its measure, a number")
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        data = Measured(metric, subject.case, prediction, target, read_only(np.ones(_ROWS)))
        totals = data.totals([data.cut(slice(None))])
        names = tuple(f"class {number}" for number in range(max(shape[-1], 2)))
        for classes, told in ((None, "without names of classes"), (names, "with the names of classes")):
            _require_usable(metric, totals, classes, told)
        _require_usable(metric, metric.start(), None, "before the first example")


def _require_usable(metric: Metric, totals: Any, classes: tuple[str, ...] | None, told: str) -> None:
    try:
        given = metric.report(totals, classes)
        if isinstance(given, numbers.Real):
            return
        shown, plain = str(given), given.as_json()
        json.dumps(plain)
    except Exception as error:
        raise Unmet(
            f"{told}: {type(error).__name__}: {error}",
            expected="a number, or an object that str() prints and whose as_json() gives lists, dictionaries, texts "
            "and numbers of Python's own",
            cause="an array or a plain dictionary is given, which has no as_json; or as_json gives NumPy's numbers, or "
            "totals of no example are divided by",
        ) from error
    if not shown.strip():
        raise Unmet(f"{told}: its text is empty", expected="what people read", cause="__str__ gives nothing")
