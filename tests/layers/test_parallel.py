from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Add, BatchNormalization, Dense, Dropout, Layer, Multiply, Parallel, Sequential, Sigmoid, Tanh
from layerkit.errors import ArgumentError, ShapeError
from layerkit.testing import step
from layerkit.types import Shape
from tests.reference.gradients import assert_all_gradients

X = np.random.default_rng(0).normal(size=(5, 4))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Parallel([Dense(3), Dense(2, activation=Tanh())]), (4,)),
        (Parallel([Dense(3), Sequential([Dropout(0.4), Dense(3)])], join=Multiply()), (2, 4)),
        (Parallel([Parallel([Dense(3), Dense(2)]), BatchNormalization()]), (4,)),
    ],
    ids=["concatenated", "multiplied", "nested"],
)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer, shape)


def test_a_gate_is_a_product_of_branches() -> None:
    model = Sequential([Parallel([Dense(3), Dense(3, activation=Sigmoid())], join=Multiply())])
    model.initialize(4, seed=0, dtype="float64")
    values, gates = (X @ model.parameters[f"0.{place}.weight"] for place in (0, 1))
    np.testing.assert_allclose(model.predict(X), values / (1 + np.exp(-gates)), rtol=1e-12)


def test_the_gradients_of_one_input_are_added_up() -> None:
    model = Sequential([Parallel([Dense(3), Dense(3), Dense(3)], join=Add())]).initialize(4, seed=0, dtype="float64")
    grad = np.random.default_rng(1).normal(size=(5, 3))
    found = step(model, X, grad)
    weights = sum(model.parameters[f"0.{place}.weight"] for place in range(3))
    np.testing.assert_allclose(found.input_gradient, grad @ np.transpose(weights), rtol=1e-12)


def test_one_layer_in_two_branches_is_shared() -> None:
    inner = Dense(3)
    model = Sequential([Parallel([inner, Sequential([Tanh(), inner])], join=Add())]).initialize(4, dtype="float64")
    assert list(model.parameters) == ["0.0.weight", "0.0.bias"]
    found = step(model, X, np.ones((5, 3)))
    expected = (X + np.tanh(X)).T @ np.ones((5, 3))
    np.testing.assert_allclose(found.gradients["0.0.weight"], expected, rtol=1e-12)


def test_branches_by_name_read_inputs_of_their_own() -> None:
    model = Sequential([Parallel({"image": Dense(3), "age": Dense(2)})])
    model.initialize({"age": 1, "image": 4}, seed=0, dtype="float64")
    assert model.input_shape == ((4,), (1,))
    assert model.input_names == ("image", "age")
    age = np.ones((5, 1))
    found = model.predict({"age": age, "image": X})
    expected = np.hstack([X @ model.parameters["0.image.weight"], age @ model.parameters["0.age.weight"]])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(model.predict((X, age)), found)


def test_what_nothing_trained_stands_in_front_of_is_not_run_backward() -> None:
    frozen = Dense(3)
    model = Sequential([Parallel([frozen, Dense(3)], join=Add()), Dense(1)]).initialize(4, seed=0)
    frozen.freeze()
    found = step(model, X.astype("float32"), np.ones((5, 1), "float32"))
    assert set(found.gradients) >= {"0.1.weight", "0.1.bias", "1.weight", "1.bias"}
    assert model.structure.trainable == 4 * 3 + 3 + 3 + 1


@pytest.mark.parametrize(
    ("branches", "told"),
    [
        ([], "branches must be a list of at least two layers"),
        ([Dense(3)], "branches must be a list of at least two layers"),
        (Dense(3), "branches must be a list of at least two layers"),
        ({"a": Dense(3), "joined": Dense(3)}, "'joined' cannot be the name of one"),
        ({"a": Dense(3), "b.c": Dense(3)}, r"'b\.c' cannot be the name of one"),
        ([Dense(3), "dense"], r"branches\[1\] must be a Layer object, got 'dense'"),
        ({"a": Dense(3), "b": Dense}, r"branches\['b'\] must be a Layer object.*write Dense\(…\), with brackets"),
    ],
)
def test_what_is_no_branch_is_refused(branches: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        Parallel(branches)


@pytest.mark.parametrize("shape", [(4,), ((4,),), ((4,), (2,), (3,))])
def test_as_many_inputs_as_named_branches_are_needed(shape: Shape) -> None:
    with pytest.raises(ShapeError, match="its 2 branches read one input each, 'image', 'age', got inputs of"):
        Sequential([Parallel({"image": Dense(3), "age": Dense(2)})]).initialize(shape)


def test_outputs_that_do_not_fit_together_are_told_by_their_place() -> None:
    with pytest.raises(ShapeError, match=r"layer 0\.joined \(Add\): all inputs must have one shape"):
        Sequential([Parallel([Dense(3), Dense(2)], join=Add())]).initialize(4)
