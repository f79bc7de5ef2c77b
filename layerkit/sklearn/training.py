"""From an estimator's parameters to a trainer, and to one that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from layerkit.callbacks.progress_display import ProgressDisplay
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError
from layerkit.initializers.glorot import Glorot
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.layers.dense import Dense
from layerkit.layers.standardize import Standardize
from layerkit.models.model import Model
from layerkit.models.plan import plan
from layerkit.models.sequential import Sequential
from layerkit.sklearn.components import component, components, engine_of, hidden_layers, layers_of, optimizer_of
from layerkit.sklearn.early_stopping import early_stopping
from layerkit.sklearn.no_improvement import NoImprovement
from layerkit.sklearn.settings import AUTO, Settings, dtype_of
from layerkit.sklearn.sparse_rows import SparseRows
from layerkit.training.trainer import Trainer
from layerkit.transforms.l2_penalty import L2Penalty

_NETWORK = ("hidden_layer_sizes", "activation", "layers", "output", "standardize", "dtype", "cost", "transforms")
_USUAL = {"hidden_layer_sizes": (100,), "activation": "relu"}


def seed_of(random_state: Any) -> int:
    """The trainer's seed: an integer itself, else one that is drawn, of NumPy's global generator where it is None.

    Raises:
        ValueError: it is no seed, as scikit-learn says.
    """
    drawn = check_random_state(random_state)
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(drawn.randint(np.iinfo(np.int32).max))


def new_trainer(estimator: Any, settings: Settings, data: Examples | SparseRows, *, seed: int) -> Trainer:
    """A trainer of the network that an estimator describes, for this data.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: a parameter is none that it can use.
    """
    owner = type(estimator).__name__
    cost = cost_of(estimator)
    layers = hidden(estimator)
    if settings.standardize:
        layers = [Standardize(), *layers]
    if estimator.output is not None:
        biases = Glorot() if estimator.layers is None else None
        layers = [*layers, Dense(estimator._outputs(cost), bias_initializer=biases)]
    if not layers:
        raise ArgumentError(f"{owner}: layers is empty, and output=None adds none: give the layers of the network")
    optimizer = _optimizer(estimator, settings, len(data))
    model = Sequential(layers)
    if estimator.output is None:
        cost = estimator._cost_of_own_outputs(cost, layers[-1], plan(model, data.x.shape[1:]))
    rows = settings.rows(len(data), optimizer)
    model.astype(dtype_of(estimator.dtype, data.x, one_batch=rows == len(data)))
    penalty = _penalty(settings, data, rows)
    return _trainer(estimator, model, cost, optimizer, seed=seed, penalty=penalty)


def trainer_of(estimator: Any, settings: Settings, model: Model, cost: Cost | None) -> Trainer:
    """A trainer of a model that is there already, with the other parts that an estimator describes.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``new_trainer``.
    """
    optimizer = _optimizer(estimator, settings, 1)
    seed = seed_of(estimator.random_state)
    cost = cost or estimator._cost_of_own_outputs(cost_of(estimator), model, model.structure.node)
    return _trainer(estimator, model, cost, optimizer, seed=seed, penalty=settings.alpha)


def _optimizer(estimator: Any, settings: Settings, rows: int) -> Optimizer:
    name, batches = type(estimator).__name__, settings.batches(rows)
    return optimizer_of(name, estimator.optimizer, estimator.learning_rate_init, batches=batches)


def _trainer(estimator: Any, model: Model, cost: Cost, optimizer: Optimizer, *, seed: int, penalty: float) -> Trainer:
    owner = type(estimator).__name__
    return Trainer(
        model,
        cost=cost,
        optimizer=optimizer,
        transforms=[L2Penalty(penalty), *components(owner, "transforms", estimator.transforms)],
        standardize_targets=estimator._standardizes_targets(cost),
        engine=engine_of(owner, estimator.engine),
        silence=estimator.silence,
        seed=seed,
    )


def trainer_to_go_on(estimator: Any, settings: Settings, data: Examples | SparseRows) -> Trainer:
    """The trainer of before, with what has changed of the parameters that may: it keeps what the optimizer remembers.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``new_trainer``.
    """
    owner = type(estimator).__name__
    trainer: Trainer = estimator.trainer_
    optimizer = _optimizer(estimator, settings, len(data))
    if repr(optimizer) != repr(trainer.optimizer):
        trainer.optimizer = optimizer
    penalty = trainer.transforms[0]
    assert isinstance(penalty, L2Penalty)
    penalty.rate = _penalty(settings, data, settings.rows(len(data), optimizer))
    engine = engine_of(owner, estimator.engine)
    if engine is not None:
        trainer.engine = engine
    trainer.silence = estimator.silence
    return trainer


def cost_of(estimator: Any) -> Cost:
    """The cost that an estimator names, or that follows from its targets."""
    given = estimator.cost
    if isinstance(given, str) and given == AUTO:
        default: Cost = estimator._default_cost()
        return default
    found: Cost = component(type(estimator).__name__, "cost", given)
    return found


def made_of(estimator: Any) -> dict[str, str]:
    """The parameters that a network is made of, as text."""
    return {name: repr(getattr(estimator, name)) for name in _NETWORK}


def require_same_network(estimator: Any) -> None:
    """Refuse to go on training with another network than there is.

    Raises:
        ArgumentError: a parameter was changed that it is made of.
    """
    now = made_of(estimator)
    changed = [name for name, before in estimator._made_of.items() if now[name] != before]
    if changed:
        raise ArgumentError(
            f"{type(estimator).__name__}: training goes on with the network that there is, and {', '.join(changed)} "
            f"changed since it was made: set {'it' if len(changed) == 1 else 'them'} back, or begin anew, by fit with "
            "warm_start=False"
        )


def callbacks_of(estimator: Any, settings: Settings, metrics: Sequence[Metric], *, once: bool) -> list[Callback]:
    """The callbacks of a fit: the estimator's own, and those that its other parameters stand for."""
    found = components(type(estimator).__name__, "callbacks", estimator.callbacks)
    if settings.verbose:
        found.append(ProgressDisplay())
    if once or settings.patience is None:
        return found
    ending = partial(early_stopping, metrics[0]) if metrics else NoImprovement
    return [*found, ending(patience=settings.patience, tolerance=settings.tolerance)]


def hidden(estimator: Any) -> list[Layer]:
    """The layers that an estimator describes: copies of its own, or a dense layer of each size.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``new_trainer``.
    """
    owner = type(estimator).__name__
    if estimator.layers is None:
        if estimator.output is None:
            raise ArgumentError(
                f"{owner}: output=None says that the layers have the output among them, and there are none: give "
                "layers=[…], or leave output out"
            )
        return hidden_layers(owner, estimator.hidden_layer_sizes, estimator.activation)
    for name, usual in _USUAL.items():
        given = getattr(estimator, name)
        if given is not usual and repr(given) != repr(usual):
            raise ArgumentError(
                f"{owner}: {name} makes hidden layers, and layers=[…] gives them: leave one of them out"
            )
    return layers_of(owner, estimator.layers)


def _penalty(settings: Settings, data: Examples | SparseRows, rows: int) -> float:
    """The rate of the L2 penalty: alpha over the weight of a batch, so that a weight of 2 is as two rows."""
    total = float(len(data)) if data.weights is None else float(data.weights.sum())
    rate = settings.alpha * (len(data) / total) / rows if total > 0 else settings.alpha / rows
    return min(rate, 1e30)
