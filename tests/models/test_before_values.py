"""What is asked of a model before it has values is answered with what to do."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, CrossEntropy, Dense, Sequential, Trainer
from layerkit.errors import NotBuiltError

X, Y = np.zeros((6, 2)), np.arange(6) % 2


def test_evaluation_and_the_structure_say_what_predictions_say() -> None:
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0)
    for ask in (lambda: model.predict(X), lambda: model.structure, lambda: trainer.evaluate((X, Y))):
        with pytest.raises(NotBuiltError, match=r"Sequential has no values yet: call initialize\(input_shape\)"):
            ask()
    assert not hasattr(model, "structure")
