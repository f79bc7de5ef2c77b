from __future__ import annotations

import numpy as np

from layerkit import ConstantRate, Dense, GradientDescent, Quadratic, Sequential, Trainer
from tests.reference.updates import rates


def test_every_step_has_the_same_rate() -> None:
    assert rates(ConstantRate(0.3), [0, 1, 1000]) == [0.3, 0.3, 0.3]


def test_a_plain_number_does_the_same() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    models = []
    for rate in (0.1, ConstantRate(0.1)):
        trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(rate), seed=0)
        trainer.fit((x, y), epochs=2, batch_size=4)
        models.append(trainer.model)
    np.testing.assert_array_equal(models[0].parameters["0.weight"], models[1].parameters["0.weight"])
