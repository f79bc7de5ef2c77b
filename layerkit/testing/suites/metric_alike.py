"""What a metric makes of examples that are all alike: a measure, or none, but no division by 0 that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, Piece
from layerkit.testing.rigs.predictions import draw_pair, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet

_ROWS = 12
_FEW = 3
"""Rows that are taken for all in turn: they have several classes."""


@told_by("floating-warnings", "finite-measures", "order-irrelevant", "far-from-zero")
def examples_alike(subject: Subject) -> None:
    """A single example, and many of one class, or of one target, are measured without a warning of 0 / 0."""
    for shape in shapes(subject.case):
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, subject.case, shape, rows=_ROWS)
        data = Measured(metric, subject.case, prediction, target, read_only(np.ones(_ROWS)))
        for told, piece in _alike(data):
            try:
                with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                    data.measure([piece])
            except LayerkitError:
                continue
            except (ArithmeticError, ValueError) as error:
                raise Unmet(
                    f"for {told}: {type(error).__name__}: {error}",
                    expected="a number, NaN where there is none to tell, or an error of layerkit's that says so",
                    cause="a division by how often a class is there, or by a spread, which is 0: leave such classes "
                    "out, or ask whether there is something to divide by",
                ) from error


def _alike(data: Measured) -> Iterator[tuple[str, Piece]]:
    for row in range(_FEW):
        yield "a single example", data.cut(slice(row, row + 1))
        same = data.cut(np.full(_ROWS, row))
        yield f"{_ROWS} examples of one class, or of one target", (data.prediction, same[1], data.weights)
        yield f"{_ROWS} examples of which all is the same", same
