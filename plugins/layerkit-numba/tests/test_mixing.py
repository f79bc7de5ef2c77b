"""Layers without a kernel run in NumPy between compiled pieces, with the results of the ``numpy`` engine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    BatchNormalization,
    ClipNorm,
    Constant,
    Context,
    Cost,
    Dense,
    Dropout,
    Engine,
    Examples,
    ExponentialDecay,
    GradientDescent,
    Layer,
    Normal,
    NumpyEngine,
    Optimizer,
    Quadratic,
    Residual,
    Run,
    Sequential,
    Tanh,
    TimeDistributed,
    Trainer,
    Transform,
    UpdateContext,
)
from layerkit.engines import Job
from layerkit.errors import DataError, EngineError
from layerkit.types import Array, Shape


class Table(Layer):
    """Rows of a table, by integers."""

    table: Array
    integer_input = "accept"

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("table", (5, 4), Normal(0.5))
        return (*input_shape, 4)

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.min() < 0:
            raise DataError("there are no rows below 0")
        ctx.saved.x = x
        found: Array = self.table[x]
        return found

    def backward(self, grad: Array, ctx: Context) -> None:
        ctx.gradient("table")[...] = 0
        np.add.at(ctx.gradient("table"), ctx.saved.x, grad)


class Scaled(Layer):
    """x · f."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("f", input_shape[-1:], Constant(1.1))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = x * self.f
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("f")[...] = (grad * ctx.saved.x).reshape(-1, grad.shape[-1]).sum(axis=0)
        below: Array = grad * self.f
        return below


class Around(Layer):
    """Another layer, and nothing else."""

    def __init__(self, inner: Layer) -> None:
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self.inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Any:
        return ctx.part("inner").forward(x)

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("inner").backward(grad)


def in_two_places() -> list[Layer]:
    """Layers that stand compiled and in NumPy, states, random numbers, and steps that are rows."""
    twice, dense = Scaled(), Dense(4, activation=Tanh())
    inner = Around(Sequential([BatchNormalization(), Dropout(0.3)]))
    return [Table(), dense, twice, Around(dense), TimeDistributed(Residual(inner)), twice, Dense(2)]


def under_masks() -> list[Layer]:
    """A kernel that refuses masks, and what runs on each step."""
    each = Sequential([Dense(4), Scaled()])
    return [Table(), TimeDistributed(each), TimeDistributed(Sequential([BatchNormalization(), Dropout(0.3)])), Dense(2)]


def plain() -> list[Layer]:
    return [Table(), Dense(4, activation=Tanh()), Dense(2)]


class Absolute(Cost):
    """|prediction − target|, of what counts."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        ctx.saved.counts = counts = ctx.mask_over(prediction)
        gaps = np.abs(prediction - target) if counts is None else np.abs(prediction - target) * counts
        costs: Array = gaps.reshape(len(gaps), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        signs = np.sign(prediction - target)
        return signs if ctx.saved.counts is None else signs * ctx.saved.counts


class Heavy(Optimizer):
    """Momentum."""

    def __init__(self, learning_rate: Any) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.state("velocity")
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


class Shaken(Transform):
    """Noise that falls, before an update and behind it."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient += ctx.rng.standard_normal(gradient.size) / (1 + ctx.step)

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters += ctx.learning_rate * ctx.rng.standard_normal(parameters.size)


RNG = np.random.default_rng(0)
TOKENS, TARGETS = RNG.integers(0, 5, (14, 3)), RNG.normal(size=(14, 3, 2))
RAGGED = np.arange(3) < RNG.integers(1, 4, (14, 1))


def trained(
    engine: Engine,
    layers: list[Layer],
    x: Array = TOKENS,
    mask: Array | None = None,
    parts: dict[str, Any] | None = None,
    **fit: Any,
) -> Trainer:
    model = Sequential(layers).initialize(3, seed=3, dtype="float64")
    own: dict[str, Any] = {"cost": Quadratic(), "optimizer": GradientDescent(0.05)} | (parts or {})
    trainer = Trainer(model, engine=engine, seed=5, **own)
    trainer.fit(Examples(x, TARGETS, mask=mask), epochs=2, batch_size=4, **fit)
    return trainer


def of_ones_own() -> dict[str, Any]:
    return {
        "cost": Absolute(),
        "optimizer": Heavy(ExponentialDecay(0.05, factor=0.9, unit="step")),
        "transforms": [Shaken(), ClipNorm(1.0)],
    }


@pytest.mark.parametrize(
    ("make", "mask", "fit"),
    [
        (in_two_places, None, {"accumulate": 2}),
        pytest.param(under_masks, RAGGED, {}, marks=pytest.mark.thorough),
        (plain, RAGGED, {"accumulate": 2, "parts": of_ones_own}),
    ],
    ids=["twice", "masks", "updates"],
)
@pytest.mark.usefixtures("never_repeated")
def test_both_give_the_same(make: Callable[[], list[Layer]], mask: Array | None, fit: dict[str, Any]) -> None:
    made = [fit | ({"parts": fit["parts"]()} if "parts" in fit else {}) for _ in range(2)]
    engines = (NumbaEngine(), NumpyEngine())
    ours, theirs = (trained(each, make(), mask=mask, **own) for each, own in zip(engines, made, strict=True))
    for vector in ("parameters", "states"):
        found, wanted = (getattr(each.model.structure, vector) for each in (ours, theirs))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    kept, others = (each.state()["streams"]["kept"] for each in (ours, theirs))
    assert kept == others


def test_they_are_named_once(caplog: pytest.LogCaptureFixture) -> None:
    engine = NumbaEngine()
    with caplog.at_level(logging.WARNING, "layerkit_numba"):
        trainer = trained(engine, [Table(), Around(Dense(2))])
        trainer.fit((TOKENS, TARGETS), epochs=1)
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.endswith("for there is no kernel: layer 0 (Table), layer 1 (Around)")


def test_what_a_layer_raises_is_told_as_ever_and_the_step_before_stays() -> None:
    wrong = TOKENS.copy()
    wrong[9, 1] = -1
    found = []
    for engine in (NumbaEngine(), NumpyEngine()):
        table = Table()
        with pytest.raises(DataError, match="no rows below 0"):
            trained(engine, [table, Dense(4), Dense(2)], wrong, shuffle=False)
        found.append(table.table)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


class Asked(Engine):
    """Notes what the compiled engine says of the job."""

    def start(self, job: Job) -> Run:
        self.time = NumbaEngine().relative_time(job)
        return NumpyEngine().start(job)


def test_the_mix_is_estimated_by_how_much_of_it_is_compiled() -> None:
    most, least = Asked(), Asked()
    trained(most, [Table(), Dense(4), Dense(2)])
    trained(least, [Table(), Around(Dense(4)), Around(Dense(2))])
    assert most.time < 1 < least.time


def test_a_layer_with_states_that_stands_in_two_places_is_refused() -> None:
    twice = Around(BatchNormalization())
    with pytest.raises(EngineError, match=r"layer 3\.inner \(BatchNormalization\) has states.*the engine 'numpy'"):
        trained(NumbaEngine(), [Table(), twice, Dense(4), twice, Dense(2)])
