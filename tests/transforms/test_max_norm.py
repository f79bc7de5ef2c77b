from __future__ import annotations

import numpy as np
import pytest

from layerkit import MaxNorm
from layerkit.errors import ArgumentError
from layerkit.interfaces.update_context import ParameterSlice
from tests.reference.updates import WEIGHT_AND_BIAS, new_context


@pytest.mark.parametrize("shape", [(4, 3), (2, 2, 3)])
def test_the_weights_of_each_unit_are_shortened_to_the_limit(shape: tuple[int, ...]) -> None:
    weights = np.array([[3.0, 0.1, 0.0], [4.0, 0.2, 0.0], [0.0, 0.2, 0.0], [0.0, 0.0, 0.0]])
    parameters = weights.ravel().copy()
    MaxNorm(2.0).after(parameters, new_context((ParameterSlice("0.weight", 0, 12, shape, ()),)))
    np.testing.assert_allclose(parameters.reshape(4, 3), weights * [2 / 5, 1, 1])


def test_biases_are_left_alone() -> None:
    parameters = np.full(15, 100.0)
    MaxNorm(1.0).after(parameters, new_context(WEIGHT_AND_BIAS))
    np.testing.assert_allclose(parameters[:12], 0.5)
    np.testing.assert_array_equal(parameters[12:], 100.0)


@pytest.mark.parametrize("limit", [0, -1, float("inf")])
def test_arguments_out_of_range(limit: float) -> None:
    with pytest.raises(ArgumentError, match="MaxNorm: limit"):
        MaxNorm(limit)
