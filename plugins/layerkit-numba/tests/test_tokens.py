"""Integers that stand for rows of a table."""

from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    CrossEntropy,
    Dense,
    Embedding,
    Engine,
    Flatten,
    GradientDescent,
    NumpyEngine,
    Sequential,
    TiedDense,
    Trainer,
)
from layerkit.errors import DataError


def trainer(*, engine: Engine | None = None) -> Trainer:
    words = Embedding(5, 3)
    model = Sequential([words, Flatten(), Dense(3), TiedDense(words)]).initialize(4, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=engine or NumbaEngine(), seed=0)


@pytest.mark.parametrize("wrong", [-1, 5, 2**40])
def test_a_token_without_a_row_is_told_as_ever_and_the_model_stays(wrong: int) -> None:
    tokens = np.random.default_rng(0).integers(0, 5, (40, 4))
    tokens[33, 2] = wrong
    with pytest.raises(DataError, match=rf"tokens must be 0 to 4, got {wrong} at"):
        trainer().fit((tokens, np.arange(40) % 2), epochs=2, batch_size=8, shuffle=False)


@pytest.mark.parametrize("nested", [False, True])
def test_tokens_are_looked_up_by_the_engine_itself(nested: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a piece was not finite, and was run again by the numpy engine")

    monkeypatch.setattr("layerkit_numba.run.NumpyEngine", refuse)
    one = trainer()
    if nested:
        layers = [Sequential([Embedding(5, 3), Flatten()]), Dense(2)]
        model = Sequential([Sequential([layers[0]]), layers[1]])
        one = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    one.fit((np.random.default_rng(0).integers(0, 5, (40, 4)), np.arange(40) % 2), epochs=2, batch_size=8)


def test_other_numbers_are_refused_before_the_first_step() -> None:
    with pytest.raises(DataError, match="takes integer tokens, got numbers of dtype"):
        trainer().fit((np.zeros((6, 4)), np.arange(6) % 2), epochs=1)


@pytest.mark.usefixtures("never_repeated")
def test_tokens_are_looked_up_by_compiled_code() -> None:
    tokens = np.random.default_rng(0).integers(0, 5, (40, 4))
    ours, theirs = (trainer(engine=engine) for engine in (NumbaEngine(), NumpyEngine()))
    for each in (theirs, ours):
        each.fit((tokens, np.arange(40) % 2), epochs=2, batch_size=8)
    found, wanted = (each.model.structure.parameters for each in (ours, theirs))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
