from __future__ import annotations

import numpy as np
import pytest

import layerkit
from layerkit import Optimizer
from layerkit.optimizers.table import TABLE
from tests.reference.updates import vector_context

NAMES = [component.target.split(":")[1] for component in TABLE if component.target.split(":")[1] != "LBFGS"]


@pytest.mark.parametrize("name", NAMES)
def test_what_declares_bounded_steps_goes_by_the_rate_alone(name: str) -> None:
    optimizer: Optimizer = getattr(layerkit, name)(0.01)
    moved = []
    for factor in (1.0, 1e6):
        ctx, parameters = vector_context(4, rate=0.01), np.zeros(4)
        for step in range(20):
            ctx.step = step
            optimizer.update(parameters, factor * np.array([1.0, -2.0, 3.0, 0.5]), ctx)
        moved.append(np.abs(parameters).max())
    # Adadelta goes by no gradient's size either, but from steps of its own
    assert (moved[1] < 1.5 * moved[0]) == (optimizer.bounded_steps or name == "Adadelta")
    assert not optimizer.bounded_steps or moved[1] <= 1.5 * 20 * 0.01
