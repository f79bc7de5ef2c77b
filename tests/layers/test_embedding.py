from __future__ import annotations

import numpy as np
import pytest

from layerkit import Constant, Embedding, Flatten, Layer, Sequential
from layerkit.errors import DataError
from layerkit.testing import step

TOKENS = np.array([[1, 1, 4], [0, 4, 1]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["int64", "uint8", "int16"])
def test_each_token_has_its_row_and_the_sum_of_its_gradients(dtype: str, kind: str) -> None:
    model = Sequential([Embedding(5, 2)]).initialize(3, seed=0, dtype=dtype)
    grad = np.random.default_rng(0).normal(size=(2, 3, 2)).astype(dtype)
    found = step(model, TOKENS.astype(kind), grad)
    table = model.parameters["0.table"]
    np.testing.assert_array_equal(found.output, table[TOKENS])
    expected = np.zeros_like(table)
    np.add.at(expected, TOKENS, grad)
    np.testing.assert_allclose(found.gradients["0.table"], expected, rtol=1e-6, atol=1e-6)
    assert found.output.dtype == found.gradients["0.table"].dtype == dtype


def test_the_initializer_draws_the_table() -> None:
    assert (Sequential([Embedding(5, 2, initializer=Constant(3.0))]).initialize(3).parameters["0.table"] == 3).all()


@pytest.mark.parametrize("layers", [[Embedding(5, 2)], [Flatten(), Embedding(5, 2)]], ids=repr)
def test_integers_reach_it(layers: list[Layer]) -> None:
    assert Sequential(layers).initialize(3, seed=0).predict(TOKENS).shape == (2, 3, 2)


@pytest.mark.parametrize(("token", "told"), [(5, "got 5"), (-1, "got -1")])
def test_tokens_out_of_range_are_told_with_their_place(token: int, told: str) -> None:
    model = Sequential([Embedding(5, 2)]).initialize(3)
    x = TOKENS.copy()
    x[1, 1] = token
    with pytest.raises(DataError, match=rf"layer 0 \(Embedding\): tokens must be 0 to 4, {told} at \(1, 1\)"):
        model.predict(x)


def test_numbers_are_no_tokens() -> None:
    with pytest.raises(DataError, match=r"layer 0 \(Embedding\): takes integer tokens, got numbers of dtype float32"):
        Sequential([Embedding(5, 2)]).initialize(3).predict(np.ones((2, 3)))


def test_a_batch_of_nothing() -> None:
    model = Sequential([Embedding(5, 2)]).initialize((None,), seed=0)
    found = step(model, np.zeros((2, 0), int), np.zeros((2, 0, 2), "float32"))
    assert found.output.shape == (2, 0, 2)
    assert not found.gradients["0.table"].any()
