"""A network of many parts, trained for twenty steps, ends with PyTorch's weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    ClipNorm,
    CrossEntropy,
    Dense,
    ReLU,
    Sequential,
    Sigmoid,
    StepDecay,
    Tanh,
    Trainer,
    WeightDecay,
)
from tests.reference.values import reference


class Costs(Callback):
    """Remembers the mean cost of each step."""

    every_steps = 1

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.sum = 0.0

    def steps_ended(self, fit: Any) -> None:
        position = fit.job.position
        self.costs.append((position.cost - self.sum) / 8)
        self.sum = position.cost

    def epoch_ended(self, fit: Any, record: object) -> None:
        self.sum = 0.0


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-6), ("float32", 2e-4)])
def test_twenty_steps(dtype: str, tolerance: float) -> None:
    values = reference("network")
    model = Sequential(
        [Dense(8, activation=ReLU()), BatchNormalization(), Dense(5, activation=Tanh()), Dense(4, activation=Sigmoid()),
         Dense(3)]
    ).initialize(6, seed=0, dtype=dtype)  # fmt: skip
    for kind in (model.parameters, model.states):
        for path, array in kind.items():
            array[...] = values[f"before/{path}"]

    trainer = Trainer(
        model,
        cost=CrossEntropy(),
        optimizer=Adam(StepDecay(0.03, every=2, factor=0.5), epsilon=1e-4),
        transforms=[ClipNorm(0.7), WeightDecay(0.1, except_tags=("bias",))],
        seed=0,
    )
    costs = Costs()
    trainer.fit((values["x"], values["y"]), epochs=4, batch_size=8, shuffle=False, callbacks=[costs])

    np.testing.assert_allclose(costs.costs, values["costs"], rtol=tolerance)
    for path, array in {**model.parameters, **model.states}.items():
        assert array.dtype == dtype
        expected = values[f"after/{path}"]
        np.testing.assert_allclose(
            array, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max(), err_msg=path
        )
        assert not np.allclose(expected, values[f"before/{path}"], rtol=1e-3), "nothing was learned here"
    np.testing.assert_allclose(model.predict(values["x"]), values["prediction"], rtol=tolerance, atol=tolerance)
