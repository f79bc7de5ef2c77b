from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import AMSGrad
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


def test_it_is_pytorchs() -> None:
    assert_updates("amsgrad", AMSGrad(0.05, beta1=0.8, beta2=0.9))


def test_a_large_gradient_shortens_all_later_steps() -> None:
    parameters, ctx = np.zeros(1), vector_context(1)
    moves = []
    for gradient in (1.0, 100.0, *[1e-3] * 50):
        before = parameters.copy()
        AMSGrad(0.1, beta1=0.0, beta2=0.5).update(parameters, np.array([gradient]), ctx)
        moves.append(float((before - parameters)[0]))
    assert moves[-1] < 1e-5


@pytest.mark.parametrize("argument", [{"beta1": 1.0}, {"beta2": -0.1}, {"epsilon": 0.0}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"AMSGrad: {next(iter(argument))}"):
        AMSGrad(**argument)
