"""How well a model does on data that it does not learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from layerkit.data.examples import Examples
from layerkit.engines.reader import checked_batch
from layerkit.engines.targets import Targets
from layerkit.engines.threads import limited, threads_for
from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch, RandomAccess, Stream
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import row_count
from layerkit.models.model import Model
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams

_ROWS = 1024


def evaluate(
    model: Model, source: RandomAccess | Stream, *, cost: Cost, metrics: Sequence[Metric], rows: int = _ROWS
) -> dict[str, float]:
    """The weighted mean cost, and each metric, in inference mode, a batch of ``rows`` at a time."""
    structure = model.structure
    node = structure.node
    tree = Pass(structure, node, RandomStreams(0), training=False)
    targets = Targets(cost, node.output_shape, structure.dtype)
    scratch = Scratch(structure.dtype)
    cost_context = Context("cost", tree.shared, Scratch(structure.dtype), training=False)
    contexts = [Context(metric.name, tree.shared, Scratch(structure.dtype), training=False) for metric in metrics]
    totals = [metric.start() for metric in metrics]
    total = weight = 0.0
    seen = 0
    with limited(threads_for(node, rows)):
        for given in _batches(source, rows, scratch):
            y = given.y
            batch = checked_batch(given, node, structure.dtype, targets, scratch)
            assert y is not None
            assert batch.y is not None
            count = row_count(batch.x)
            weights = np.ones(count) if batch.weights is None else batch.weights
            output = tree.forward(batch.x, float(count), batch.mask)
            costs = cost.forward(output, batch.y, cost_context)
            total += float(np.dot(weights, costs))
            weight += float(weights.sum())
            seen += count
            if metrics:
                prediction = model.read(output)
                for metric, sums, context in zip(metrics, totals, contexts, strict=True):
                    metric.update(sums, prediction, y, weights, context)
    if not seen:
        raise DataError("there is nothing to evaluate on: the data is empty")
    measured = {"cost": total / weight if weight else float("nan")}
    for metric, sums in zip(metrics, totals, strict=True):
        measured[metric.name] = metric.result(sums)
    return measured


def _batches(source: RandomAccess | Stream, rows: int, scratch: Scratch) -> Iterator[Batch]:
    if isinstance(source, Stream):
        yield from source.open(0, 0)
    elif isinstance(source, Examples):
        for start in range(0, len(source), rows):
            yield source.slice(start, start + rows)
    else:
        for start in range(0, len(source), rows):
            yield source.batch(np.arange(start, min(start + rows, len(source))), scratch)
