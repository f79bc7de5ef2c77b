from __future__ import annotations

import numpy as np
import pytest

from layerkit import GradientNoise
from layerkit.errors import ArgumentError
from tests.reference.updates import vector_context


def test_its_deviation_falls_from_step_to_step() -> None:
    ctx = vector_context(20_000)
    for step in (0, 99):
        ctx.step, gradient = step, np.zeros(20_000)
        GradientNoise(0.1).before(np.zeros(20_000), gradient, ctx)
        assert gradient.std() == pytest.approx(0.1 / (1 + step) ** 0.275, rel=0.03)
        assert abs(gradient.mean()) < 0.005


def test_both_dtypes_see_the_same_noise() -> None:
    one, other = np.zeros(5), np.zeros(5, np.float32)
    for gradient in (one, other):
        GradientNoise(0.1).before(np.zeros_like(gradient), gradient, vector_context(5, dtype=gradient.dtype.name))
    np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("argument", [{"deviation": -1}, {"deviation": 1, "decay": -1}])
def test_arguments_out_of_range(argument: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=f"GradientNoise: {list(argument)[-1]}"):
        GradientNoise(**argument)
