"""For each kind, its typical use, with fixed inputs and a fixed seed: the checks that all kinds share run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Dataset, RandomAccess
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.transform import Transform
from layerkit.testing.arrays import owned
from layerkit.testing.case import Case
from layerkit.testing.outcome import NotApplicable
from layerkit.testing.rigs.cost import cost_context, draw_pair, shapes
from layerkit.testing.rigs.data import load
from layerkit.testing.rigs.layer import DEFAULT_SHAPES, LayerRig
from layerkit.testing.rigs.optimizer import follow
from layerkit.testing.rigs.update import first_parameters, gradients, update_context
from layerkit.testing.subject import generator
from layerkit.types import Value


def exercise(component: Any, case: Case, *, dtype: Any = np.float64) -> Value:
    """Use a component, and return all that it gave: copies."""
    use = next(function for base, function in _USES.items() if isinstance(component, base))
    return use(component, case, dtype)


def _layer(layer: Layer, case: Case, dtype: Any) -> Value:
    shape = (case.input_shapes or DEFAULT_SHAPES)[0]
    rig = LayerRig(layer, shape, case, dtype=dtype, lock=False)
    x = rig.inputs()
    given = []
    for training in (True, False):
        step = rig.tree(training=training).step(x, rig.upstream(x, training=training))
        given.append(step.everything)
    return tuple(given)


def _cost(cost: Cost, case: Case, dtype: Any) -> Value:
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(cost, case, shape, dtype=dtype)
        context = cost_context(dtype)
        each = owned(cost.forward(prediction, target, context))
        given.append((each, owned(cost.backward(prediction, target, context))))
    return tuple(given)


def _optimizer(optimizer: Optimizer, case: Case, dtype: Any) -> Value:
    parameters = first_parameters(dtype)
    follow(optimizer, parameters, gradients(3, dtype), update_context(case.learning_rate, dtype=dtype))
    return parameters


def _transform(transform: Transform, case: Case, dtype: Any) -> Value:
    parameters = first_parameters(dtype)
    context = update_context(case.learning_rate, dtype=dtype)
    given = []
    for gradient in gradients(3, dtype):
        changed = gradient.copy()
        locked = parameters.view()
        locked.flags.writeable = False
        transform.before(locked, changed, context)
        transform.after(parameters, context)
        context.step += 1
        given += [changed, parameters.copy()]
    return tuple(given)


def _schedule(schedule: Schedule, case: Case, dtype: Any) -> Value:
    context = update_context(case.learning_rate)
    return np.array([schedule.rate(step, context) for step in range(40)])


def _initializer(initializer: Initializer, case: Case, dtype: Any) -> Value:
    return initializer.initialize((6, 4), generator(11), np.dtype(dtype), 6, 4).copy()


def _metric(metric: Metric, case: Case, dtype: Any) -> Value:
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(metric, case, shape, dtype=dtype)
        weights = np.ones(len(prediction))
        weights.flags.writeable = False
        totals = metric.start()
        metric.update(totals, prediction, target, weights, cost_context(dtype))
        given += [np.array(totals), np.array(metric.result(totals))]
    return tuple(given)


def _dataset(dataset: Dataset, case: Case, dtype: Any) -> Value:
    given: list[Any] = []
    for split in dataset.splits:
        source = load(dataset, split, case)
        if isinstance(source, RandomAccess):
            batch = source.batch(np.arange(min(5, len(source))), Scratch(np.dtype(dtype)))
        else:
            first = next(iter(source.open(0, 0)), None)
            if first is None:
                raise NotApplicable(f"the split {split!r} is empty")
            batch = first
        given.append(owned((batch.x, batch.y, batch.weights, batch.mask)))
    return tuple(given)


def _engine(engine: Engine, case: Case, dtype: Any) -> Value:
    from layerkit.testing.rigs.models import train_simplest

    return train_simplest(engine, dtype)


_USES: dict[type, Callable[[Any, Case, Any], Value]] = {
    Layer: _layer,
    Cost: _cost,
    Optimizer: _optimizer,
    Transform: _transform,
    Schedule: _schedule,
    Initializer: _initializer,
    Metric: _metric,
    Dataset: _dataset,
    Engine: _engine,
}
