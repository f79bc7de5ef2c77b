"""What is saved comes back: values, architecture, and the bytes of the file when it is saved again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import layerkit
from layerkit import (
    Adam,
    BatchNormalization,
    Constant,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Glorot,
    He,
    Identity,
    Normal,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    Zeros,
)
from layerkit.errors import ArgumentError, ModelFileError, NotBuiltError, OwnershipError
from layerkit.files.models import load_with_cost
from tests.models.custom import Scale


def plain() -> Sequential:
    return Sequential([Dense(4, activation=Sigmoid()), Dense(2, activation=Tanh())]).initialize(3, seed=0)


def images() -> Sequential:
    layers = [Rescale(1 / 16, offset=-0.5), Flatten(), Dense(5, initializer=He()), BatchNormalization(momentum=0.8)]
    return Sequential([*layers, ReLU(), Dense(3)]).initialize((2, 4, 1), seed=1)


def repeated() -> Sequential:
    shared = Dense(3, bias_initializer=Normal(), activation=Identity())
    inner = Sequential((shared, Dropout(0.25)))
    return Sequential([shared, Residual(inner), shared, Reshape((3, 1))]).initialize(3, seed=2, dtype="float64")


def frozen() -> Sequential:
    model = Sequential([Dense(3, use_bias=False), Residual(Sequential([Dense(3), Dense(3)])), Dense(2)])
    model.initialize(2, seed=3)
    model[1].freeze()
    return model


def any_length() -> Sequential:
    return Sequential([Dense(2, initializer=Constant(0.5), bias_initializer=Zeros())]).initialize((None, 3))


MODELS: list[Callable[[], Sequential]] = [plain, images, repeated, frozen, any_length]


@pytest.mark.parametrize("make", MODELS)
def test_everything_comes_back(make: Callable[[], Sequential], tmp_path: Path) -> None:
    model = make()
    layerkit.save(model, tmp_path / "one.safetensors", cost=CrossEntropy())
    loaded, cost = load_with_cost(tmp_path / "one.safetensors")
    assert repr(loaded) == repr(model)
    assert repr(cost) == "CrossEntropy()"
    assert loaded.dtype == model.dtype
    assert loaded.input_shape == model.input_shape
    for kind in ("parameters", "states"):
        ours, theirs = getattr(model, kind), getattr(loaded, kind)
        assert list(ours) == list(theirs)
        assert all(ours[path].tobytes() == theirs[path].tobytes() for path in ours)
    assert [entry.path for entry in loaded.structure.entries if entry.trainable] == [
        entry.path for entry in model.structure.entries if entry.trainable
    ]
    x = np.random.default_rng(0).integers(0, 9, (4, *(5 if axis is None else axis for axis in model.input_shape)))
    assert model.predict(x).tobytes() == loaded.predict(x).tobytes()
    layerkit.save(loaded, tmp_path / "two.safetensors", cost=cost)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


@pytest.mark.parametrize("make", MODELS)
def test_the_same_model_gives_the_same_bytes_and_digest(make: Callable[[], Sequential], tmp_path: Path) -> None:
    first = layerkit.save(make().copy() if make is any_length else make(), tmp_path / "one.safetensors")
    model = layerkit.load(tmp_path / "one.safetensors")
    assert layerkit.save(model.copy(), tmp_path / "two.safetensors") == first
    model.structure.parameters[0] += 1
    assert layerkit.save(model, tmp_path / "two.safetensors") != first


def test_the_safetensors_library_reads_the_same_arrays(tmp_path: Path) -> None:
    model = images()
    layerkit.save(model, tmp_path / "model.safetensors")
    arrays = safetensors.numpy.load_file(tmp_path / "model.safetensors")
    expected = {f"parameters/{path}": array for path, array in model.parameters.items()}
    expected |= {f"states/{path}": array for path, array in model.states.items()}
    assert arrays.keys() == expected.keys()
    assert all(np.array_equal(arrays[name], expected[name]) for name in arrays)


def test_a_layer_in_two_places_is_one_layer_again(tmp_path: Path) -> None:
    layerkit.save(repeated(), tmp_path / "model.safetensors")
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert isinstance(loaded, Sequential)
    assert loaded[0] is loaded[2]


def test_the_readout_is_part_of_the_model(tmp_path: Path) -> None:
    model = plain()
    Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0)
    layerkit.save(model, tmp_path / "model.safetensors")
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert isinstance(loaded.readout, Softmax)
    np.testing.assert_allclose(loaded.predict(np.ones((2, 3))).sum(axis=1), 1, rtol=1e-6)


def test_loading_runs_no_initializer_and_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Sequential([Dense(3, initializer=He()), BatchNormalization(), Dense(2)]).initialize(4, seed=0)
    layerkit.save(model, tmp_path / "model.safetensors")

    def drawn(*_: Any) -> Any:
        raise AssertionError("an initializer was run")

    for initializer in (Zeros, Constant, Glorot, He):
        monkeypatch.setattr(initializer, "initialize", drawn)
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert loaded.structure.parameters.tobytes() == model.structure.parameters.tobytes()
    assert loaded.states["1.variance"].tolist() == [1, 1, 1]
    copied = loaded.copy()
    assert copied.structure.parameters.tobytes() == model.structure.parameters.tobytes()
    assert not np.shares_memory(copied.structure.parameters, loaded.structure.parameters)


def test_only_a_file_is_replaced_by_a_model(tmp_path: Path) -> None:
    for path in (Path(os.devnull), tmp_path):
        with pytest.raises(ModelFileError, match="could not be written: it is a folder or a device, and only a file"):
            layerkit.save(plain(), path)
    with pytest.raises(ModelFileError, match=r"could not be written: there is no folder .*nothing$"):
        layerkit.save(plain(), tmp_path / "nothing" / "model.safetensors")


def test_a_loaded_model_trains_on(tmp_path: Path) -> None:
    layerkit.save(frozen(), tmp_path / "model.safetensors")
    model = layerkit.load(tmp_path / "model.safetensors")
    before = {path: array.copy() for path, array in model.parameters.items()}
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    trainer.fit((np.ones((8, 2)), np.zeros((8, 2))), epochs=1, batch_size=4)
    changed = {path for path, array in model.parameters.items() if not np.array_equal(array, before[path])}
    assert changed == {"0.weight", "2.weight", "2.bias"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"scale": np.float32(0.5)}, 0.5),
        ({"scale": 3}, 3),
        ({"scale": 1e-300}, 1e-300),
        ({"scale": 0.1 + 0.2}, 0.1 + 0.2),
    ],
)
def test_numbers_keep_their_value_and_kind(arguments: dict[str, Any], expected: float, tmp_path: Path) -> None:
    layerkit.save(Sequential([Rescale(**arguments)]).initialize(1), tmp_path / "model.safetensors")
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert isinstance(loaded, Sequential)
    scale = loaded[0].config["scale"]
    assert (scale, type(scale)) == (expected, type(expected))


def test_a_model_without_values_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(NotBuiltError, match="initialize"):
        layerkit.save(Sequential([Dense(2)]), tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_part_of_a_model_cannot_be_saved_on_its_own(tmp_path: Path) -> None:
    inner = Sequential([Dense(2)])
    Sequential([inner]).initialize(2)
    with pytest.raises(OwnershipError, match="part of another model"):
        layerkit.save(inner, tmp_path / "model.safetensors")


def test_a_layer_without_a_name_is_refused_when_saving(tmp_path: Path) -> None:
    model = Sequential([Scale()]).initialize(2)
    with pytest.raises(ArgumentError, match=r"Scale cannot be saved: .* not registered"):
        layerkit.save(model, tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())
