"""Outputs of layers, and gradients in the inputs: by hand, and by differences."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    GradientDescent,
    Parallel,
    Rescale,
    Residual,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.errors import ArgumentError, NotBuiltError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 3))


def new_model(*layers: Any, shape: Any = 3) -> Sequential:
    layers = layers or (Dense(4, activation=Tanh()), Residual(Dense(4)), Dropout(0.5), Dense(2))
    return Sequential(list(layers)).initialize(shape, seed=1, dtype="float64")


def test_the_outputs_of_layers_are_those_by_hand() -> None:
    model = new_model()
    values = model.parameters
    hidden = np.tanh(X @ values["0.weight"] + values["0.bias"])
    found = model.outputs(X)
    assert list(found) == ["0", "0.function", "1", "1.inner", "2", "3"]
    np.testing.assert_allclose(found["0"], hidden)
    np.testing.assert_allclose(found["0.function"], hidden)
    np.testing.assert_allclose(found["1"], hidden + found["1.inner"])
    # in inference mode nothing is dropped
    np.testing.assert_array_equal(found["2"], found["1"])
    np.testing.assert_array_equal(found["3"], model.predict(X))


def test_only_those_that_are_asked_for_come_in_that_order() -> None:
    model = new_model()
    every = model.outputs(X)
    found = model.outputs(X, layers=[3, "1.inner", ""])
    assert list(found) == ["3", "1.inner", ""]
    np.testing.assert_array_equal(found["1.inner"], every["1.inner"])
    np.testing.assert_array_equal(found[""], every["3"])


def test_many_rows_come_in_one_array_that_is_the_callers_own() -> None:
    model, x = new_model(), RNG.normal(size=(2500, 3))
    found = model.outputs(x, layers=[0])["0"]
    np.testing.assert_allclose(found, np.concatenate([model.outputs(part)["0"] for part in np.split(x, 5)]))
    found[...] = 0
    assert np.abs(model.outputs(x, layers=[0])["0"]).max() > 0


def test_a_part_of_a_model_has_paths_of_its_own() -> None:
    inner = Sequential([Dense(3), Dense(2)])
    outer = new_model(Dense(4), inner, Dense(1))
    x = outer.outputs(X, layers=[0])["0"]
    assert list(inner.outputs(x)) == ["0", "1"]
    np.testing.assert_allclose(inner.outputs(x)["1"], outer.outputs(X)["1.1"])


def test_a_path_without_a_layer_is_told() -> None:
    with pytest.raises(ArgumentError, match=r"no layer '0.functoin' in this model. Did you mean '0.function'\?"):
        new_model().outputs(X, layers=["0.functoin"])
    with pytest.raises(NotBuiltError):
        Sequential([Dense(2)]).outputs(X)
    with pytest.raises(ShapeError):
        new_model().outputs(X[:, :2])


@pytest.mark.parametrize("output", [None, 0, 1, "each"])
def test_the_saliency_is_the_slope_of_one_output(output: Any) -> None:
    model = new_model()
    places = model.predict(X).argmax(axis=1) if output is None else np.arange(7) % 2 if output == "each" else output
    found = model.saliency(X, output=places if isinstance(output, str) else output)
    assert found.shape == X.shape
    rows, step = np.arange(7), 1e-6
    for feature in range(3):
        apart = step * np.eye(3)[feature]
        slope = (model.predict(X + apart) - model.predict(X - apart))[rows, places] / (2 * step)
        np.testing.assert_allclose(found[:, feature], slope, rtol=1e-6, atol=1e-9)


def test_it_is_that_of_a_logit_and_in_inference_mode() -> None:
    model = new_model(Dense(4), BatchNormalization(), Dense(2))
    Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0).fit((X, np.arange(7) % 2), epochs=2)
    before = model.structure.states.copy()
    alone = np.concatenate([model.saliency(row[None], output=0) for row in X])
    np.testing.assert_allclose(model.saliency(X, output=0), alone, rtol=1e-12)
    np.testing.assert_array_equal(model.structure.states, before)
    # a linear model: the same for every row
    np.testing.assert_allclose(alone, np.broadcast_to(alone[0], alone.shape))


def test_bytes_count_as_numbers() -> None:
    model = new_model(Rescale(0.5), Dense(2))
    found = model.saliency(np.ones((4, 3), np.uint8), output=1)
    np.testing.assert_allclose(found, np.broadcast_to(0.5 * model.parameters["1.weight"][:, 1], (4, 3)))


@pytest.mark.parametrize("output", [2, -1, 0.5, [0, 1], "cat"])
def test_an_output_that_there_is_not_is_told(output: Any) -> None:
    with pytest.raises(ArgumentError, match="output must be"):
        new_model().saliency(X, output=output)


def test_several_places_have_no_one_output() -> None:
    with pytest.raises(ArgumentError, match=r"puts out \(5, 2\)"):
        new_model(Dense(2), shape=(5, 3)).saliency(np.ones((2, 5, 3)))


def test_threads_look_at_one_model() -> None:
    model, found = new_model(), {}
    wanted = model.saliency(X), model.outputs(X)["0"]

    def look(place: int) -> None:
        found[place] = model.saliency(X), model.outputs(X)["0"]

    threads = [threading.Thread(target=look, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for saliency, output in found.values():
        np.testing.assert_array_equal(saliency, wanted[0])
        np.testing.assert_array_equal(output, wanted[1])


def test_inputs_come_by_name_as_they_do_to_predict() -> None:
    model = Sequential([Parallel({"a": Dense(3), "b": Dense(3)}), Dense(2)]).initialize({"a": 4, "b": 4}, seed=0)
    a, b = np.ones((5, 4)), np.zeros((5, 4))
    found, expected = model.outputs({"b": b, "a": a}), model.outputs((a, b))
    assert found.keys() == expected.keys()
    assert all((found[path] == expected[path]).all() for path in found)
    for one, other in zip(model.saliency({"b": b, "a": a}), model.saliency((a, b)), strict=True):
        np.testing.assert_array_equal(one, other)
