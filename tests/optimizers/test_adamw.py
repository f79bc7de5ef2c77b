from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, AdamW, WeightDecay
from layerkit.errors import ArgumentError
from tests.reference.updates import WEIGHT_AND_BIAS, assert_updates, new_context


def test_it_is_pytorchs() -> None:
    assert_updates("adamw", AdamW(0.05, weight_decay=0.2))


def test_it_is_adam_with_the_transform() -> None:
    one, other = np.arange(1.0, 16.0), np.arange(1.0, 16.0)
    alone, beside, around = (new_context(WEIGHT_AND_BIAS, rate=0.1) for _ in range(3))
    decay = WeightDecay(0.3)
    for step in range(5):
        gradient = np.cos(np.arange(15.0) + step)
        AdamW(0.1, weight_decay=0.3).update(one, gradient, alone)
        decay.before(other, gradient, around)
        Adam(0.1).update(other, gradient, beside)
        decay.after(other, around)
    np.testing.assert_allclose(one, other, rtol=1e-14)


def test_tags_that_do_not_decay_can_be_chosen() -> None:
    parameters = np.ones(15)
    AdamW(0.5, weight_decay=0.1, except_tags=()).update(
        parameters, np.zeros(15), new_context(WEIGHT_AND_BIAS, rate=0.5)
    )
    np.testing.assert_allclose(parameters, 0.95)


@pytest.mark.parametrize(
    "argument", [{"beta1": 1.0}, {"beta2": -0.1}, {"epsilon": 0.0}, {"weight_decay": -1}, {"except_tags": "bias"}]
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"AdamW: {next(iter(argument))}"):
        AdamW(**argument)
