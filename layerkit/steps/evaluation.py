"""How well a model does on data that it does not learn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.metric import Metric
from layerkit.models.boundary import row_count
from layerkit.models.inference import Inference
from layerkit.models.model import Model
from layerkit.steps.intake import Intake
from layerkit.steps.threads import limited, threads_for

_ROWS = 1024


def evaluate(
    model: Model, data: Intake, *, cost: Cost, metrics: Sequence[Metric], rows: int = _ROWS
) -> dict[str, float]:
    """The weighted mean cost, and each metric, in inference mode, a batch of ``rows`` at a time."""
    return model.structure.gate.shared(_evaluate, model, data, cost, metrics, rows)


def _evaluate(model: Model, data: Intake, cost: Cost, metrics: Sequence[Metric], rows: int) -> dict[str, float]:
    structure = model.structure
    inference = Inference(structure, structure.node, model.readout)
    passes = inference.model
    cost_context = Context("cost", passes.shared, passes.scratch(), training=False)
    contexts = [Context(metric.name, passes.shared, passes.scratch(), training=False) for metric in metrics]
    totals = [metric.start() for metric in metrics]
    total = weight = 0.0
    seen = 0
    with limited(threads_for(passes.node, rows)):
        for batch, given in data.batches(rows):
            assert batch.y is not None
            count = row_count(batch.x)
            weights = np.ones(count) if batch.weights is None else batch.weights
            output = passes.forward(batch.x, float(count), batch.mask)
            costs = cost.forward(output, batch.y, cost_context)
            total += float(np.dot(weights, costs))
            weight += float(weights.sum())
            seen += count
            if metrics:
                prediction = inference.read(output)
                for metric, sums, context in zip(metrics, totals, contexts, strict=True):
                    metric.update(sums, prediction, given, weights, context)
    if not seen:
        raise DataError("there is nothing to evaluate on: the data is empty")
    if not weight:
        raise DataError("there is nothing to evaluate on: the sample weights are all 0")
    measured = {"cost": total / weight}
    for metric, sums in zip(metrics, totals, strict=True):
        measured[metric.name] = metric.result(sums)
    return measured
