"""One seed makes everything; each use has its own numbers; the global generators are left alone."""

from __future__ import annotations

import random

import numpy as np
import pytest

from layerkit import (
    Adam,
    Batch,
    Context,
    Dense,
    Dropout,
    Layer,
    Quadratic,
    RandomAccess,
    Sequential,
    Trainer,
    Transform,
    UpdateContext,
)
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Shape

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 4)), RNG.normal(size=(30, 2))


class Watched(RandomAccess):
    """Examples that remember in which order they were asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __len__(self) -> int:
        return 30

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        self.asked.append(rows.tolist())
        return Batch(X[rows], Y[rows])


def train(seed: int | None, layers: list[Layer], *, epochs: int = 2) -> tuple[Sequential, list[list[int]]]:
    model, source = Sequential(layers), Watched()
    Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=seed).fit(source, epochs=epochs, batch_size=10)
    return model, source.asked[-3 * epochs :]


def test_the_same_seed_gives_the_same_bits() -> None:
    results = [train(5, [Dense(6), Dropout(0.4), Dense(2)])[0].structure.parameters for _ in range(2)]
    np.testing.assert_array_equal(results[0], results[1])
    other = train(6, [Dense(6), Dropout(0.4), Dense(2)])[0].structure.parameters
    assert not np.array_equal(results[0], other)


def test_adding_dropout_does_not_change_the_shuffle() -> None:
    _, plain = train(5, [Dense(6), Dense(2)])
    _, dropping = train(5, [Dense(6), Dropout(0.4), Dense(2)])
    assert plain == dropping
    assert sorted(row for batch in plain[:3] for row in batch) == list(range(30))
    assert plain[:3] != plain[3:], "each epoch has its own order"
    assert plain[0] != sorted(plain[0])


def test_without_a_seed_one_is_drawn_and_told() -> None:
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam())
    trainer.fit((X, Y), epochs=1)
    again = Sequential([Dense(2)])
    Trainer(again, cost=Quadratic(), optimizer=Adam(), seed=trainer.seed).fit((X, Y), epochs=1)
    np.testing.assert_array_equal(model.structure.parameters, again.structure.parameters)
    assert Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=Adam()).seed != trainer.seed


def test_the_global_generators_are_not_touched() -> None:
    np.random.seed(3)
    random.seed(3)
    expected = np.random.RandomState(3).random(), random.Random(3).random()
    for seed in (None, 1):
        train(seed, [Dense(6), Dropout(0.4), Dense(2)])
    assert (np.random.random(), random.random()) == expected


def test_global_seeds_change_nothing() -> None:
    found = []
    for seed in (1, 2):
        np.random.seed(seed)
        found.append(train(5, [Dropout(0.4), Dense(2)])[0].structure.parameters)
    np.testing.assert_array_equal(found[0], found[1])


class Noise(Transform):
    """Adds noise to the gradient."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient += 0.1 * ctx.rng.normal(size=gradient.shape)


class Draws(Layer):
    """Notes a number that it draws in training."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            DRAWN.append((ctx.path, float(ctx.rng.random())))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


DRAWN: list[tuple[str, float]] = []


def test_each_place_has_numbers_of_its_own_also_two_places_of_one_layer() -> None:
    shared = Draws()
    DRAWN.clear()
    train(0, [shared, shared, Dense(2), Draws()], epochs=1)
    by_path = {path: [value for other, value in DRAWN if other == path] for path, _ in DRAWN}
    assert sorted(by_path) == ["0", "1", "3"]
    assert len({tuple(found) for found in by_path.values()}) == 3
    assert all(len(set(found)) == 3 for found in by_path.values()), "the numbers go on from step to step"


def test_a_transform_has_a_generator_of_its_own() -> None:
    def trained(count: int) -> Array:
        model = Sequential([Dropout(0.4), Dense(2)])
        transforms = [Noise() for _ in range(count)]
        Trainer(model, cost=Quadratic(), optimizer=Adam(), transforms=transforms, seed=1).fit((X, Y), epochs=1)
        return model.structure.parameters

    np.testing.assert_array_equal(trained(1), trained(1))
    assert not np.array_equal(trained(1), trained(2))


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**100])
def test_streams_are_apart(seed: int) -> None:
    streams = RandomStreams(seed)
    drawn = {
        streams.fresh(purpose, place).integers(2**62) for purpose in ("a", "b", "a:b") for place in ("", 0, 1, "b")
    }
    assert len(drawn) == 12
    assert RandomStreams(seed).fresh("a", 1).integers(2**62) == streams.fresh("a", "1").integers(2**62)


def test_streams_state() -> None:
    streams = RandomStreams(1)
    one = streams.generator("layer", "a")
    one.random(7)
    state = streams.state()
    expected = one.random(3), RandomStreams(1).fresh("layer", "b").random(3)
    streams.generator("layer", "b").random(5)
    for other in (streams, RandomStreams(99)):
        other.restore(state)
        np.testing.assert_array_equal(other.generator("layer", "a").random(3), expected[0])
        np.testing.assert_array_equal(other.generator("layer", "b").random(3), expected[1])
