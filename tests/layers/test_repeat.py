from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import BatchNormalization, Bidirectional, Dense, Layer, Repeat, Residual, Sequential, Sigmoid, Tanh
from layerkit.errors import ArgumentError, ModelFileError, ShapeError
from layerkit.testing import step
from tests.reference.gradients import assert_all_gradients

X = np.random.default_rng(0).normal(size=(5, 4))


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(
    "layer", [Dense(4, activation=Tanh()), Sequential([Residual(Dense(4)), BatchNormalization()])], ids=repr
)
def test_gradients(layer: Layer, tied: bool) -> None:
    assert_all_gradients(Repeat(layer.copy(), 3, tied=tied), (4,))


def test_copies_have_values_of_their_own_and_are_what_layers_in_a_row_are() -> None:
    model = Sequential([Repeat(Dense(3, activation=Tanh()), 3)]).initialize(4, seed=0, dtype="float64")
    assert [model.parameters[f"0.{place}.weight"].shape for place in range(3)] == [(4, 3), (3, 3), (3, 3)]
    assert not np.array_equal(model.parameters["0.1.weight"], model.parameters["0.2.weight"])
    chain = Sequential([Sequential([Dense(3, activation=Tanh()) for _ in range(3)])])
    chain.initialize(4, seed=0, dtype="float64")
    # the same paths draw the same values
    np.testing.assert_array_equal(model.structure.parameters, chain.structure.parameters)
    np.testing.assert_array_equal(model.predict(X), chain.predict(X))
    grad = np.random.default_rng(1).normal(size=(5, 3))
    found, expected = step(model, X, grad), step(chain, X, grad)
    np.testing.assert_array_equal(found.input_gradient, expected.input_gradient)
    assert found.gradients.keys() == expected.gradients.keys()
    for path, gradient in found.gradients.items():
        np.testing.assert_array_equal(gradient, expected.gradients[path])


def test_tied_there_is_one_set_of_values_with_the_sum_of_the_gradients() -> None:
    inner = Dense(4, activation=Sigmoid())
    model = Sequential([Repeat(inner, 3, tied=True)]).initialize(4, seed=0, dtype="float64")
    assert list(model.parameters) == ["0.0.weight", "0.0.bias"]
    shared = Sequential([inner.copy()] * 3).initialize(4, dtype="float64")
    grad = np.random.default_rng(1).normal(size=(5, 4))
    found, expected = step(model, X, grad), step(shared, X, grad)
    np.testing.assert_array_equal(found.output, expected.output)
    np.testing.assert_array_equal(found.gradients["0.0.weight"], expected.gradients["0.weight"])


def test_values_that_the_layer_has_are_those_of_the_copies() -> None:
    trained = Sequential([Dense(4)]).initialize(4, seed=0)
    repeat = Repeat(trained.copy(), 2)
    model = Sequential([repeat]).initialize(4, seed=1)
    for place in range(2):
        np.testing.assert_array_equal(model.parameters[f"0.{place}.0.weight"], trained.parameters["0.weight"])
    assert repeat[0] is repeat.layer


@pytest.mark.parametrize("tied", [False, True])
def test_saved_pickled_and_copied_it_is_the_same(tmp_path: Path, tied: bool) -> None:
    model = Sequential([Repeat(Dense(4), 3, tied=tied)]).initialize(4, seed=0)
    repeat = model[0]
    assert isinstance(repeat, Repeat)
    repeat[0].freeze()
    layerkit.save(model, tmp_path / "model.safetensors")
    for other in (layerkit.load(tmp_path / "model.safetensors"), pickle.loads(pickle.dumps(model)), model.copy()):
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
        assert other.summary() == model.summary()
        assert ("frozen" in other.summary()) is True
    assert model.structure.trainable == (0 if tied else 2 * 20)


def test_a_tied_layer_must_keep_the_shape() -> None:
    with pytest.raises(ShapeError, match=r"layer 0\.1 \(Dense\) is the layer at '0\.0' once more, but would need"):
        Sequential([Repeat(Dense(3), 2, tied=True)]).initialize(4)


def test_there_is_an_end_of_copies() -> None:
    with pytest.raises(
        ArgumentError, match=r"Repeat: times would make 40,100 layers of copies, and 10,000 are allowed"
    ):
        Repeat(Repeat(Sequential([Dense(3), Tanh(), Tanh()]), 100), 100)
    layer: Layer = Dense(3)
    for _ in range(11):
        layer = Bidirectional(layer)
    with pytest.raises(ArgumentError, match="Bidirectional: layer would make"):
        Bidirectional(layer)
    assert Sequential([Repeat(Dense(3), 1000, tied=True)]).initialize(3).structure.parameters.size == 12


def test_a_file_that_asks_for_copies_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    layerkit.save(Sequential([Repeat(Dense(3), 2) for _ in range(20)]).initialize(3, seed=0), path)
    anatomy = Anatomy.of(path.read_bytes())
    for layer in anatomy.envelope["content"]["model"]["architecture"]["arguments"]["layers"]:
        layer["arguments"]["times"] = 4000
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match="its network has more than the 20,000 places that are allowed"):
        layerkit.load(path)
