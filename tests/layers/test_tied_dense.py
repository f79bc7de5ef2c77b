from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    BatchNormalization,
    Checkpoint,
    Dense,
    Embedding,
    GradientDescent,
    Layer,
    Quadratic,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
    TiedDense,
    Trainer,
)
from layerkit.errors import ArgumentError, ShapeError
from layerkit.testing import step
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import assert_close, reference

MAKE: Any = TiedDense


def language_model() -> Sequential:
    words = Embedding(7, 4)
    return Sequential([words, Dense(4, activation=Tanh()), TiedDense(words)])


def autoencoder() -> Sequential:
    encoder = Dense(4, activation=Tanh())
    return Sequential([encoder, TiedDense(encoder, units=6)])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_embedding_s_table_is_pytorchs_tied_weight(dtype: str) -> None:
    values = reference("containers", "tied/")
    values = {key: array.astype(dtype) if array.dtype.kind == "f" else array for key, array in values.items()}
    model = language_model().initialize(3, dtype=dtype)
    names = {"0.table": "table", "1.weight": "weight", "1.bias": "hidden_bias", "2.bias": "bias"}
    assert list(model.parameters) == list(names)
    for path, name in names.items():
        model.parameters[path][...] = values[name]
    found = step(model, values["tokens"], values["grad"])
    tolerance = 1e-12 if dtype == "float64" else 3e-5
    assert_close(found.output, values["y"], tolerance)
    for path, name in (("0.table", "table"), ("1.weight", "weight"), ("2.bias", "bias")):
        assert_close(found.gradients[path], values[f"{name}_gradient"], tolerance)


def test_the_matrix_of_an_autoencoder_moves_once_a_step() -> None:
    values = reference("containers", "tied/code/")
    model = autoencoder().initialize(6, dtype="float64")
    names = {"0.weight": "matrix", "0.bias": "encoder_bias", "1.bias": "decoder_bias"}
    assert list(model.parameters) == list(names)
    for path, name in names.items():
        model.parameters[path][...] = values[name]
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.05), silence=("all",), seed=0)
    trainer.fit((values["x"], values["x"]), epochs=3, batch_size=8, shuffle=False)
    for path, name in names.items():
        assert_close(model.parameters[path], values[f"{name}_after"], 1e-12)


@pytest.mark.parametrize(
    "layer",
    [
        TiedDense(Embedding(5, 3)),
        TiedDense(Dense(3), units=4, activation=Sigmoid()),
        TiedDense(Dense(3, activation=Tanh(), use_bias=False), units=3, use_bias=False),
    ],
    ids=repr,
)
def test_gradients_where_it_stands_alone(layer: Layer) -> None:
    assert_all_gradients(layer, (3,))
    assert_all_gradients(layer, (2, 3))


def test_gradients_where_the_matrix_is_used_three_times() -> None:
    encoder = Dense(3, activation=Tanh())
    inner = Sequential([encoder, TiedDense(encoder, units=3), BatchNormalization(), TiedDense(encoder, units=3)])
    assert_all_gradients(Residual(inner), (3,))


@pytest.mark.parametrize("make", [language_model, autoencoder])
def test_it_is_one_parameter_in_files_copies_and_pickles(make: Any, tmp_path: Path) -> None:
    model = make().initialize(6, seed=0)
    x = np.random.default_rng(0).integers(0, 6, (5, 6)) if make is language_model else np.eye(6)
    layerkit.save(model, tmp_path / "model.safetensors")
    for other in (layerkit.load(tmp_path / "model.safetensors"), model.copy(), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict(x), model.predict(x))
        assert other.summary() == model.summary()
        assert isinstance(other, Sequential)
        assert isinstance(other[-1], TiedDense)
        assert other[-1].layer is other[0]
    assert "shared" in model.summary()
    before = model.predict(x)
    model.astype("float64")
    np.testing.assert_allclose(model.predict(x), before, rtol=1e-5, atol=1e-6)


def test_resumed_it_ends_at_the_same_bits(tmp_path: Path) -> None:
    data = np.eye(6), np.eye(6)

    def trainer() -> Trainer:
        return Trainer(autoencoder(), cost=Quadratic(), optimizer=layerkit.Adam(), silence=("all",), seed=0)

    whole = trainer()
    whole.fit(data, epochs=4, batch_size=2, callbacks=[Checkpoint(tmp_path, every_steps=5, keep=9)])
    again = trainer()
    layerkit.resume(again, sorted(tmp_path.glob("*.safetensors"))[0])
    again.fit(data, epochs=4, batch_size=2)
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)


@pytest.mark.parametrize("place", [0, 1])
def test_what_freezes_one_of_the_two_freezes_the_matrix(place: int) -> None:
    model = autoencoder().initialize(6, seed=0)
    assert model.structure.trainable == 24 + 4 + 6
    model[place].freeze()
    assert model.structure.trainable == (6 if place == 0 else 0)
    model[place].unfreeze()
    assert model.structure.trainable == 34


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: MAKE(Dense(3)), ArgumentError, "units must be said, the number of inputs of the Dense"),
        (lambda: MAKE(Embedding(5, 3), units=4), ArgumentError, "units must be the Embedding's 5 tokens, got 4"),
        (lambda: MAKE(Tanh()), ArgumentError, "layer must be the Dense or the Embedding whose matrix it is"),
        (lambda: MAKE(Dense), ArgumentError, "layer must be the Dense or the Embedding"),
    ],
)
def test_bad_arguments(make: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        make()


def test_a_matrix_of_another_form_is_refused() -> None:
    encoder = Dense(4)
    with pytest.raises(ShapeError, match=r"the matrix of Dense\(4\) takes inputs of 4 features, got \(batch, 3\)"):
        Sequential([encoder, Dense(3), TiedDense(encoder, units=6)]).initialize(6)
    with pytest.raises(ShapeError, match=r"layer 1\.tied \(Dense\) is the layer at '0' once more, but would need"):
        Sequential([encoder, TiedDense(encoder, units=5)]).initialize(6)
