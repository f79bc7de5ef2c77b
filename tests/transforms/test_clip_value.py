from __future__ import annotations

import numpy as np
import pytest

from layerkit import ClipValue, GradientDescent
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


def test_it_is_pytorchs() -> None:
    assert_updates("clipped_by_value", GradientDescent(0.1), ClipValue(0.3))


def test_each_number_is_bounded_by_itself() -> None:
    gradient = np.array([-3.0, -0.5, 0.0, 0.4, np.inf])
    ClipValue(0.5).before(np.zeros(5), gradient, vector_context(5))
    np.testing.assert_array_equal(gradient, [-0.5, -0.5, 0.0, 0.4, 0.5])


@pytest.mark.parametrize("limit", [0, -1, float("nan"), "many"])
def test_arguments_out_of_range(limit: float) -> None:
    with pytest.raises(ArgumentError, match="ClipValue: limit"):
        ClipValue(limit)
