"""Standardize: the numbers that it learns are scikit-learn's, and it learns them once."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Accuracy,
    Adam,
    Batch,
    Callback,
    Checkpoint,
    CrossEntropy,
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    RandomAccess,
    Rescale,
    Sequential,
    Standardize,
    Tanh,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, LayerkitWarning, ShapeError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import reference

SCALER = reference("scikit_learn", "scaler/")
X, Y = SCALER["x"], np.random.default_rng(3).normal(size=(200, 2))


def new_trainer(*layers: Layer, dtype: str = "float64", **options: Any) -> Trainer:
    model = Sequential([*(layers or [Standardize()]), Dense(2)]).astype(dtype)
    options = {"cost": Quadratic(), "optimizer": GradientDescent(0.1), "seed": 0, **options}
    return Trainer(model, **options)


def learned(trainer: Trainer, place: str = "0") -> tuple[Array, Array]:
    return trainer.model.states[f"{place}.mean"].copy(), trainer.model.states[f"{place}.deviation"].copy()


def assert_learned(trainer: Trainer, x: Array, *, place: str = "0", tolerance: float = 1e-12) -> None:
    mean, deviation = learned(trainer, place)
    rows = x.reshape(-1, x.shape[-1]).astype(np.float64)
    wanted = rows.std(axis=0)
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(deviation, np.where(wanted > 1e-9, wanted, 1.0), rtol=10 * tolerance)


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_gradients(shape: tuple[int, ...]) -> None:
    assert_all_gradients(Standardize(), shape)


@pytest.mark.parametrize("kind", ["", "weighted_"])
def test_mean_and_deviation_are_those_of_scikit_learn(kind: str) -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1, weights=SCALER["weights"] if kind else None)
    mean, deviation = learned(trainer)
    np.testing.assert_allclose(mean, SCALER[f"{kind}mean"], rtol=1e-13)
    np.testing.assert_allclose(deviation, SCALER[f"{kind}deviation"], rtol=1e-10)


def test_outputs_are_those_of_scikit_learn() -> None:
    trainer = new_trainer()
    trainer.adapt((X, Y))
    alone = Sequential([trainer.model.layers[0].copy()]).initialize(5, dtype="float64")
    np.testing.assert_allclose(alone.predict(X), SCALER["y"], rtol=1e-8, atol=1e-9)


def test_before_it_has_seen_data_it_passes_numbers_on() -> None:
    model = Sequential([Standardize()]).initialize(5, dtype="float64")
    np.testing.assert_array_equal(model.predict(X), X)
    assert model.states["0.adapted"] == 0


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", "bool"])
@pytest.mark.parametrize("wanted", ["float32", "float64"])
def test_numbers_of_any_kind_give_the_models_dtype(dtype: str, wanted: str) -> None:
    x = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 256, (200, 3)).astype(dtype)
    trainer = new_trainer(dtype=wanted)
    trainer.fit((x, Y), epochs=1)
    assert_learned(trainer, x, tolerance=1e-6 if wanted == "float32" else 1e-12)
    assert trainer.model.predict(x).dtype == wanted
    source = trainer.evaluate((x, Y))
    assert np.isfinite(source["cost"])


def test_a_constant_feature_becomes_0() -> None:
    trainer = new_trainer(dtype="float32")
    x = np.column_stack([np.full(200, 0.1), X[:, 0]])
    trainer.fit((x, Y), epochs=1)
    alone = Sequential([trainer.model.layers[0].copy()]).initialize(2)
    assert (alone.predict(x)[:, 0] == 0).all()
    assert alone.predict(x)[:, 1].std() == pytest.approx(1, rel=1e-5)


def test_images_are_scaled_by_their_channels() -> None:
    images = np.random.default_rng(0).normal(size=(20, 4, 5, 3)) * [1, 10, 100] + 5
    trainer = Trainer(
        Sequential([Standardize(), Flatten(), Dense(2)]).astype("float64"), cost=Quadratic(), optimizer=Adam(), seed=0
    )
    trainer.fit((images, Y[:20]), epochs=1)
    assert trainer.model.states["0.mean"].shape == (3,)
    assert_learned(trainer, images)


def test_the_positions_that_a_mask_leaves_out_do_not_count() -> None:
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(30, 6, 3)) * 9 + 4, np.arange(6) < rng.integers(1, 7, (30, 1))
    trainer = new_trainer()
    trainer.fit((np.where(mask[..., None], x, 1e9), rng.normal(size=(30, 6, 2))), mask=mask, epochs=1)
    assert_learned(trainer, x[mask])


def test_inside_a_network_it_sees_what_the_layers_before_it_give() -> None:
    trainer = new_trainer(Rescale(0.5), Dense(4, activation=Tanh()), Dropout(0.5), Standardize(), dtype="float64")
    trainer.model.initialize(5, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.adapt((X, Y))
    front = Sequential([layer.copy() for layer in trainer.model.layers[:2]])
    assert_learned(trainer, front.initialize(5, dtype="float64").predict(X), place="3", tolerance=1e-9)


def test_two_of_them_learn_one_after_the_other() -> None:
    trainer = new_trainer(Standardize(), Rescale(3.0, offset=2.0), Standardize())
    trainer.fit((X, Y), epochs=1)
    assert_learned(trainer, X)
    np.testing.assert_allclose(learned(trainer, "2"), [[2.0] * 5, [3.0, 3.0, 3.0, 1.0, 3.0]], rtol=1e-7)


def test_another_fit_keeps_what_was_learned_until_adapt_asks_anew() -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    trainer.fit((X + 100, Y), epochs=1)
    assert_learned(trainer, X)
    trainer.adapt((X + 100, Y))
    assert_learned(trainer, X + 100)
    parameters = trainer.model.structure.parameters.copy()
    trainer.adapt((X, Y), weights=SCALER["weights"])
    np.testing.assert_allclose(learned(trainer)[0], SCALER["weighted_mean"], rtol=1e-13)
    np.testing.assert_array_equal(trainer.model.structure.parameters, parameters)


def test_a_new_trainer_and_a_new_model_around_it_keep_what_it_has_learned() -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    layer = trainer.model.layers[0].copy()
    other = new_trainer(layer)
    other.fit((X * 7, Y), epochs=1)
    assert_learned(other, X)
    other.model.initialize(5, rebuild=True, seed=1)
    other.fit((X * 7, Y), epochs=1)
    assert_learned(other, X * 7)


def test_frozen_it_stays_as_it_is() -> None:
    trainer = new_trainer()
    trainer.model.initialize(5)
    trainer.model.layers[0].freeze()
    trainer.fit((X / 1e3, Y), epochs=1)
    assert (trainer.model.states["0.mean"] == 0).all()
    trainer.model.layers[0].unfreeze()
    trainer.fit((X / 1e3, Y), epochs=1)
    assert_learned(trainer, X / 1e3)


def test_class_weights_do_not_count() -> None:
    labels = (X[:, 0] > 1).astype(int)
    trainer = new_trainer(cost=CrossEntropy())
    trainer.fit((X, labels), epochs=1, class_weights={0: 1.0, 1: 50.0})
    assert_learned(trainer, X)


class Rows(RandomAccess):
    def __len__(self) -> int:
        return len(X)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(X[rows], Y[rows])


def pieces() -> Iterator[tuple[Array, Array]]:
    for start in range(0, 200, 23):
        yield X[start : start + 23], Y[start : start + 23]


def endless() -> Iterator[tuple[Array, Array]]:
    while True:
        yield from pieces()


def test_it_learns_from_rows_streams_and_memory_maps_in_one_pass(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for data, steps in ((Rows(), None), (pieces, None), (endless, 9), ((mapped, Y), None)):
        trainer = new_trainer()
        trainer.model.initialize(5)
        trainer.fit(data, epochs=1, steps_per_epoch=steps)
        assert_learned(trainer, X)


def test_a_generator_that_can_be_read_once_is_refused_with_what_to_do() -> None:
    trainer = new_trainer()
    trainer.model.initialize(5)
    generator = pieces()
    with pytest.raises(DataError, match=r"layer 0 \(Standardize\) learns from.*trainer.adapt.*give a function"):
        trainer.fit(generator, epochs=1)
    with pytest.raises(DataError, match="a generator of batches can be read once"):
        trainer.adapt(generator)
    trainer.adapt((X[:100], Y[:100]))
    # nothing of it was used up
    trainer.fit(generator, epochs=1, steps_per_epoch=9)
    assert_learned(trainer, X[:100])
    assert trainer.history.records[0]["epoch"] == 1


def test_numbers_that_are_not_finite_in_a_memory_map_are_told(tmp_path: Path) -> None:
    x = X.copy()
    x[150, 2] = np.nan
    np.save(tmp_path / "x.npy", x)
    trainer = new_trainer()
    with pytest.raises(DataError, match="x must be finite, but row 150 holds NaN"):
        trainer.fit((np.load(tmp_path / "x.npy", mmap_mode="r"), Y), epochs=1)
    assert trainer.model.states["0.adapted"] == 0


def test_features_far_from_1_are_no_longer_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", LayerkitWarning)
        new_trainer(optimizer=Adam()).fit((X, Y), epochs=1)
    with pytest.warns(LayerkitWarning, match=r"scale.*Standardize\(\) in front"):
        new_trainer(Dense(2), optimizer=Adam(1e-9)).fit((X, Y), epochs=1)


class Refusing(Callback):
    def fit_started(self, fit: FitView) -> None:
        raise ArgumentError("not now")


class Looking(Callback):
    def __init__(self) -> None:
        self.seen: Any = None

    def fit_started(self, fit: FitView) -> None:
        self.seen = fit.model.states["0.mean"].copy()


def test_callbacks_see_it_adapted_and_a_refused_fit_leaves_it_as_it_was() -> None:
    trainer, looking = new_trainer(), Looking()
    with pytest.raises(ArgumentError, match="not now"):
        trainer.fit((X + 9, Y), epochs=1, callbacks=[looking, Refusing()])
    np.testing.assert_allclose(looking.seen, (X + 9).mean(axis=0), rtol=1e-12)
    assert trainer.model.states["0.adapted"] == 0
    assert (trainer.model.states["0.mean"] == 0).all()
    trainer.fit((X, Y), epochs=1)
    assert_learned(trainer, X)


class Stop(Callback):
    every_steps = 1

    def __init__(self, step: int) -> None:
        self.step = step

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            fit.stop("enough", now=True)


def whole(trainer: Trainer) -> tuple[bytes, bytes]:
    structure = trainer.model.structure
    return structure.parameters.tobytes(), structure.states.tobytes()


@pytest.mark.parametrize("step", [1, 7, 13])
def test_a_resumed_run_ends_with_the_same_bits_and_does_not_learn_again(step: int, tmp_path: Path) -> None:
    def trainer() -> Trainer:
        return new_trainer(Standardize(), Dense(4, activation=Tanh()), dtype="float32", optimizer=Adam(0.01))

    uninterrupted = trainer()
    uninterrupted.fit((X, Y), epochs=2)
    path = tmp_path / "run.safetensors"
    trainer().fit((X, Y), epochs=2, callbacks=[Stop(step), Checkpoint(path)])
    resumed = trainer()
    layerkit.resume(resumed, path)
    assert resumed.model.states["0.adapted"] == 1
    resumed.fit((X, Y), epochs=2)
    assert whole(resumed) == whole(uninterrupted)


def test_it_is_saved_pickled_and_copied(tmp_path: Path) -> None:
    trainer = new_trainer(dtype="float32")
    trainer.fit((X, Y), epochs=1)
    wanted = trainer.model.predict(X)
    layerkit.save(trainer.model, tmp_path / "model.safetensors")
    for model in (
        layerkit.load(tmp_path / "model.safetensors"),
        pickle.loads(pickle.dumps(trainer.model)),
        trainer.model.copy(),
    ):
        np.testing.assert_array_equal(model.predict(X), wanted)
        again = Trainer(model, cost=Quadratic(), optimizer=Adam(1e-5))
        again.fit((X * 3, Y), epochs=1)
        np.testing.assert_array_equal(model.states["0.mean"], trainer.model.states["0.mean"])
    predictor = trainer.model.predictor(rows=200)
    for _ in range(3):
        np.testing.assert_array_equal(predictor.predict(X), wanted)


def test_the_bits_do_not_depend_on_the_engine_nor_on_batches() -> None:
    results = []
    for batch_size in (8, 200):
        trainer = new_trainer(dtype="float32", engine=NumpyEngine())
        trainer.fit((X, Y), epochs=1, batch_size=batch_size)
        results.append(trainer.model.structure.states.tobytes())
    assert results[0] == results[1]


def test_early_stopping_brings_it_back_with_everything_else() -> None:
    trainer = new_trainer(cost=CrossEntropy(), metrics=[Accuracy()])
    labels = (X[:, 0] > 0).astype(int)
    trainer.fit((X, labels), epochs=4, callbacks=[EarlyStopping("cost", restore_best=True)])
    assert_learned(trainer, X)


@pytest.mark.parametrize("shape", [(), (3, None), ((2,), (3,))])
def test_a_last_axis_of_no_known_length_is_refused(shape: Any) -> None:
    with pytest.raises(ShapeError, match=r"\(Standardize\): the last axis must have a known length"):
        Sequential([Standardize()]).initialize(shape)


def nothing() -> Iterator[Any]:
    return iter(())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: (X, Y, np.zeros(200)), "all 0"),
        (lambda: nothing, "no example that counts"),
    ],
)
def test_data_in_which_nothing_counts_is_refused(data: Callable[[], Any], message: str) -> None:
    trainer = new_trainer()
    trainer.model.initialize(5)
    with pytest.raises(DataError, match=message):
        trainer.fit(data(), epochs=1)
    assert trainer.model.states["0.adapted"] == 0
