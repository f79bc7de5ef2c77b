"""Predictors are copied, and not pickled."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from layerkit import Dense, NumpyEngine, Sequential, Sigmoid

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


def engines() -> list[Any]:
    numba = pytest.importorskip("layerkit_numba")
    return [None, NumpyEngine(), numba.NumbaEngine(threads=1)]


@pytest.mark.parametrize("rows", [3, None])
def test_a_copy_predicts_the_same_in_memory_of_its_own(rows: int | None) -> None:
    model = Sequential([Dense(3, activation=Sigmoid())]).initialize(4, seed=0)
    for engine in engines():
        predictor = model.predictor(rows, engine=engine)
        expected = predictor.predict(X)
        for copied in (copy.deepcopy(predictor), copy.copy(predictor)):
            assert (copied.predict(-X) != expected).all()
            assert (copied.predict(X) == expected).all()
            assert (predictor.predict(X) == expected).all()


def test_one_that_is_pickled_is_refused_in_words() -> None:
    predictor = Sequential([Dense(3)]).initialize(4, seed=0).predictor(1)
    with pytest.raises(TypeError, match="is not pickled: pickle or save the model"):
        pickle.dumps(predictor)
