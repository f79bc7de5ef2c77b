from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import Adam, CrossEntropy, Dense, Sequential, Trainer
from layerkit.errors import EngineError


def test_what_the_kernel_does_not_know_is_refused() -> None:
    model = Sequential([Dense(3)]).initialize(2, seed=0)
    cost = CrossEntropy(label_smoothing=0.1)
    trainer = Trainer(model, cost=cost, optimizer=Adam(), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=r"no kernel for CrossEntropy\(label_smoothing=0\.1\).*'numpy'"):
        trainer.fit((np.ones((6, 2)), np.arange(6) % 3), epochs=1)
