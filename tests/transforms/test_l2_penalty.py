from __future__ import annotations

import numpy as np
import pytest

from layerkit import GradientDescent, L2Penalty
from layerkit.errors import ArgumentError
from tests.reference.updates import WEIGHT_AND_BIAS, assert_updates, new_context


def test_it_is_pytorchs() -> None:
    assert_updates("l2", GradientDescent(0.1), L2Penalty(0.2))


def test_tags_that_are_left_alone_can_be_chosen() -> None:
    gradient = np.zeros(15)
    L2Penalty(0.5, except_tags=()).before(np.ones(15), gradient, new_context(WEIGHT_AND_BIAS))
    np.testing.assert_array_equal(gradient, 0.5)


@pytest.mark.parametrize("argument", [{"rate": -1}, {"rate": 1, "except_tags": "bias"}])
def test_arguments_out_of_range(argument: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=f"L2Penalty: {list(argument)[-1]}"):
        L2Penalty(**argument)  # type: ignore[arg-type]
