"""Standardised targets: the cost sees them scaled, and everybody else in their own units."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

import layerkit
from layerkit import (
    Adam,
    Batch,
    Callback,
    CrossEntropy,
    Dense,
    Engine,
    GradientDescent,
    MeanSquaredError,
    NumpyEngine,
    Quadratic,
    RandomAccess,
    Sequential,
    Sigmoid,
    Trainer,
    Unstandardize,
)
from layerkit.engines import Targets
from layerkit.errors import ArgumentError, DataError, LayerkitWarning
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.training.standardized import RNG, X, Y, new_trainer, scale_of, scaled


@pytest.mark.parametrize("engine", [NumpyEngine, NumbaEngine])
def test_training_is_that_on_targets_scaled_by_hand(engine: type[Engine]) -> None:
    trainer, by_hand = new_trainer(engine=engine()), new_trainer(standardize=False, engine=engine())
    history = trainer.fit((X, Y), epochs=4, validation=(X[:50], Y[:50]))
    wanted = by_hand.fit((X, scaled(Y)), epochs=4, validation=(X[:50], scaled(Y)[:50]))
    np.testing.assert_allclose(trainer.model.structure.parameters, by_hand.model.structure.parameters, rtol=1e-9)
    for name in ("cost", "validation_cost"):
        np.testing.assert_allclose(history[name], wanted[name], rtol=1e-9)
    predicted = by_hand.model.predict(X) * Y.std(axis=0) + Y.mean(axis=0)
    np.testing.assert_allclose(trainer.model.predict(X), predicted, rtol=1e-12)
    error = ((predicted[:50] - Y[:50]) ** 2).mean()
    assert history["validation_mean_squared_error"][-1] == pytest.approx(error)
    assert trainer.evaluate((X[:50], Y[:50]))["mean_squared_error"] == pytest.approx(error)
    assert trainer.evaluate((X[:50], Y[:50]))["cost"] == pytest.approx(wanted["validation_cost"][-1])


@pytest.mark.parametrize("y", [Y[:, 0], Y[:, :1], Y[:, 0].round().astype(int)], ids=["(n,)", "(n, 1)", "integers"])
def test_targets_of_one_output_may_lack_its_axis(y: Array) -> None:
    trainer = new_trainer(1)
    trainer.fit((X, y), epochs=300)
    assert trainer.model.predict(X).shape == (120, 1)
    assert np.abs(trainer.model.predict(X)[:, 0] - Y[:, 0]).mean() < 30
    assert scale_of(trainer)[0] == pytest.approx([y.mean()])


def test_float32_loses_nothing_of_targets_far_from_0() -> None:
    """In float32, 1e8 and 1e8 + 1 are the same; standardised first, they are not."""
    y = 1e8 + np.sign(X[:, 0])
    trainer = new_trainer(1, dtype="float32")
    trainer.fit((X, y), epochs=200)
    model = trainer.model
    output = Sequential([layer.copy() for layer in model.layers]).initialize(3)
    assert np.mean(np.sign(output.predict(X)[:, 0]) == np.sign(X[:, 0])) > 0.9


def test_predictor_copies_and_files_keep_the_scale(tmp_path: Path) -> None:
    trainer = new_trainer(dtype="float32")
    trainer.fit((X, Y), epochs=3)
    wanted, measured = trainer.model.predict(X), trainer.evaluate((X, Y))
    predictor = trainer.model.predictor(rows=120)
    for _ in range(3):
        np.testing.assert_array_equal(predictor.predict(X), wanted)
    layerkit.save(trainer.model, tmp_path / "model.safetensors", cost=Quadratic())
    for model in (
        layerkit.load(tmp_path / "model.safetensors"),
        pickle.loads(pickle.dumps(trainer.model)),
        trainer.model.copy(),
    ):
        np.testing.assert_array_equal(model.predict(X), wanted)
        # a trainer that does not ask for it keeps what the model has learned
        again = Trainer(
            model, cost=Quadratic(), optimizer=Adam(1e-4), metrics=[MeanSquaredError()], silence=["target-scale"]
        )
        assert again.evaluate((X, Y)) == pytest.approx(measured)
        again.fit((X, Y * 3), epochs=1)
        assert repr(model.readout) == repr(trainer.model.readout)
        model.readout = None
        assert model.predict(X).std() < 10


def test_another_fit_keeps_the_scale_until_adapt_asks_anew() -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    first = repr(trainer.model.readout)
    trainer.fit((X, Y + 1000), epochs=1)
    assert repr(trainer.model.readout) == first
    trainer.adapt((X, Y + 1000), weights=np.arange(120.0))
    np.testing.assert_allclose(scale_of(trainer)[0], np.average(Y + 1000, axis=0, weights=np.arange(120.0)))


def test_a_cost_with_a_readout_of_its_own_takes_over() -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    other = Trainer(trainer.model, cost=CrossEntropy(), optimizer=Adam())
    assert type(trainer.model.readout).__name__ == "Softmax"
    other.fit((X, RNG.integers(0, 3, 120)), epochs=1)


def test_the_positions_that_a_mask_leaves_out_and_weights_of_0_do_not_count() -> None:
    model = Sequential([Dense(1)]).astype("float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), standardize_targets=True, seed=0)
    x, y = X.reshape(20, 6, 3), Y[:, :1].reshape(20, 6, 1)
    mask, weights = np.arange(6) < RNG.integers(1, 7, (20, 1)), np.arange(20) % 2.0
    trainer.fit((x, np.where(mask[..., None], y, 1e12)), mask=mask, weights=weights, epochs=1)
    counted = y[mask & (weights > 0)[:, None]]
    assert scale_of(trainer) == (pytest.approx([counted.mean()]), pytest.approx([counted.std()]))


def test_a_constant_target_is_divided_by_1() -> None:
    trainer = new_trainer(1)
    trainer.fit((X, np.full(120, 7.0)), epochs=1)
    assert scale_of(trainer) == ([7.0], [1.0])


class Rows(RandomAccess):
    def __len__(self) -> int:
        return len(X)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(X[rows], Y[rows])


def pieces() -> Iterator[tuple[Array, Array]]:
    for start in range(0, 120, 32):
        yield X[start : start + 32], Y[start : start + 32]


def endless() -> Iterator[tuple[Array, Array]]:
    while True:
        yield from pieces()


@pytest.mark.parametrize(
    ("data", "options"),
    [(Rows(), {}), (pieces, {}), (endless, {"steps_per_epoch": 4})],
    ids=["rows", "stream", "endless"],
)
def test_rows_and_streams_are_gone_through_once(data: Any, options: dict[str, Any]) -> None:
    trainer, arrays = new_trainer(), new_trainer()
    trainer.model.initialize(3, seed=0)
    trainer.fit(data, epochs=2, shuffle=False, **options)
    arrays.fit((X, Y), epochs=2, shuffle=False, batch_size=32)
    np.testing.assert_allclose(trainer.model.structure.parameters, arrays.model.structure.parameters, rtol=1e-9)


def test_a_generator_that_can_be_read_once_is_refused_until_the_scale_is_known() -> None:
    trainer = new_trainer()
    trainer.model.initialize(3, seed=0)
    generator = pieces()
    with pytest.raises(DataError, match=r"standardize_targets learns from the data.*trainer.adapt.*give a function"):
        trainer.fit(generator, epochs=1)
    assert trainer.model.readout is None
    trainer.adapt((X, Y))
    trainer.fit(generator, epochs=1)
    assert len(trainer.history) == 1


def test_memory_mapped_targets(tmp_path: Path) -> None:
    np.save(tmp_path / "y.npy", Y)
    trainer, arrays = new_trainer(), new_trainer()
    trainer.fit((X, np.load(tmp_path / "y.npy", mmap_mode="r")), epochs=2)
    arrays.fit((X, Y), epochs=2)
    np.testing.assert_array_equal(trainer.model.structure.parameters, arrays.model.structure.parameters)


def test_large_targets_are_scaled_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Targets, "is_small", lambda self, y: False)
    for engine in (NumpyEngine(), NumbaEngine()):
        trainer, by_hand = new_trainer(engine=engine), new_trainer(standardize=False, engine=engine)
        trainer.fit((X, Y), epochs=2)
        by_hand.fit((X, scaled(Y)), epochs=2)
        np.testing.assert_allclose(trainer.model.structure.parameters, by_hand.model.structure.parameters, rtol=1e-9)


def test_a_change_of_dtype_between_fits_follows() -> None:
    trainer = new_trainer(dtype="float32")
    trainer.fit((X, Y), epochs=1)
    trainer.model.astype("float64")
    trainer.fit((X, Y), epochs=1, training_metrics=True)
    assert trainer.model.predict(X).dtype == np.float64


class ToDouble(Callback):
    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        fit.model.astype("float64")


def test_a_change_of_dtype_by_a_callback_scales_no_target_twice() -> None:
    trainer = new_trainer(dtype="float32")
    history = trainer.fit((X, Y), epochs=3, validation=(X, Y), training_metrics=True, callbacks=[ToDouble()])
    assert max(history["cost"]) < 10
    assert history["training_cost"] == history["validation_cost"]


def test_what_cannot_be_standardised_is_refused() -> None:
    with pytest.raises(ArgumentError, match="standardize_targets is for targets that are numbers, and CrossEntropy"):
        new_trainer(cost=CrossEntropy())
    with pytest.raises(ArgumentError, match="standardize_targets must be True or False, got 1"):
        Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), standardize_targets=1)  # type: ignore[arg-type]
    labels = RNG.integers(0, 3, 120)
    trainer = new_trainer()
    with pytest.raises(DataError, match="targets that are standardised must be numbers, and these are labels"):
        trainer.fit((X, labels), epochs=1)
    trainer.fit((X, Y), epochs=1)
    with pytest.raises(DataError, match=r"model.readout = None forgets it"):
        trainer.evaluate((X, labels))
    with pytest.raises(DataError, match="sample weights are all 0"):
        new_trainer().fit((X, Y, np.zeros(120)), epochs=1)
    with pytest.raises(DataError, match="row 3 holds NaN"):
        new_trainer().fit((X, np.where(np.arange(120)[:, None] == 3, np.nan, Y)), epochs=1)


def test_an_activation_that_cannot_reach_them_is_warned_of() -> None:
    model = Sequential([Dense(1, activation=Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), standardize_targets=True, seed=0)
    with pytest.warns(LayerkitWarning, match="unreachable-targets: targets go from -"):
        trainer.fit((X, np.abs(np.sin(X[:, 0]))), epochs=1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-320, 1e-170, 1e-39, 1e-30, 1.0, 1e30, 1e39, 1e200, 3e307])
def test_targets_of_any_size_are_learned_or_refused_with_a_cure(size: float, dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    kind = np.finfo(dtype)
    model = Sequential([Dense(1)]).initialize(2, seed=0, dtype=dtype)
    trainer = Trainer(
        model,
        cost=Quadratic(),
        optimizer=Adam(0.1),
        metrics=[MeanSquaredError()],
        standardize_targets=True,
        seed=0,
    )
    data = x, x[:, 0] * size
    if float(kind.tiny) < size < float(kind.max) / 10:
        trainer.fit(data, epochs=40, batch_size=10, validation=data)
        assert np.abs(model.predict(x)[:, 0] / size - x[:, 0]).max() < 1e-3
        return
    with pytest.raises(DataError) as caught:
        trainer.fit(data, epochs=1)
    assert ("multiply" if size < 1 else "divide") in str(caught.value)
    assert ("dtype='float64'" in str(caught.value)) == (dtype == "float32")
    assert model.readout is None


def test_constant_targets_are_no_error_at_any_size() -> None:
    for value in (0.0, 1e-320, 0.1, 1e30):
        model = Sequential([Dense(1)]).initialize(2, seed=0)
        trainer = Trainer(
            model, cost=Quadratic(), optimizer=Adam(0.1), standardize_targets=True, silence=["all"], seed=0
        )
        trainer.fit((np.random.default_rng(0).normal(size=(60, 2)), np.full(60, value)), epochs=1)
        assert isinstance(model.readout, Unstandardize)
        assert model.readout.deviation == [1.0]
