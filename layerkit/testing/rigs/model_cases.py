"""The models on which engines are compared with the ``numpy`` engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from layerkit.activations.relu import ReLU
from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.softmax import Softmax
from layerkit.activations.tanh import Tanh
from layerkit.costs.cross_entropy import CrossEntropy
from layerkit.costs.quadratic import Quadratic
from layerkit.data.examples import Examples
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.layers.batch_normalization import BatchNormalization
from layerkit.layers.dense import Dense
from layerkit.layers.dropout import Dropout
from layerkit.layers.rescale import Rescale
from layerkit.layers.residual import Residual
from layerkit.layers.standardize import Standardize
from layerkit.models.sequential import Sequential
from layerkit.optimizers.adam import Adam
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.schedules.cosine import CosineDecay
from layerkit.testing.rigs.traced_engine import Trace, TracedEngine
from layerkit.testing.subject import generator
from layerkit.training.trainer import Trainer
from layerkit.transforms.clip_norm import ClipNorm
from layerkit.transforms.weight_decay import WeightDecay
from layerkit.types import Array, Value

ROWS = 23
FEATURES = 6
CLASSES = 3
_TIME = 4


@final
@dataclass(frozen=True, slots=True)
class ModelCase:
    """One row of the table: fresh layers, what they are trained with, and how."""

    name: str
    layers: Callable[[], list[Layer]]
    cost: Callable[[], Cost] = Quadratic
    optimizer: Callable[[], Optimizer] = lambda: GradientDescent(0.5)
    transforms: Callable[[], Sequence[Transform]] = tuple
    dtype: str = "float64"
    bytes_in: bool = False
    weighted: bool = False
    labels: str = ""
    masked: bool = False
    frozen: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def _two() -> list[Layer]:
    return [Dense(5, activation=Sigmoid()), Dense(CLASSES, activation=Sigmoid())]


def _logits() -> list[Layer]:
    return [Dense(5, activation=ReLU()), Dense(CLASSES)]


def _shared() -> list[Layer]:
    layer = Dense(FEATURES, activation=Tanh())
    return [layer, layer, Dense(CLASSES)]


MODELS = (
    ModelCase("sigmoid, quadratic, gradient descent", _two),
    ModelCase("the same in float32", _two, dtype="float32"),
    ModelCase("one dense layer, integer labels", lambda: [Dense(CLASSES)], labels="int64"),
    ModelCase("relu, cross-entropy, Adam", _logits, CrossEntropy, lambda: Adam(0.01), labels="int64"),
    ModelCase("the same in float32", _logits, CrossEntropy, lambda: Adam(0.01), labels="int64", dtype="float32"),
    ModelCase("momentum", _two, optimizer=lambda: GradientDescent(0.2, momentum=0.9)),
    ModelCase("Nesterov momentum", _two, optimizer=lambda: GradientDescent(0.2, momentum=0.9, nesterov=True)),
    ModelCase("a schedule", _two, optimizer=lambda: GradientDescent(CosineDecay(0.5, length=2))),
    ModelCase("weight decay and clipping", _two, transforms=lambda: [ClipNorm(0.1), WeightDecay(0.1)]),
    ModelCase("tanh and softmax", lambda: [Dense(5, activation=Tanh()), Dense(CLASSES, activation=Softmax())]),
    ModelCase("no bias, activations on their own", lambda: [Dense(4, use_bias=False), Tanh(), Dense(CLASSES)]),
    ModelCase("dropout", lambda: [Dense(8, activation=ReLU()), Dropout(0.3), Dense(CLASSES)]),
    ModelCase("dropout in float32", lambda: [Dropout(0.2), Dense(CLASSES)], dtype="float32"),
    ModelCase("batch normalisation", lambda: [Dense(5), BatchNormalization(), ReLU(), Dense(CLASSES)]),
    ModelCase("a residual block", lambda: [Residual(Dense(FEATURES, activation=Tanh())), Dense(CLASSES)]),
    ModelCase("one layer in two places", _shared),
    ModelCase("bytes in", lambda: [Rescale(), *_two()], bytes_in=True),
    ModelCase("standardised bytes", lambda: [Standardize(), *_two()], bytes_in=True, dtype="float32"),
    ModelCase("standardised inside", lambda: [Dense(5), Standardize(), Tanh(), Dense(CLASSES)]),
    ModelCase("sample weights", _two, weighted=True),
    ModelCase("a frozen layer", _two, frozen=True),
    # of the second step the last batch is shorter
    ModelCase("gradients of three batches accumulated", _two, options={"accumulate": 3}),
    ModelCase("the last, shorter batch left out", _two, options={"drop_last": True}),
    ModelCase("in the order of the data", _two, options={"shuffle": False}),
    ModelCase("batches of one", _two, options={"batch_size": 1}),
    ModelCase("labels of bytes", _logits, CrossEntropy, labels="uint8"),
    ModelCase("a mask of ragged sequences", _two, masked=True),
)


def train(
    engine: Engine,
    case: ModelCase,
    *,
    stride: int | None = 1,
    epochs: int = 2,
    callbacks: Sequence[Callback] = (),
) -> Trace:
    """Train a case's model; what its arrays held after each call of the engine's ``run``."""
    recorded = TracedEngine(engine, stride=stride)
    trainer, options = trainer_of(case, recorded)
    trainer.fit(data_of(case), epochs=epochs, callbacks=callbacks, **options)
    return recorded.trace


def trainer_of(case: ModelCase, engine: Engine) -> tuple[Trainer, dict[str, Any]]:
    """A trainer for a fresh model, and the options of ``fit``."""
    shape = (_TIME, FEATURES) if case.masked else (FEATURES,)
    model = Sequential(case.layers()).initialize(shape, seed=3, dtype=case.dtype)
    if case.frozen:
        model[0].freeze()
    trainer = Trainer(
        model,
        cost=case.cost(),
        optimizer=case.optimizer(),
        transforms=case.transforms(),
        engine=engine,
        silence=("all",),
        seed=4,
    )
    return trainer, {"batch_size": 5, **case.options}


def data_of(case: ModelCase) -> Examples:
    """Inputs, targets, and weights or a mask where the case has them."""
    rng = generator(12)
    shape = (ROWS, _TIME) if case.masked else (ROWS,)
    x: Array = rng.normal(size=(*shape, FEATURES)).astype(case.dtype)
    if case.bytes_in:
        x = rng.integers(0, 256, (ROWS, FEATURES), dtype=np.uint8)
    labels = rng.integers(0, CLASSES, ROWS)
    y = labels.astype(case.labels) if case.labels else rng.random((*shape, CLASSES)).astype(case.dtype)
    weights = rng.uniform(0.5, 2, ROWS) if case.weighted else None
    mask = np.arange(_TIME) < rng.integers(1, _TIME + 1, (ROWS, 1)) if case.masked else None
    return Examples(x, y, weights=weights, mask=mask)


def train_simplest(engine: Engine, dtype: Any) -> Value:
    """Parameters after every step of the table's first model."""
    from dataclasses import replace

    trace = train(engine, replace(MODELS[0], dtype=np.dtype(dtype).name))
    return tuple(trace.parameters)
