"""A predictor with the compiled engine says what the model says, within rounding, of any data and in any threads."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.crew import crew
from layerkit_numba.prediction import BLOCK
from layerkit_numba.team import Pace

from layerkit import (
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    Embedding,
    Engine,
    Flatten,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.engines import Automatic, Job
from layerkit.errors import DataError, EngineError, ShapeError
from layerkit.types import Array

FEATURES = 12
RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (BLOCK * 2 + 7, FEATURES), dtype=np.uint8)
FLOATS = RNG.normal(size=BYTES.shape).astype(np.float32)


def classifier() -> Sequential:
    """Through the readout of its cost, a softmax; with all that is otherwise where a model predicts."""
    layers = [Rescale(1 / 255), Dense(8, activation=ReLU()), BatchNormalization(), Dropout(0.5), Dense(3)]
    return _trained(Sequential(layers), CrossEntropy(), RNG.integers(0, 3, 40))


def regression() -> Sequential:
    """With a readout that has numbers of its own, and a part that runs parts."""
    model = Sequential([Flatten(), Residual(Sequential([Dense(FEATURES, activation=Sigmoid())])), Dense(2)])
    return _trained(model, Quadratic(), 50 + 9 * RNG.normal(size=(40, 2)), standardize_targets=True)


def _trained(model: Sequential, cost: Any, targets: Array, **options: Any) -> Sequential:
    trainer = Trainer(model, cost=cost, optimizer=GradientDescent(0.05), seed=0, **options)
    trainer.fit((FLOATS[:40], targets), epochs=1, batch_size=8)
    return model


MODELS: dict[str, Callable[[], Sequential]] = {"classifier": classifier, "regression": regression}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("rows", [1, 5, len(BYTES)])
def test_it_predicts_as_the_model_does(name: str, rows: int) -> None:
    model = MODELS[name]()
    predictor = model.predictor(rows, engine=NumbaEngine(threads=1))
    x = FLOATS[:rows]
    backwards = np.ascontiguousarray(x[:, ::-1])[:, ::-1]
    for each in (x, BYTES[:rows], x.astype(np.float64), x.astype(">f4"), backwards, BYTES[:rows], x):
        found, expected = predictor.predict(each), model.predict(each)
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6 * np.abs(expected).max())
        assert found.dtype == np.float32
    # the same numbers have the same bits, however they lie, and whatever was predicted between
    np.testing.assert_array_equal(predictor.predict(x), predictor.predict(backwards))


def test_of_any_number_of_rows() -> None:
    model = classifier()
    predictor = model.predictor(None, engine=NumbaEngine(threads=1))
    for rows in (5, len(BYTES), 0, 1, 5, BLOCK):
        found = predictor.predict(BYTES[:rows])
        np.testing.assert_allclose(found, model.predict(BYTES[:rows]), rtol=2e-5, atol=1e-6)
        np.testing.assert_array_equal(found, predictor.predict(BYTES)[:rows])


@pytest.mark.parametrize("rows", [1, 40])
def test_columns_that_are_zero_are_left_out_and_the_bits_stay(rows: int) -> None:
    model = Sequential([Dense(5, activation=Sigmoid()), Dense(2)]).initialize(96, seed=0)
    dense = RNG.normal(size=(rows, 96)).astype(np.float32)
    sparse = dense.copy()
    sparse[:, 10:60] = 0
    predictors = [model.predictor(rows, engine=NumbaEngine(threads=1)) for _ in range(2)]
    # the first data says whether it pays to look for them
    found = [predictor.predict(x) for predictor, x in zip(predictors, (sparse, dense), strict=True)]
    np.testing.assert_array_equal(predictors[1].predict(sparse), found[0])
    np.testing.assert_array_equal(predictors[0].predict(dense), found[1])
    np.testing.assert_allclose(found[0], model.predict(sparse), rtol=2e-5, atol=1e-6)
    model.parameters["0.weight"][20] = np.inf
    with np.errstate(invalid="ignore"):
        assert np.isnan(model.predictor(rows, engine=NumbaEngine(threads=1)).predict(sparse)).all()


@pytest.mark.parametrize("rows", [BLOCK + 1, None])
def test_it_does_not_hold_on_to_what_it_predicted(rows: int | None) -> None:
    predictor = classifier().predictor(rows, engine=NumbaEngine(threads=1))
    data = FLOATS[: BLOCK + 1].copy()
    alive = weakref.ref(data)
    told = weakref.ref(predictor.predict(data))
    del data
    gc.collect()
    assert alive() is None
    assert told() is None


def test_the_bits_do_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (x,) = classifier(), (np.tile(FLOATS, (40, 1)),)
    alone = model.predictor(len(x), engine=NumbaEngine(threads=1)).predict(x)
    monkeypatch.setattr(Pace, "choose", lambda self, batches: self._most)
    used: list[int] = []
    run = crew.run

    def observed(tasks: Any, **given: Any) -> bool:
        used.append(len(tasks))
        return run(tasks, **given)

    monkeypatch.setattr(crew, "run", observed)
    predictor = model.predictor(len(x), engine=NumbaEngine(threads=3))
    np.testing.assert_array_equal(predictor.predict(x), alone)
    assert used == [3]
    # others have the threads: this one does without
    monkeypatch.setattr(crew, "run", lambda *_, **__: False)
    np.testing.assert_array_equal(predictor.predict(x), alone)


@pytest.mark.parametrize("rows", [1, len(BYTES)])
def test_it_stays_as_it_was_and_hands_out_arrays_of_the_callers_own(rows: int) -> None:
    model = regression()
    predictor = model.predictor(rows, engine=NumbaEngine(threads=1))
    x = FLOATS[:rows]
    first = predictor.predict(x)
    kept = first.copy()
    for values in model.parameters.values():
        np.add(values, 1, out=values)
    gc.collect()
    predictor.predict(x + 1)
    second = predictor.predict(x)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(second, kept)


@pytest.mark.parametrize("rows", [2, BLOCK + 1])
def test_what_does_not_fit_is_refused_as_in_numpy(rows: int) -> None:
    predictor = classifier().predictor(rows, engine=NumbaEngine(threads=1))
    for _ in range(2):
        with pytest.raises(ShapeError, match=rf"batches of {rows} rows, got {rows + 1}"):
            predictor.predict(FLOATS[: rows + 1])
        with pytest.raises(ShapeError, match=r"\(batch, 12\)"):
            predictor.predict(FLOATS[:rows, :4])
        predictor.predict(FLOATS[:rows])


@pytest.mark.parametrize("rows", [2, BLOCK + 1])
def test_numbers_that_are_not_finite_and_tokens_that_are_none_are_told_as_in_numpy(rows: int) -> None:
    model = classifier()
    x = FLOATS[:rows].copy()
    predictor = model.predictor(rows, engine=NumbaEngine(threads=1))
    predictor.predict(x)
    x[1, 3] = np.nan
    np.testing.assert_array_equal(predictor.predict(x), model.predict(x))
    words = Sequential([Embedding(9, 4), Flatten(), Dense(2)]).initialize(3, seed=0)
    tokens = RNG.integers(0, 9, (rows, 3))
    reader = words.predictor(rows, engine=NumbaEngine(threads=1))
    np.testing.assert_allclose(reader.predict(tokens), words.predict(tokens), rtol=1e-5, atol=1e-6)
    tokens[1, 1] = 9
    for _ in range(2):
        with pytest.raises(DataError, match="tokens must be 0 to 8, got 9"):
            reader.predict(tokens)


class Doubled(Layer):
    """A layer without a kernel."""

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return 2 * x

    def backward(self, grad: Any, ctx: Any) -> Any:
        return 2 * grad


class OnlyTrains(Engine):
    """An engine that knows nothing of predictions."""

    def start(self, job: Job) -> Any:
        raise AssertionError


def test_an_engine_that_cannot_says_so_and_automatic_takes_the_next() -> None:
    model = Sequential([Dense(2), Doubled()]).initialize(3, seed=0)
    with pytest.raises(EngineError, match="Doubled"):
        model.predictor(engine=NumbaEngine())
    with pytest.raises(EngineError, match="OnlyTrains trains, and has no predictions of its own"):
        model.predictor(engine=OnlyTrains())
    with pytest.raises(EngineError, match=r"no engine can predict this: .*OnlyTrains.*; .*Doubled"):
        model.predictor(engine=Automatic([OnlyTrains(), NumbaEngine()]))
    predictor = model.predictor(engine=Automatic([NumbaEngine(), NumpyEngine()]))
    x = np.ones((1, 3), np.float32)
    np.testing.assert_array_equal(predictor.predict(x), model.predict(x))
