from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Constant
from layerkit.errors import ArgumentError
from tests.initializers.drawing import draw


def test_one_value_stands_everywhere() -> None:
    np.testing.assert_array_equal(draw(Constant(-0.5), (2, 3)), np.full((2, 3), -0.5))


@pytest.mark.parametrize("value", [None, float("nan"), "1"])
def test_values_that_are_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match="Constant: value must be a finite number"):
        Constant(value)
