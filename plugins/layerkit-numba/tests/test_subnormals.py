"""Numbers below the normal ones are taken as zero while a program runs, and are what they were outside."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.subnormals import flush_subnormals, restore_mode
from numba import njit

from layerkit import Dense, GradientDescent, NumpyEngine, Quadratic, Sequential, Trainer
from layerkit.errors import NonFiniteError

NEARLY_SUBNORMAL = np.array([1.5e-38], np.float32)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the mode of this processor is not known")
def test_only_between_the_two_calls() -> None:
    @njit  # type: ignore[untyped-decorator]
    def run(x: Any, results: Any) -> None:
        mode = flush_subnormals()
        results[0] = x[0] * np.float32(0.5)
        restore_mode(mode)
        results[1] = x[0] * np.float32(0.5)

    results = np.ones(2, np.float32)
    run(NEARLY_SUBNORMAL, results)
    assert results[0] == 0
    assert results[1] == NEARLY_SUBNORMAL[0] / 2 != 0


def test_a_training_leaves_the_mode_as_it_was() -> None:
    model = Sequential([Dense(1)]).initialize(1, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    trainer.fit((np.ones((2, 1)), np.zeros((2, 1))), epochs=1)
    assert NEARLY_SUBNORMAL[0] * np.float32(0.5) != 0
    # a cost that overflows ends the program in the middle
    with pytest.raises(NonFiniteError):
        trainer.fit((np.ones((2, 1)), np.full((2, 1), 1e30)), epochs=1)
    assert NEARLY_SUBNORMAL[0] * np.float32(0.5) != 0


def test_an_optimizer_remembers_zero_as_in_numpy() -> None:
    found = []
    for engine in (NumpyEngine(), NumbaEngine()):
        model = Sequential([Dense(1)]).initialize(1, seed=0)
        optimizer = GradientDescent(0.1, momentum=0.9)
        trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, engine=engine, seed=0)
        trainer.fit((np.ones((2, 1)), np.full((2, 1), 3)), epochs=1)
        # without an input, a weight has no gradient any more
        trainer.fit((np.zeros((2, 1)), np.full((2, 1), 3)), epochs=500, batch_size=1)
        memory = trainer.state()["updates"][0]
        weight = next(start for path, start, *_ in memory["slices"] if path == "0.weight")
        found.append(memory["flat"]["velocity"][weight])
    assert found == [0, 0]
