"""A metric with examples to measure, whole or in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from layerkit.interfaces.decision import HALF
from layerkit.interfaces.metric import Metric
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import metric_context
from layerkit.types import Array

Piece: TypeAlias = tuple[Array, Array, Array]
"""Predictions, targets and weights of one batch."""


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """Predictions of one shape, with targets and weights; everything that the metric receives is read-only."""

    metric: Metric
    case: Case
    prediction: Array
    target: Array
    weights: Array
    threshold: float = HALF

    def cut(self, rows: Any) -> Piece:
        """Some of the examples."""
        piece: Piece = read_only((self.prediction[rows], self.target[rows], self.weights[rows]))
        return piece

    def totals(self, pieces: Sequence[Piece], *, mask: Array | None = None) -> Array:
        """The totals of some batches."""
        totals = self.metric.start()
        for prediction, target, weights in pieces:
            context = metric_context(self.case, prediction, prediction.dtype, mask=mask, threshold=self.threshold)
            totals = self.metric.updated(totals, prediction, target, weights, context)
        return totals

    def measure(self, pieces: Sequence[Piece], *, mask: Array | None = None) -> float:
        """The measure of some batches."""
        return float(self.metric.result(self.totals(pieces, mask=mask)))

    def merged(self, totals: Array, other: Array) -> Array:
        """The totals of both; ``other`` is read-only."""
        return self.metric.merged(totals, read_only(other))


def same_measure(found: float, wanted: float, *, rounding: float = 1e-10) -> bool:
    """Whether two measures are the same but for rounding, as a share of them."""
    return bool(np.isclose(found, wanted, rtol=rounding, atol=0.01 * rounding, equal_nan=True))
