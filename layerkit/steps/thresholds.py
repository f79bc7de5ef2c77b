"""The threshold at which a metric is best on some data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.decision import HALF, Decision, Threshold
from layerkit.interfaces.metric import Metric, lower_is_better
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import row_count
from layerkit.models.inference import Inference
from layerkit.models.model import Model
from layerkit.models.output_range import prediction_range
from layerkit.random_streams import RandomStreams
from layerkit.steps.intake import Intake
from layerkit.steps.threads import limited, threads_for
from layerkit.types import Array

_MOST_TRIED = 1000


def best_threshold(model: Model, data: Intake, metric: Metric) -> Threshold:
    """The threshold at which ``metric`` is best on ``data``; of labels a tuple, each found by itself.

    Tried are the middles between neighbouring probabilities, a thousand where there are more; of equally good
    thresholds the one nearest to ½ is taken.

    Raises:
        ArgumentError: the model's outputs are no probabilities of two classes, or of labels.
        DataError: the metric cannot be measured on the data, or is NaN whatever the threshold.
    """
    node = model.structure.node
    lowest, highest = prediction_range(node, model.readout)
    outputs, decision = model.output_shape[-1], model.decision
    if lowest < 0 or highest > 1 or not (decision.multi_label or outputs in (1, 2)):
        raise ArgumentError(
            f"a threshold is one for probabilities of two classes, or of labels, but the model has {outputs} "
            f"output{'' if outputs == 1 else 's'} from {lowest:g} to {highest:g}: train with BinaryCrossEntropy, with "
            "one output for two classes"
        )
    pieces = model.structure.gate.shared(_predicted, model, data)
    for piece in pieces:
        metric.check_target(piece.target, piece.context(decision))
    if not decision.multi_label:
        return _best(pieces, metric, decision)
    if any(piece.target.shape != piece.prediction.shape for piece in pieces):
        raise DataError(
            "the thresholds of labels are found on rows of 0 and 1, a number for each label; the targets say one class "
            "an example"
        )
    return tuple(_best([piece.label(place) for piece in pieces], metric, decision) for place in range(outputs))


@final
@dataclass(frozen=True, slots=True)
class _Piece:
    """Examples that were predicted: probabilities ``(rows, …, outputs)``, and what belongs to them."""

    prediction: Array
    target: Array
    weights: Array
    mask: Array | None

    def label(self, place: int) -> _Piece:
        """One label of it alone."""
        own = slice(place, place + 1)
        return _Piece(self.prediction[..., own], self.target[..., own], self.weights, self.mask)

    def context(self, decision: Decision) -> Context:
        """What a metric is told of it."""
        shared = PassState(RandomStreams(0).generator)
        shared.mask = self.mask
        return Context(
            "metric",
            shared,
            Scratch(self.prediction.dtype),
            training=False,
            prediction_shape=self.prediction.shape[1:],
            prediction_range=(0.0, 1.0),
            decision=decision,
        )

    def scores(self) -> Array:
        """The probabilities of a yes that count."""
        scores = self.prediction[self.weights > 0]
        if self.mask is not None and scores.ndim > 2:
            scores = scores[self.mask[self.weights > 0]]
        return scores[..., -1].ravel()


def _best(pieces: list[_Piece], metric: Metric, decision: Decision) -> float:
    for piece in pieces:
        # of labels, one alone is another thing to measure than all
        metric.check_target(piece.target, piece.context(decision))
    sign = -1.0 if lower_is_better(metric.name) else 1.0
    best, found = -math.inf, HALF
    for threshold in _candidates(np.concatenate([piece.scores() for piece in pieces])):
        tried = Decision(threshold, multi_label=decision.multi_label)
        totals = metric.start()
        for piece in pieces:
            context = piece.context(tried)
            totals = metric.updated(totals, piece.prediction, piece.target, piece.weights, context)
        value = sign * metric.result(totals)
        if value > best:
            best, found = value, threshold
    if best == -math.inf:
        raise DataError(f"{type(metric).__name__} has no value on this data, so no threshold is the best")
    return found


def _candidates(scores: Array) -> list[float]:
    """Thresholds that tell the scores apart, the nearest to ½ first."""
    distinct = np.unique(scores).astype(np.float64)
    middles = (distinct[1:] + distinct[:-1]) / 2
    if len(middles) > _MOST_TRIED:
        middles = middles[np.linspace(0, len(middles) - 1, _MOST_TRIED).round().astype(np.intp)]
    tried = np.unique(np.concatenate([[0.0, HALF, 1.0], middles]))
    nearest: list[float] = tried[np.argsort(np.abs(tried - HALF), kind="stable")].tolist()
    return nearest


def _predicted(model: Model, data: Intake) -> list[_Piece]:
    """All of the data, predicted: batches of one shape as one piece."""
    structure = model.structure
    inference = Inference(structure, structure.node, model.readout)
    found: dict[object, list[_Piece]] = {}
    with limited(threads_for(structure.node, data.piece_rows)):
        for batch, given in data.batches(data.piece_rows):
            weights = np.ones(row_count(batch.x)) if batch.weights is None else np.array(batch.weights)
            mask = None if batch.mask is None else np.array(batch.mask)
            # copies, for the next batch is computed in the same memory
            piece = _Piece(np.array(inference.predict(batch.x, batch.mask)), np.array(given), weights, mask)
            shape = (piece.prediction.shape[1:], piece.target.shape[1:], mask is None)
            found.setdefault(shape, []).append(piece)
    return [_joined(pieces) for pieces in found.values()]


def _joined(pieces: list[_Piece]) -> _Piece:
    masks = [piece.mask for piece in pieces if piece.mask is not None]
    return _Piece(
        np.concatenate([piece.prediction for piece in pieces]),
        np.concatenate([piece.target for piece in pieces]),
        np.concatenate([piece.weights for piece in pieces]),
        np.concatenate(masks) if masks else None,
    )
