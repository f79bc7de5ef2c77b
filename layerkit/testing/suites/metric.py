"""A metric: the same measure whichever way the examples are cut into batches, and weights that count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import draw_pair, metric_context, shapes, target_form
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_ROWS = 40


def use(metric: Metric, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(metric, case, shape, dtype=dtype)
        weights = np.ones(len(prediction))
        weights.flags.writeable = False
        context = metric_context(case, prediction, dtype)
        totals = metric.updated(metric.start(), prediction, target, weights, context)
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


def batches_equal_the_whole(subject: Subject) -> None:
    """Updated batch by batch, or merged from two halves, it gives what the whole gives at once, with weights."""
    for metric, prediction, target, weights in _data(subject):
        wanted = _measure(subject, metric, [(prediction, target, weights)])
        cut = [slice(0, 7), slice(7, 8), slice(8, 29), slice(29, None)]
        pieces = [(read_only(prediction[rows]), read_only(target[rows]), read_only(weights[rows])) for rows in cut]
        _require_same(_measure(subject, metric, pieces), wanted, "in four batches of unequal size")
        one, other = (_totals(subject, metric, pair) for pair in (pieces[:2], pieces[2:]))
        _require_same(float(metric.result(metric.merged(one, other))), wanted, "merged from two parts")


def weights_count(subject: Subject) -> None:
    """A weight of 2 is the example twice, a weight of 0 is the example left out."""
    for metric, prediction, target, _ in _data(subject):
        times = generator(110).integers(0, 4, len(prediction))
        repeated = np.repeat(np.arange(len(prediction)), times)
        wanted = _measure(
            subject,
            metric,
            [(read_only(prediction[repeated]), read_only(target[repeated]), read_only(np.ones(len(repeated))))],
        )
        found = _measure(subject, metric, [(prediction, target, read_only(times.astype(float)))])
        if not _close(found, wanted):
            raise Unmet(
                f"weights 0, 1, 2 and 3 give {found:.9g}",
                expected=f"{wanted:.9g}, as with the examples left out, once, twice and three times",
                cause="weights are ignored, or used in the numerator and not in the denominator",
            )


def order_irrelevant(subject: Subject) -> None:
    """The order of the examples does not matter."""
    for metric, prediction, target, weights in _data(subject):
        order = generator(111).permutation(len(prediction))
        turned = (read_only(prediction[order]), read_only(target[order]), read_only(weights[order]))
        wanted = _measure(subject, metric, [(prediction, target, weights)])
        _require_same(_measure(subject, metric, [turned]), wanted, "in another order")


def no_broadcasting(subject: Subject) -> None:
    """Targets that do not fit the predictions are refused, not broadcast."""
    if target_form(subject.make(), subject.case) not in ("real", "unit"):
        raise NotApplicable("targets are labels or one-hot rows")
    for metric, prediction, _, weights in _data(subject):
        column = read_only(prediction.reshape(len(prediction), -1)[:, :1])
        for one, other in ((column, read_only(column[:, 0])), (read_only(column[:, 0]), column)):
            try:
                metric.update(metric.start(), one, other, weights, metric_context(subject.case, one))
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"predictions {one.shape} with targets {other.shape}: {type(error).__name__}: {error}",
                    expected="ShapeError",
                    cause="compare the shapes first",
                ) from error
            raise Unmet(
                f"predictions {one.shape} with targets {other.shape} are measured",
                expected="ShapeError",
                cause="NumPy broadcasts (n, 1) against (n,) to (n, n); compare the shapes first",
            )


def _data(subject: Subject) -> Iterator[tuple[Metric, Array, Array, Array]]:
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        yield metric, prediction, target, read_only(generator(112).uniform(0.2, 3, _ROWS))


def _totals(subject: Subject, metric: Metric, pieces: list[tuple[Array, Array, Array]]) -> Array:
    totals = metric.start()
    for prediction, target, weights in pieces:
        context = metric_context(subject.case, prediction)
        totals = metric.updated(totals, prediction, target, weights, context)
    return totals


def _measure(subject: Subject, metric: Metric, pieces: list[tuple[Array, Array, Array]]) -> float:
    return float(metric.result(_totals(subject, metric, pieces)))


def _close(found: float, wanted: float) -> bool:
    return bool(np.isclose(found, wanted, rtol=1e-10, atol=1e-12, equal_nan=True))


def _require_same(found: float, wanted: float, told: str) -> None:
    if not _close(found, wanted):
        raise Unmet(
            f"{told} the measure is {found:.9g}",
            expected=f"{wanted:.9g}, as for all examples at once",
            cause="means of batches are averaged, totals are overwritten instead of added to, or weights are left out; "
            "keep sums and divide in result",
        )


CHECKS = suite(
    named,
    totals_start_empty,
    batches_equal_the_whole,
    weights_count,
    order_irrelevant,
    no_broadcasting,
)
