"""What is frozen is left out: of updates, of the backward pass, and of what optimizers remember."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, Dense, GradientDescent, Quadratic, Residual, Sequential, Tanh, Trainer, WeightDecay
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 2))


def values(model: Sequential) -> dict[str, Array]:
    return {path: array.copy() for path, array in model.parameters.items()}


def test_frozen_parameters_stay_and_lie_behind_the_others() -> None:
    model = Sequential([Dense(3), Dense(3), Dense(2)]).initialize(3, seed=0)
    before = values(model)
    model[1].freeze()
    assert [entry.path for entry in model.structure.entries][-2:] == ["1.weight", "1.bias"]
    assert model.structure.trainable == model.structure.parameters.size - 12
    assert list(values(model)) == [entry.path for entry in model.structure.entries]
    for path, array in values(model).items():
        np.testing.assert_array_equal(array, before[path])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.1), transforms=[WeightDecay(0.5)], seed=0)
    trainer.fit((X, Y), epochs=2, batch_size=5)
    changed = {path for path, array in values(model).items() if not np.array_equal(array, before[path])}
    assert changed == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_a_part_that_was_frozen_on_its_own_stays_so_when_its_container_thaws() -> None:
    inner = Sequential([Dense(3), Dense(3)])
    model = Sequential([inner, Dense(2)]).initialize(3)
    inner[0].freeze()
    inner.freeze()
    assert model.structure.trainable == 3 * 2 + 2
    inner.unfreeze()
    assert model.structure.trainable == 3 * 2 + 2 + 12
    assert inner[0].frozen
    assert not inner[1].frozen


class Counts(Layer):
    """Counts its backward passes."""

    def __init__(self) -> None:
        pass

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        BACKWARD.append((ctx.path, ctx.needs_input_gradient))
        return grad


BACKWARD: list[tuple[str, bool]] = []


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_backward_stops_at_the_first_layer_that_is_trained(frozen: int) -> None:
    layers = [Dense(3), Counts(), Dense(3), Counts(), Dense(2), Counts()]
    model = Sequential(layers)
    for layer in layers[: 2 * frozen]:
        layer.freeze()
    BACKWARD.clear()
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    trainer.fit((X, Y), epochs=1, batch_size=20)
    reached = {path for path, _ in BACKWARD}
    assert reached == {"1", "3", "5"} - {str(place) for place in range(2 * frozen)}


def test_no_gradient_for_the_data_is_asked_for() -> None:
    model = Sequential([Counts(), Residual(Sequential([Counts(), Dense(3), Counts()])), Dense(2)])
    BACKWARD.clear()
    Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0).fit((X, Y), epochs=1, batch_size=20)
    assert set(BACKWARD) == {("1.inner.2", True)}


def test_a_model_with_nothing_to_train_still_measures() -> None:
    model = Sequential([Dense(2)])
    model.freeze()
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), silence=("frozen",), seed=0)
    history = trainer.fit((X, Y), epochs=2, batch_size=7)
    assert history["cost"][0] == pytest.approx(history["cost"][1], rel=1e-6)


def test_what_adam_remembers_follows_the_parameters() -> None:
    """Freezing layer 0 for an epoch must leave layer 1 as if layer 0 had been frozen by a rate of its own."""

    def trained(*, freeze: bool) -> dict[str, Array]:
        model = Sequential([Dense(3, activation=Tanh()), Dense(2)]).initialize(3, seed=1, dtype="float64")
        trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=0)
        trainer.fit((X, Y), epochs=2, batch_size=20)
        memory = {key: array.copy() for key, array in trainer.state()["updates"][0]["flat"].items()}
        if freeze:
            model[0].freeze()
            trainer.fit((X, Y), epochs=1, batch_size=20)
            state = trainer.state()["updates"][0]
            assert [row[0] for row in state["slices"]] == ["1.weight", "1.bias"]
            assert all(array.shape == (8,) for array in state["flat"].values())
        else:
            assert all(array.shape == (20,) for array in memory.values())
            # the same, by hand: one Adam step for the last 8 numbers, gradient taken from the engine
            first = {path: array.copy() for path, array in model.parameters.items()}
            trainer.fit((X, Y), epochs=1, batch_size=20)
            for path in ("0.weight", "0.bias"):
                model.parameters[path][...] = first[path]
        return values(model)

    frozen, free = trained(freeze=True), trained(freeze=False)
    for path, array in frozen.items():
        np.testing.assert_allclose(array, free[path], rtol=1e-12, atol=1e-12, err_msg=path)


class FreezeAt(Callback):
    """Freezes a layer in the middle of an epoch."""

    every_steps = 3

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.seen: Array | None = None

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == 3:
            self.layer.freeze()
            self.seen = fit.model.parameters["0.weight"].copy()


def test_freezing_from_a_callback_holds_from_the_next_step_on() -> None:
    model = Sequential([Dense(3), Dense(2)])
    callback = FreezeAt(model[0])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.1), seed=0)
    trainer.fit((X, Y), epochs=2, batch_size=2, callbacks=[callback])
    assert callback.seen is not None
    np.testing.assert_array_equal(model.parameters["0.weight"], callback.seen)


def test_the_memory_of_a_frozen_layer_that_occurs_twice_may_hold_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Dense(3, activation=Tanh())
    shared.freeze()
    model = Sequential([shared, shared, Dense(2)]).initialize(3, seed=0)
    model.structure.gradient[...] = np.finfo(np.float32).max

    def full_of_anything(shape: Any, dtype: Any = float) -> Array:
        return np.full(shape, np.finfo(dtype).max, dtype)

    # an overflow is a warning, and a warning an error here
    with monkeypatch.context() as patch:
        patch.setattr("layerkit.models.passes.np.empty", full_of_anything)
        streams = RandomStreams(0)
        tree = Pass(model.structure, model.structure.node, streams, training=True, gradient=model.structure.gradient)
    tree.forward(X.astype(np.float32), 20.0)
    tree.backward(Y.astype(np.float32))
    assert np.isfinite(model.structure.gradient[: model.structure.trainable]).all()
