"""A trainer that has fitted, with whatever parts and on whatever data, can be copied and pickled, and holds no data."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from layerkit import (
    LBFGS,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    CenteredGradient,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dense,
    ExponentialAverage,
    GradientDescent,
    GradientNoise,
    L1Penalty,
    L2Penalty,
    Lion,
    Lookahead,
    MaxNorm,
    Muon,
    Nadam,
    RMSProp,
    Sequential,
    Tanh,
    Trainer,
    WeightDecay,
)
from layerkit.interfaces.dataset import Batch, Stream
from layerkit.interfaces.job import Job
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.optimizers.table import TABLE as OPTIMIZER_TABLE
from layerkit.training.fit import Fit
from layerkit.transforms.table import TABLE as TRANSFORM_TABLE

X = np.random.default_rng(0).normal(size=(24, 3))
Y = np.arange(24) % 2
EPOCHS = 2

OPTIMIZERS: list[Callable[[], Optimizer]] = [
    LBFGS, Adadelta, Adagrad, Adam, AdamW, AMSGrad, Lion, Muon, Nadam,
    lambda: GradientDescent(0.1, momentum=0.9),
    lambda: RMSProp(centered=True, momentum=0.9),
]  # fmt: skip
TRANSFORMS: list[Callable[[], Transform]] = [
    CenteredGradient, ExponentialAverage, Lookahead,
    lambda: ClipNorm(1.0),
    lambda: ClipValue(1.0),
    lambda: GradientNoise(0.01),
    lambda: L1Penalty(1e-3),
    lambda: L2Penalty(1e-3),
    lambda: MaxNorm(3.0),
    lambda: WeightDecay(1e-3),
]  # fmt: skip


class Whole(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        if position == 0:
            yield Batch(X, Y)


def batches() -> Iterator[Batch]:
    return Whole().open(0, 0)


def repeated() -> Iterator[Batch]:
    for _ in range(EPOCHS):
        yield from batches()


SOURCES: dict[str, Callable[[], tuple[Any, dict[str, Any]]]] = {
    "arrays": lambda: ((X, Y), {"batch_size": len(X)}),
    "stream": lambda: (Whole(), {}),
    "function": lambda: (batches, {}),
    "generator": lambda: (repeated(), {"steps_per_epoch": 1}),
}
COPIES: dict[str, Callable[[Trainer], Trainer]] = {
    "pickled": lambda trainer: pickle.loads(pickle.dumps(trainer)),
    "copied": copy.copy,
    "deep-copied": copy.deepcopy,
}


def trainer(optimizer: Optimizer, transforms: list[Transform]) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=1)
    return Trainer(model, cost=CrossEntropy(), optimizer=optimizer, transforms=transforms, seed=0)


def fitted(optimizer: Optimizer, transforms: list[Transform], source: str) -> Trainer:
    made = trainer(optimizer, transforms)
    data, settings = SOURCES[source]()
    made.fit(data, epochs=EPOCHS, **settings)
    return made


def alive() -> list[Any]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, (Fit, Job, Stream))]


def test_every_kind_is_tried() -> None:
    made = [each() for each in (*OPTIMIZERS, *TRANSFORMS)]
    assert {type(each).__name__ for each in made} == {
        each.target.partition(":")[2] for each in (*OPTIMIZER_TABLE, *TRANSFORM_TABLE)
    }


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("make", [*OPTIMIZERS, *TRANSFORMS], ids=lambda make: type(make()).__name__)
def test_copies_go_on_to_the_same_bits(make: Callable[[], Any], source: str) -> None:
    part = make()
    parts = (part, []) if isinstance(part, Optimizer) else (LBFGS(), [part])
    first = fitted(*parts, source)
    others = [first, *(copied(first) for copied in COPIES.values())]
    found = []
    for other in others:
        # a shallow copy shares its model with the first
        start = first.state()
        other.fit((X, Y), epochs=2, batch_size=len(X))
        found.append(other.model.structure.parameters.tobytes())
        first.restore(start)
    assert len(set(found)) == 1


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_of_a_finished_fit_is_held(source: str) -> None:
    before = set(map(id, alive()))
    made = [fitted(make(), [ExponentialAverage()], source) for make in OPTIMIZERS]
    # looking through everything takes long, so once for all of them
    assert not [each for each in alive() if id(each) not in before]
    assert len(made) == len(OPTIMIZERS)
