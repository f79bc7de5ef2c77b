"""How many steps are run between two looks."""

from __future__ import annotations

import itertools

import numpy as np

from layerkit import Callback, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.interfaces.callback import FitView


class Looks(Callback):
    """Notes at which steps it is told of progress."""

    def __init__(self) -> None:
        self.steps = [0]

    def progress(self, fit: FitView) -> None:
        self.steps.append(fit.step)


def test_one_slow_first_step_is_not_followed_by_a_long_wait() -> None:
    looks = Looks()
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.0), seed=0)
    trainer.fit((np.ones((2000, 2)), np.zeros((2000, 1))), epochs=1, batch_size=1, callbacks=[looks])
    run = [after - before for before, after in itertools.pairwise(looks.steps)]
    assert run[0] == 1
    assert sum(run) == 2000
    assert all(after <= 2 * before for before, after in itertools.pairwise(run))
