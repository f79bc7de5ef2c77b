"""A metric: the same measure whichever way the examples are cut into batches, and weights that count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import MANY_ROWS, draw_pair, metric_context, shapes, target_form
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.metric_alike import examples_alike
from layerkit.testing.suites.metric_masks import masked_positions
from layerkit.testing.suites.metric_report import report_usable
from layerkit.testing.suites.metric_targets import target_dtypes
from layerkit.testing.suites.metric_threshold import models_threshold
from layerkit.testing.suites.metric_totals import one_example_often, predictions_matter, totals_kept
from layerkit.testing.suites.metric_values import ends_of_the_range, far_from_zero, finite_measures, within_bounds
from layerkit.testing.suites.metric_weights import weights_in_parts
from layerkit.testing.suites.targets_refused import targets_refused
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_ROWS = 40
_LEVELS = 4
"""Into how many steps predictions are rounded, so that many are equal."""
_SUMS = (
    "means of batches are averaged, totals are overwritten instead of added to, or weights are left out; keep sums and "
    "divide in result"
)
_TIES = "examples of equal predictions are ranked as they come; take those of one value together"


def use(metric: Metric, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(metric, case, shape, dtype=dtype)
        weights = np.ones(len(prediction))
        weights.flags.writeable = False
        totals = metric.start()
        totals = metric.updated(totals, prediction, target, weights, metric_context(case, prediction, dtype))
        given += [np.array(totals), np.array(metric.result(totals))]
    return tuple(given)


def named(subject: Subject) -> None:
    """It has a name for histories and the screen."""
    name = getattr(subject.make(), "name", None)
    if not isinstance(name, str) or not name.strip() or name == "cost":
        raise Unmet(
            f"name is {name!r}", expected='a name such as "accuracy"', cause='name = "…" is missing on the class'
        )


def totals_start_empty(subject: Subject) -> None:
    """Totals start as a fresh float64 vector, whose result is NaN."""
    metric: Metric = subject.make()
    one: Any = metric.start()
    other = metric.start()
    if not isinstance(one, np.ndarray) or one.dtype != np.float64 or one.ndim != 1 or np.shares_memory(one, other):
        raise Unmet(
            f"start gives {one!r}" + (", the same array each time" if one is other else ""),
            expected="a new float64 vector",
            cause="a list, integers, or an array that is kept on self",
        )
    result = metric.result(one)
    if not np.isnan(result):
        raise Unmet(
            f"before the first example the result is {result!r}",
            expected="NaN",
            cause="a division by 0 that is not caught, or a measure that is made up",
        )


def order_irrelevant(subject: Subject) -> None:
    """The order of the examples does not matter, nor does it where predictions are equal."""
    for data in _data(subject):
        order = generator(111).permutation(len(data.prediction))
        low, high = subject.case.prediction_range
        steps = np.round((data.prediction - low) / (high - low) * _LEVELS) / _LEVELS
        tied = replace(data, prediction=read_only(low + steps * (high - low)))
        for given, told, cause in (
            (data, "in another order", _SUMS),
            (tied, "where many predictions are equal, in another order", _TIES),
        ):
            found, wanted = given.measure([given.cut(order)]), given.measure([given.cut(slice(None))])
            _require_same(found, wanted, told, cause=cause)


@told_by("order-irrelevant")
def batches_equal_the_whole(subject: Subject) -> None:
    """Updated batch by batch, or merged from parts, empty ones too, it gives what the whole gives, with weights."""
    for data in _data(subject, rows=MANY_ROWS):
        metric = data.metric
        wanted = data.measure([data.cut(slice(None))])
        pieces = [data.cut(rows) for rows in (slice(0, 7), slice(7, 8), slice(8, 29), slice(29, None))]
        _require_same(data.measure(pieces), wanted, "in four batches of unequal size")
        one, two, three = (data.totals(part) for part in (pieces[:2], pieces[2:3], pieces[3:]))
        whole = data.merged(data.merged(one, two), three)
        _require_merged(data, whole, wanted, "merged from three parts")
        nothing = "totals of which nothing was counted"
        _require_merged(data, data.merged(metric.start(), whole), wanted, f"merged into {nothing}")
        _require_merged(data, data.merged(whole, metric.start()), wanted, f"merged with {nothing}")


@told_by("order-irrelevant", "batches-equal-the-whole")
def weights_count(subject: Subject) -> None:
    """A weight of 2 is the example twice, a weight of 0 is the example left out."""
    for data in _data(subject):
        times = generator(110).integers(0, 4, len(data.prediction))
        repeated = np.repeat(np.arange(len(data.prediction)), times)
        wanted = data.measure([(*data.cut(repeated)[:2], read_only(np.ones(len(repeated))))])
        found = data.measure([(data.prediction, data.target, read_only(times.astype(float)))])
        if not same_measure(found, wanted):
            raise Unmet(
                f"weights 0, 1, 2 and 3 give {found:.9g}",
                expected=f"{wanted:.9g}, as with the examples left out, once, twice and three times",
                cause="weights are ignored, or used in the numerator and not in the denominator",
            )


def no_broadcasting(subject: Subject) -> None:
    """Targets (n,) for predictions (n, 1), and the other way round, are refused or put in one shape, not broadcast."""
    if target_form(subject.make(), subject.case) not in ("real", "unit"):
        raise NotApplicable("targets are labels or one-hot rows")
    for data in _data(subject):
        rows = len(data.prediction)
        column, other = (read_only(array.reshape(rows, -1)[:, :1]) for array in (data.prediction, data.target))
        for one, two in ((column, read_only(other[:, 0])), (read_only(column[:, 0]), other)):
            try:
                found = data.measure([(one, two, data.weights)])
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"predictions {one.shape} with targets {two.shape}: {type(error).__name__}: {error}",
                    expected="ShapeError",
                    cause="compare the shapes first",
                ) from error
            # a metric that puts both in one shape broadcasts nothing
            if not any(same_measure(found, wanted) for wanted in _of_one_shape(data, column, other)):
                raise Unmet(
                    f"predictions {one.shape} with targets {two.shape} are measured, and give {found:.9g}",
                    expected="ShapeError, or the measure of the same numbers in one shape",
                    cause="NumPy broadcasts (n, 1) against (n,) to (n, n); compare the shapes first",
                )


def _of_one_shape(data: Measured, column: Array, other: Array) -> Iterator[float]:
    for one, two in ((column, other), (column[:, 0], other[:, 0])):
        try:
            yield data.measure([(read_only(one), read_only(two), data.weights)])
        except LayerkitError:
            continue


def _data(subject: Subject, *, rows: int = _ROWS) -> Iterator[Measured]:
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=rows)
        weights = read_only(generator(112).uniform(0.2, 3, rows))
        yield Measured(metric, subject.case, prediction, target, weights)


def _require_same(found: float, wanted: float, told: str, *, cause: str = _SUMS) -> None:
    if not same_measure(found, wanted):
        raise Unmet(
            f"{told} the measure is {found:.9g}",
            expected=f"{wanted:.9g}, as for all examples at once",
            cause=cause,
        )


def _require_merged(data: Measured, totals: Array, wanted: float, told: str) -> None:
    found = float(data.metric.result(totals))
    if not same_measure(found, wanted):
        raise Unmet(
            f"{told} the measure is {found:.9g}",
            expected=f"{wanted:.9g}, as for all examples at once",
            cause="merge does not add all of the other's totals, in place, or binds a name to a new array instead of "
            "writing into the one that it is given",
        )


CHECKS = suite(
    named,
    totals_start_empty,
    totals_kept,
    order_irrelevant,
    batches_equal_the_whole,
    weights_count,
    weights_in_parts,
    one_example_often,
    predictions_matter,
    within_bounds,
    finite_measures,
    examples_alike,
    models_threshold,
    ends_of_the_range,
    far_from_zero,
    no_broadcasting,
    target_dtypes,
    targets_refused,
    report_usable,
    masked_positions,
)
