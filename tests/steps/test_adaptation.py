"""What layers of anybody learn before the first step, and what is refused of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Callback,
    Constant,
    Context,
    Dense,
    Dropout,
    GradientDescent,
    Layer,
    Quadratic,
    Residual,
    Sequential,
    Standardize,
    Trainer,
    Zeros,
)
from layerkit.engines import RandomStreams
from layerkit.errors import DataError, LayerkitError
from layerkit.types import Array, Shape, Value

X = np.random.default_rng(0).normal(size=(50, 3)) * [1, 5, 20] + 4
Y = X[:, :2] * 0.1


class Squeeze(Layer):
    """y = (x − low) / (high − low), by the lowest and highest value of each feature; found in two passes."""

    low: Array
    high: Array
    passes = 0

    def build(self, input_shape: Shape) -> Shape:
        self.state("low", input_shape, Zeros())
        self.state("high", input_shape, Constant(1.0))
        return input_shape

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        counted = [x[weights > 0] for x, weights in batches]
        low = np.concatenate(counted).min(axis=0)
        ctx.update_state("low", low)
        ctx.update_state("high", np.max([(x - low).max(axis=0) for x, _ in batches], axis=0) + low)

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.asarray((x - self.low) / (self.high - self.low))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.asarray(grad / (self.high - self.low))


class Drawn(Squeeze):
    """Remembers a number that it drew."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        assert not ctx.training
        assert sum(len(x) for x, _ in batches) == len(X)
        ctx.update_state("low", ctx.rng.random(self.low.shape))


class Both(Layer):
    """A container that goes through one part, or in training through the other too."""

    def __init__(self, first: Layer, second: Layer) -> None:
        self.first = first
        self.second = second

    def build(self, input_shape: Shape) -> Shape:
        self.part("one", self.first, input_shape)
        return self.part("two", self.second, input_shape)

    def forward(self, x: Value, ctx: Context) -> Value:
        y = ctx.part("two").forward(x)
        return y + ctx.part("one").forward(x) if ctx.training else y

    def backward(self, grad: Value, ctx: Context) -> Value:
        below = ctx.part("two").backward(grad)
        return below + ctx.part("one").backward(grad) if ctx.training else below


def new_trainer(*layers: Layer, seed: int = 0) -> Trainer:
    model = Sequential([*layers, Dense(2)]).astype("float64")
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), silence=("all",), seed=seed)


def test_a_layer_of_ones_own_learns_and_may_go_through_the_data_twice() -> None:
    trainer = new_trainer(Squeeze())
    trainer.fit((X, Y), epochs=1)
    np.testing.assert_allclose(trainer.model.states["0.low"], X.min(axis=0))
    np.testing.assert_allclose(trainer.model.states["0.high"], X.max(axis=0))
    assert trainer.model.states["0.adapted"] == 1


def test_what_it_draws_follows_from_the_seed_and_its_place() -> None:
    lows = []
    for layers, seed, path in (
        ([Drawn()], 0, "0"),
        ([Drawn()], 0, "0"),
        ([Drawn()], 1, "0"),
        ([Dropout(0.1), Drawn()], 0, "1"),
    ):
        trainer = new_trainer(*layers, seed=seed)
        trainer.fit((X, Y), epochs=1)
        lows.append(trainer.model.states[f"{path}.low"].tolist())
    assert lows[0] == lows[1] != lows[2]
    assert lows[3] != lows[0]
    # not what the layer will draw in training
    assert RandomStreams(0).generator("layer", "0").random(3).tolist() not in lows


def test_learning_takes_no_draw_away_from_training() -> None:
    results = []
    for beforehand in (0, 3):
        trainer = new_trainer(Dropout(0.5), Standardize(), Dropout(0.5))
        for _ in range(beforehand):
            trainer.adapt((X, Y))
        trainer.fit((X, Y), epochs=2)
        results.append((trainer.model.structure.parameters.tobytes(), trainer.state()["streams"]))
    assert results[0] == results[1]


def test_a_layer_inside_containers_and_in_two_places_learns_where_it_comes_first() -> None:
    shared = Standardize()
    trainer = new_trainer(Residual(Sequential([shared])), shared)
    trainer.fit((X, Y), epochs=1)
    np.testing.assert_allclose(trainer.model.states["0.inner.0.mean"], X.mean(axis=0))


def test_a_layer_that_no_pass_reaches_is_told() -> None:
    trainer = new_trainer(Both(Standardize(), Dense(3)))
    with pytest.raises(LayerkitError, match=r"layer 0.one \(Standardize\) learns from data, and no pass at inference"):
        trainer.fit((X, Y), epochs=1)


class Wide(Squeeze):
    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("low", np.zeros((1, 3)))


class Infinite(Squeeze):
    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("high", np.full(3, np.inf))


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (
            Wide(),
            LayerkitError,
            r"layer 0 \(Wide\): adapt proposes a value of shape \(1, 3\) for a state of shape \(3,\)",
        ),
        (Infinite(), DataError, r"layer 0 \(Infinite\) cannot learn from the data"),
    ],
)
def test_what_is_no_value_for_the_state_is_refused(layer: Layer, error: type[Exception], message: str) -> None:
    trainer = new_trainer(layer)
    with pytest.raises(error, match=message):
        trainer.fit((X, Y), epochs=1)
    assert trainer.model.states["0.adapted"] == 0
    np.testing.assert_array_equal(trainer.model.states["0.high"], 1.0)


class Interrupted(Squeeze):
    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        super().adapt(batches, ctx)
        raise KeyboardInterrupt


class Ending(Callback):
    outcomes: tuple[Any, ...] = ()

    def fit_ended(self, fit: Any) -> None:
        self.outcomes = (*self.outcomes, fit.outcome)


def test_an_interruption_leaves_all_layers_as_they_were() -> None:
    trainer, ending = new_trainer(Standardize(), Interrupted()), Ending()
    with pytest.raises(KeyboardInterrupt):
        trainer.fit((X, Y), epochs=1, callbacks=[ending])
    assert ending.outcomes == ("failed",)
    assert trainer.model.states["0.adapted"] == trainer.model.states["1.adapted"] == 0
    assert (trainer.model.states["0.mean"] == 0).all()


def test_a_layer_that_learns_nothing_has_no_state_of_it() -> None:
    assert list(Sequential([Dense(2)]).initialize(3).states) == []
