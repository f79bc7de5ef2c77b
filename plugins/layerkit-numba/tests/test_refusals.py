"""What the engine cannot compile is refused before the first step, and the message says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    LBFGS,
    Dense,
    GradientDescent,
    Model,
    Quadratic,
    Sequential,
    Trainer,
)
from layerkit.errors import EngineError

X, Y = np.ones((6, 3), np.float32), np.ones((6, 3), np.float32)


def dense() -> Model:
    return Sequential([Dense(3)])


def test_what_evaluates_a_batch_again_and_again() -> None:
    trainer = Trainer(dense(), cost=Quadratic(), optimizer=LBFGS(), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=r"no kernel for the optimizer LBFGS.*train with the engine 'numpy'"):
        trainer.fit((X, Y), epochs=1)


def test_shapes_that_vary() -> None:
    model = Sequential([Dense(3)]).initialize((None, 3), seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=r"Sequential has the shape \(None, 3\)"):
        trainer.fit((X[:, None], Y[:, None]), epochs=1)
