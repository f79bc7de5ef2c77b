"""A predictor says what the model said when it was made, in memory of its own."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    CrossEntropy,
    Dense,
    Dropout,
    GradientDescent,
    ReLU,
    Rescale,
    Sequential,
    Trainer,
)
from layerkit.errors import NotBuiltError, ShapeError

MODELS = {
    "recorded": lambda: Sequential([Rescale(), Dense(6, activation=ReLU()), Dense(3)]),
    "not recorded": lambda: Sequential([Rescale(), Dense(6), BatchNormalization(), Dropout(0.5), Dense(3)]),
}


def trained(name: str) -> Sequential:
    model = MODELS[name]()
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (20, 5), dtype=np.uint8), rng.integers(0, 3, 20)
    Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0).fit((x, y), epochs=1, batch_size=4)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_it_predicts_as_the_model_does(name: str) -> None:
    model = trained(name)
    predictor = model.predictor(4)
    rng = np.random.default_rng(1)
    for dtype in ("uint8", "uint8", "float64", "float32", "uint8"):
        x = rng.integers(0, 256, (4, 5)).astype(dtype)
        np.testing.assert_array_equal(predictor.predict(x), model.predict(x))


@pytest.mark.parametrize("name", MODELS)
def test_it_stays_as_it_was_and_hands_out_arrays_of_the_callers_own(name: str) -> None:
    model = trained(name)
    predictor = model.predictor()
    x = np.full((1, 5), 9, np.uint8)
    first = predictor.predict(x)
    kept = first.copy()
    for values in model.parameters.values():
        np.add(values, 1, out=values)
    second = predictor.predict(x)
    predictor.predict(x + 7)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(second, kept)
    assert not np.array_equal(model.predict(x), kept)


def test_one_for_each_thread() -> None:
    model = trained("recorded")
    data = np.random.default_rng(2).integers(0, 256, (64, 1, 5), dtype=np.uint8)
    expected = [model.predict(x) for x in data]

    def work(_: int) -> bool:
        predictor = model.predictor()
        return all(np.array_equal(predictor.predict(x), said) for x, said in zip(data, expected, strict=True))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_what_does_not_fit_is_refused() -> None:
    predictor = trained("recorded").predictor(2)
    for _ in range(2):
        with pytest.raises(ShapeError, match="made for batches of 2 rows, got 3"):
            predictor.predict(np.zeros((3, 5)))
        with pytest.raises(ShapeError, match=r"\(batch, 5\), got \(2, 4\)"):
            predictor.predict(np.zeros((2, 4)))
        predictor.predict(np.zeros((2, 5)))
    with pytest.raises(NotBuiltError):
        Sequential([Dense(2)]).predictor()


@pytest.mark.parametrize("name", MODELS)
def test_of_any_number_of_rows(name: str) -> None:
    model = trained(name)
    predictor = model.predictor(None)
    data = np.random.default_rng(3).integers(0, 256, (100_000, 5), dtype=np.uint8)
    for rows in (1, 7, 100_000, 0, 7):
        np.testing.assert_array_equal(predictor.predict(data[:rows]), model.predict(data[:rows]))


@pytest.mark.parametrize("rows", [1, 5000])
def test_a_model_does_not_hold_on_to_what_it_predicted(rows: int) -> None:
    model = trained("recorded")
    data = np.zeros((5000, 5), np.float32)
    alive = weakref.ref(data)
    model.predict(data[:rows])
    del data
    gc.collect()
    assert alive() is None
