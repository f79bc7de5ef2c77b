from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import Adam, BinaryCrossEntropy, Cost, CrossEntropy, Dense, Sequential, Trainer
from layerkit.errors import EngineError


@pytest.mark.parametrize("cost", [CrossEntropy(label_smoothing=0.1), BinaryCrossEntropy(label_smoothing=0.1)])
def test_what_the_kernel_does_not_know_is_refused(cost: Cost) -> None:
    model = Sequential([Dense(3)]).initialize(2, seed=0)
    trainer = Trainer(model, cost=cost, optimizer=Adam(), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=r"no kernel for \w*CrossEntropy\(label_smoothing=0\.1\).*'numpy'"):
        trainer.fit((np.ones((6, 2)), np.eye(3)[np.arange(6) % 3]), epochs=1)
