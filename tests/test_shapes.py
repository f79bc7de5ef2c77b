from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Identity, Sequential
from layerkit.errors import ArgumentError
from layerkit.shapes import as_shape


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (3, (3,)),
        (np.int64(3), (3,)),
        ([np.int32(2), None], (2, None)),
        ((), ()),
        (((2,), [None, np.uint8(3)]), ((2,), (None, 3))),
    ],
)
def test_a_shape_may_be_written_in_several_ways(given: Any, shape: Any) -> None:
    assert as_shape(given) == shape
    assert Sequential([Identity()]).initialize(given).input_shape == shape


@pytest.mark.parametrize("given", [0, -1, (3, 0), True, (True,), 2.0, "3", None, ((2,), 3)])
def test_what_is_no_shape_is_refused(given: Any) -> None:
    with pytest.raises(ArgumentError, match="a shape is a positive integer or a tuple of them"):
        as_shape(given)
