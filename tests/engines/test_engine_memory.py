"""What an engine holds on to, and what it hands out."""

from __future__ import annotations

import gc
import weakref
from typing import Any, final

import numpy as np

from layerkit import (
    Callback,
    Context,
    Dense,
    Engine,
    GradientDescent,
    Layer,
    NumpyEngine,
    Optimizer,
    Quadratic,
    Run,
    Sequential,
    Trainer,
    UpdateContext,
)
from layerkit.engines.automatic import Automatic
from layerkit.errors import EngineError
from layerkit.interfaces.callback import FitView
from layerkit.types import Array, Shape

ALIVE: list[weakref.ref[Any]] = []


class Connected(Layer):
    """y = x; notes what is saved for each of its contexts."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def connect(self, ctx: Context) -> None:
        ALIVE.append(weakref.ref(ctx.saved))

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Counts(Callback):
    """Counts the contexts that are alive at the end of a fit."""

    found = -1

    def epoch_ended(self, fit: FitView, record: object) -> None:
        gc.collect()
        self.found = sum(reference() is not None for reference in ALIVE)


def test_memory_does_not_grow_with_the_sizes_that_batches_have() -> None:
    ALIVE.clear()
    counts = Counts()
    model = Sequential([Connected(), Dense(1)]).initialize(2, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    batches = [(np.ones((rows, 2)), np.ones((rows, 1))) for rows in range(1, 31)]
    trainer.fit(batches, epochs=1, callbacks=[counts])
    assert 0 < counts.found <= 8


@final
class Probing(Optimizer):
    """Evaluates at two places, and remembers what it was told."""

    needs_evaluate = True

    def __init__(self, learning_rate: float = 1.0) -> None:
        self.learning_rate = learning_rate
        self.told: list[tuple[Array, Array]] = []

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for move in (1.0, 1.0):
            parameters += move
            _, found = ctx.evaluate()
            self.told.append((found, found.copy()))


def test_gradients_that_an_optimizer_asks_for_stay_as_they_were() -> None:
    optimizer = Probing()
    rng = np.random.default_rng(0)
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=optimizer, seed=0)
    trainer.fit((rng.normal(size=(8, 3)), rng.normal(size=(8, 2))), epochs=1, batch_size=4)
    assert len(optimizer.told) == 4
    for found, kept in optimizer.told:
        np.testing.assert_array_equal(found, kept)


@final
class Reading(Optimizer):
    """Evaluates elsewhere, and then reads the gradient that it was given."""

    needs_evaluate = True

    def __init__(self, learning_rate: float = 1.0) -> None:
        self.learning_rate = learning_rate
        self.read: list[tuple[Array, Array]] = []

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        before = gradient.copy()
        parameters += 1
        ctx.evaluate()
        self.read.append((before, gradient.copy()))


def test_the_gradient_of_a_step_stays_while_its_optimizer_evaluates() -> None:
    optimizer = Reading()
    rng = np.random.default_rng(0)
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=optimizer, seed=0)
    trainer.fit((rng.normal(size=(8, 3)), rng.normal(size=(8, 2))), epochs=1, batch_size=4)
    assert len(optimizer.read) == 2
    for before, after in optimizer.read:
        np.testing.assert_array_equal(before, after)


@final
class RefusingSmall(Engine):
    """Refuses batches of fewer than 8 rows."""

    def start(self, job: Any) -> Run:
        if job.batch_size < 8:
            raise EngineError("RefusingSmall: the batches are too small")
        return NumpyEngine().start(job)


def test_refusals_are_those_of_the_job_that_was_started_last() -> None:
    automatic = Automatic([RefusingSmall(), NumpyEngine()])
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), engine=automatic)
    data = np.ones((16, 2)), np.ones((16, 1))
    trainer.fit(data, epochs=1, batch_size=4)
    assert isinstance(automatic.chosen, NumpyEngine)
    assert list(automatic.refusals) == ["RefusingSmall"]
    trainer.fit(data, epochs=1, batch_size=8)
    assert isinstance(automatic.chosen, RefusingSmall)
    assert automatic.refusals == {}
