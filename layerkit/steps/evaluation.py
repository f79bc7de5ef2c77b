"""How well a model does on data that it does not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DataError, LayerkitError, tell_place
from layerkit.interfaces.assignment import is_own
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import RandomAccess
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import row_count
from layerkit.models.inference import Inference
from layerkit.models.model import Model
from layerkit.models.output_range import prediction_range
from layerkit.models.trial import has_others, require_costs, require_gradient
from layerkit.steps.intake import Intake
from layerkit.steps.threads import limited, threads_for


def require_measurable(model: Model, data: Intake, metrics: Sequence[Metric]) -> None:
    """Find out, before the first step, whether metrics can be computed of what a model makes of data.

    All targets in memory are looked at, and one example is tried; a stream is left alone.

    Raises:
        LayerkitError: what a metric says.
    """
    if metrics and isinstance(data.source, RandomAccess):
        try:
            model.structure.gate.shared(_require_measurable, model, data, metrics)
        except LayerkitError as error:
            tell_place(error, data.place)
            raise


def _require_measurable(model: Model, data: Intake, metrics: Sequence[Metric]) -> None:
    data = data.current()
    assert isinstance(data.source, RandomAccess)
    batch, given = next(data.batches(1))
    y, mask = (data.source.y, data.source.mask) if isinstance(data.source, Examples) else (given, batch.mask)
    assert y is not None
    inference = Inference(model.structure, model.structure.node, model.readout)
    shared = inference.model.shared
    with _quiet():
        prediction = inference.read(inference.model.forward(batch.x, 1.0, batch.mask))
        for metric in metrics:
            context = _context(metric, model, shared)
            shared.mask = mask
            metric.check_target(y, context)
            shared.mask = batch.mask
            metric.updated(metric.start(), prediction, given, np.ones(1), context)


def require_usable(model: Model, data: Intake, cost: Cost) -> None:
    """Find out, before the first step, whether a cost and layers of somebody's own give what their contracts say.

    Up to two examples are tried, in inference mode; of arrays in memory alone.

    Raises:
        LayerkitError: the message names class and method, and tells what it gave.
    """
    own = is_own(type(cost)) and not has_others(model.structure.node)
    source = data.source
    if not own and isinstance(source, Examples) and not source.mapped:
        try:
            model.structure.gate.shared(_require_usable, model, data, cost)
        except LayerkitError:
            raise
        except Exception:  # whatever else a component raises is met where it is used, by what runs it there
            return


def _require_usable(model: Model, data: Intake, cost: Cost) -> None:
    batch, _ = next(data.current().batches(2))
    inference = Inference(model.structure, model.structure.node, None)
    passes = inference.model
    context = Context("cost", passes.shared, passes.scratch(), training=False)
    assert batch.y is not None
    count = row_count(batch.x)
    with _quiet():
        output = passes.forward(batch.x, float(count), batch.mask)
        require_costs(cost, cost.forward(output, batch.y, context), count)
        require_gradient(cost, cost.backward(output, batch.y, context), output)


def evaluate(
    model: Model,
    data: Intake,
    *,
    cost: Cost,
    metrics: Sequence[Metric],
    rows: int | None = None,
    of_predictions: bool = False,
) -> dict[str, Any]:
    """The weighted mean cost, and what each metric reports, in inference mode, a batch of ``rows`` at a time.

    ``rows``: as many as memory is no concern for, if left out. ``of_predictions``: the cost is that of what ``predict``
    gives, not of the model's output, such as logits.
    """
    try:
        return model.structure.gate.shared(_evaluate, model, data, cost, metrics, rows, of_predictions)
    except LayerkitError as error:
        tell_place(error, data.place)
        raise


def _evaluate(
    model: Model, data: Intake, cost: Cost, metrics: Sequence[Metric], rows: int | None, of_predictions: bool
) -> dict[str, Any]:
    # the model may be another since the data was taken in
    structure, data = model.structure, data.current()
    rows = data.piece_rows if rows is None else rows
    inference = Inference(structure, structure.node, model.readout)
    passes = inference.model
    cost_context = Context("cost", passes.shared, passes.scratch(), training=False)
    contexts = [_context(metric, model, passes.shared) for metric in metrics]
    totals = [metric.start() for metric in metrics]
    total = weight = 0.0
    seen = 0
    with limited(threads_for(passes.node, rows)), _quiet():
        for batch, given in data.batches(rows):
            assert batch.y is not None
            count = row_count(batch.x)
            weights = np.ones(count) if batch.weights is None else batch.weights
            output = passes.forward(batch.x, float(count), batch.mask)
            prediction = inference.read(output) if metrics or of_predictions else output
            costs = cost.forward(prediction if of_predictions else output, batch.y, cost_context)
            require_costs(cost, costs, count)
            total += float(np.dot(weights, costs))
            weight += float(weights.sum())
            seen += count
            if metrics:
                for metric, context in zip(metrics, contexts, strict=True):
                    metric.check_target(given, context)
                totals = [
                    metric.updated(sums, prediction, given, weights, context)
                    for metric, sums, context in zip(metrics, totals, contexts, strict=True)
                ]
    if not seen:
        raise DataError("there is nothing to evaluate on: the data is empty")
    if not weight:
        raise DataError("there is nothing to evaluate on: the sample weights are all 0")
    measured: dict[str, Any] = {"cost": total / weight}
    names = model.schema.classes or (data.source.classes if isinstance(data.source, Examples) else None)
    for metric, sums in zip(metrics, totals, strict=True):
        measured[metric.name] = metric.report(sums, names)
    return measured


def _quiet() -> np.errstate:
    """What is too large for a number is told by the measures: they are infinite, or NaN."""
    return np.errstate(over="ignore", invalid="ignore")


def _context(metric: Metric, model: Model, shared: PassState) -> Context:
    node = model.structure.node
    return Context(
        metric.name,
        shared,
        Scratch(model.dtype),
        training=False,
        prediction_shape=node.output_shape,
        prediction_range=prediction_range(node, model.readout),
        decision=model.decision,
    )
