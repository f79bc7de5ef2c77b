"""A layer has one owner; building around layers that have values carries these over."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    GradientDescent,
    Residual,
    Sequential,
    Sigmoid,
    Trainer,
    Zeros,
)
from layerkit.errors import ArgumentError, LayerkitError, OwnershipError, ShapeError
from layerkit.interfaces.layer import Layer
from layerkit.types import Shape
from tests.models.custom import LinearCost, Scale


def test_joining_a_second_model_is_refused_with_the_advice_to_copy() -> None:
    shared = Dense(3)
    first = Sequential([shared]).initialize(3, seed=0)
    second = Sequential([Dense(3), shared])
    with pytest.raises(OwnershipError, match=r"layer 1 \(Dense\) already belongs.*copy\(\)"):
        second.initialize(3)
    assert not second.initialized
    assert first.predict(np.zeros((1, 3))).shape == (1, 3)

    joined = Sequential([Dense(3), shared.copy()]).initialize(3, seed=1)
    np.testing.assert_array_equal(joined.parameters["1.weight"], first.parameters["0.weight"])
    joined.parameters["1.weight"][...] = 0
    assert first.parameters["0.weight"].any(), "a copy has values of its own"


def test_a_model_inside_another_is_governed_by_the_outer_one() -> None:
    inner = Sequential([Dense(2)])
    Sequential([inner]).initialize(3)
    with pytest.raises(OwnershipError, match="part of another model"):
        inner.initialize(3)
    with pytest.raises(OwnershipError, match="part of another model"):
        inner.astype("float64")


def test_building_around_a_trained_model_keeps_its_values() -> None:
    body = Sequential([Dense(4, activation=Sigmoid()), BatchNormalization()]).initialize(3, seed=0)
    body.states["1.mean"][...] = 0.25
    before = {path: array.copy() for path, array in {**body.parameters, **body.states}.items()}
    whole = Sequential([body, Dense(2)]).initialize(3, seed=9)
    for path, array in before.items():
        np.testing.assert_array_equal({**whole.parameters, **whole.states}[f"0.{path}"], array)
    body_out = body.predict(np.ones((2, 3)))
    assert body_out.shape == (2, 4)


def test_layers_taken_out_of_a_model_whose_outer_part_is_joined_too() -> None:
    """Layers may be put into a new container together with the old one, never without it."""
    first, second = Dense(3), Dense(2)
    old = Sequential([first, second]).initialize(4, seed=0)
    with pytest.raises(OwnershipError):
        Sequential([first]).initialize(4)
    with pytest.raises(OwnershipError):
        Sequential([old[1]]).initialize(3)


def test_a_layer_that_contains_itself() -> None:
    model = Sequential([Dense(3)])
    vars(model)["layers"] = [model[0], model]
    with pytest.raises(OwnershipError, match="contains itself"):
        model.initialize(3)


def test_one_layer_twice_shares_its_values_and_adds_up_its_gradients() -> None:
    shared = Scale(start=3.0)
    model = Sequential([shared, shared]).initialize(1, dtype="float64")
    assert list(model.parameters) == ["0.factor"]
    assert model.predict(np.array([[2.0]]))[0, 0] == 18
    trainer = Trainer(model, cost=LinearCost(), optimizer=GradientDescent(0.01), seed=0)
    trainer.fit((np.array([[2.0]]), np.array([[0.0]])), epochs=1, batch_size=1)
    # y = s² x, so dy/ds = 2 s x = 12
    assert model.parameters["0.factor"][0] == pytest.approx(3.0 - 0.01 * 12)


def test_one_layer_twice_needs_one_shape() -> None:
    shared = Dense(3)
    with pytest.raises(ShapeError, match=r"layer 1 \(Dense\) is the layer at '0' once more.*\(4, 3\).*|\(3, 3\)"):
        Sequential([shared, shared]).initialize(4)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), lambda model: model.copy()],
    ids=["deepcopy", "pickle", "copy"],
)  # fmt: skip
def test_copies_carry_values_and_lay_their_own_vectors(duplicate: Any) -> None:
    shared = Dense(3)
    model = Sequential([shared, BatchNormalization(), Dropout(0.5), Residual(shared), Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.integers(0, 2, 20)
    trainer.fit((x, y), epochs=1, batch_size=5)
    shared.freeze()
    other = duplicate(model)

    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    assert repr(other) == repr(model)
    assert other[0] is other[3].layer, "a layer in two places stays one layer"
    assert other[0].frozen
    assert other.dtype == model.dtype
    assert not np.shares_memory(other.structure.parameters, model.structure.parameters)
    other.parameters["4.weight"][...] = 0
    assert model.parameters["4.weight"].any()
    again = Trainer(other, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    again.fit((x, y), epochs=1, batch_size=5)


@pytest.mark.parametrize("duplicate", [Dense.copy, copy.copy, copy.deepcopy])
def test_a_copy_of_a_layer_belongs_to_no_model(duplicate: Callable[[Dense], Dense]) -> None:
    dense = Dense(2)
    Sequential([dense]).initialize(3, seed=0)
    other = duplicate(dense)
    assert dense.built
    assert not other.built
    np.testing.assert_array_equal(other.weight, dense.weight)
    assert not np.shares_memory(other.weight, dense.weight)


class Declares(Layer):
    """Declares whatever a test wants."""

    units = 3

    def __init__(self, name: str) -> None:
        self.name = name

    def build(self, input_shape: Shape) -> Shape:
        self.parameter(self.name, (2,), Zeros())
        self.parameter("other", (2,), Zeros())
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return x

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad


@pytest.mark.parametrize(
    ("name", "words"),
    [("name", "argument of the constructor"), ("other", "declared twice"), ("forward", "attribute"),
     ("units", "attribute"), ("a.b", "no name"), ("", "no name")],
)  # fmt: skip
def test_names_that_a_parameter_may_not_take(name: str, words: str) -> None:
    with pytest.raises(ArgumentError, match=words) as caught:
        Sequential([Declares(name)]).initialize(3)
    assert "layer 0 (Declares)" in str(caught.value)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], "at least one"),
        (Dense(2), "list"),
        ("dense", "list"),
        ([Dense(2), "dense"], r"layers\[1\]"),
        ([Dense], "brackets"),
    ],
)
def test_what_a_sequential_is_made_of(layers: Any, words: str) -> None:
    with pytest.raises(LayerkitError, match=words):
        Sequential(layers)
