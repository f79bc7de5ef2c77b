from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import AbsoluteError, Adam, Batch, Dense, MeanSquaredError, Quantile, Sequential, Trainer, load, save
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.types import Array
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (400, 1))
Y = X[:, 0] + RNG.normal(size=400) * 0.3


@pytest.mark.parametrize(("quantiles", "name"), [(0.3, "quantile"), ([0.05, 0.2, 0.5, 0.7, 0.9], "quantiles")])
def test_it_is_that_of_the_formula(quantiles: Any, name: str) -> None:
    assert_as_in_pytorch_in_both_dtypes(Quantile(quantiles), name)


def test_the_median_is_half_the_absolute_error() -> None:
    prediction, target = RNG.normal(size=(2, 6, 3))
    for pair in ((prediction, target), (target, target)):
        found, wanted = CostBench(Quantile()), CostBench(AbsoluteError())
        np.testing.assert_allclose(2 * found.forward(*pair), wanted.forward(*pair))
        np.testing.assert_array_equal(2 * found.backward(*pair), wanted.backward(*pair))


def new_trainer(quantiles: Any, outputs: int, **options: Any) -> Trainer:
    model = Sequential([Dense(outputs)])
    return Trainer(model, cost=Quantile(quantiles), optimizer=Adam(0.05), seed=0, **options)


@pytest.mark.parametrize("scaled", [False, True])
def test_several_quantiles_of_one_number(scaled: bool) -> None:
    trainer = new_trainer([0.1, 0.5, 0.9], 3, standardize_targets=scaled)
    y = 1000 + 50 * Y if scaled else Y
    trainer.fit((X, y), epochs=60)
    below = (y[:, None] < trainer.model.predict(X)).mean(axis=0)
    np.testing.assert_allclose(below, [0.1, 0.5, 0.9], atol=0.04)


@pytest.mark.parametrize("form", ["vector", "column", "stream", "integers"])
def test_a_target_is_given_once_in_any_form(form: str) -> None:
    y = np.round(10 * Y)
    repeated, trainer = (new_trainer([0.2, 0.8], 2) for _ in range(2))
    data: Any = {
        "vector": (X, y),
        "column": (X, y[:, None]),
        "stream": [Batch(X, y)],
        "integers": (X, y.astype(int)),
    }[form]
    for each in (repeated, trainer):
        each.model.initialize(1, seed=0)
    trainer.fit(data, epochs=1, batch_size=400, shuffle=False)
    wanted = float(np.mean(CostBench(Quantile([0.2, 0.8]), "float32").forward(*first_pass(repeated, y))))
    assert trainer.history["cost"][0] == pytest.approx(wanted, rel=1e-5)


def first_pass(trainer: Trainer, y: Array) -> tuple[Array, Array]:
    return trainer.model.predict(X), np.repeat(y[:, None], 2, axis=1).astype("float32")


def test_two_numbers_have_their_quantiles_one_after_the_other() -> None:
    trainer = new_trainer([0.1, 0.9], 4)
    trainer.fit((X, np.stack([Y, 10 + Y], axis=1)), epochs=100)
    found = trainer.model.predict(np.zeros((1, 1)))[0]
    np.testing.assert_allclose(found, [-0.38, 0.38, 9.62, 10.38], atol=0.12)


def test_outputs_that_are_no_multiple_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"Quantile\(quantiles=\[0\.1, 0\.9\]\) takes 2 outputs for each number"):
        new_trainer([0.1, 0.9], 3).fit((X, Y), epochs=1)
    with pytest.raises(ShapeError, match="2 quantiles take as many outputs"):
        CostBench(Quantile([0.1, 0.9])).forward(np.zeros((4, 3)), np.zeros((4, 3)))


def test_targets_that_are_repeated_already_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"must have the shape \(batch, 1\)"):
        new_trainer([0.1, 0.9], 2).fit((X, np.stack([Y, Y], axis=1)), epochs=1)


def test_a_metric_that_cannot_measure_them_says_so_before_the_first_step() -> None:
    with pytest.raises(ShapeError, match="MeanSquaredError"):
        new_trainer([0.1, 0.9], 2, metrics=[MeanSquaredError()]).fit((X, Y), epochs=1, validation=(X, Y))


def test_targets_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="row 3 holds NaN"):
        new_trainer([0.1, 0.9], 2).fit((X, np.where(np.arange(400) == 3, np.nan, Y)), epochs=1)


@pytest.mark.parametrize("quantiles", [0, 1.0, [], [0.5, 2], "median", [True]])
def test_what_is_no_quantile_is_refused(quantiles: Any) -> None:
    with pytest.raises(ArgumentError, match="Quantile: quantiles must"):
        Quantile(quantiles)


def test_a_file_keeps_the_model(tmp_path: Any) -> None:
    trainer = new_trainer([0.1, 0.9], 2)
    trainer.fit((X, Y), epochs=1)
    save(trainer.model, tmp_path / "model.safetensors", cost=trainer.cost)
    np.testing.assert_array_equal(load(tmp_path / "model.safetensors").predict(X), trainer.model.predict(X))
