"""An operation is repeated as it was carried out, with its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit.models.tape import Tape
from layerkit.types import Array

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "where": lambda x, out: np.add(x, 1.0, out=out, where=np.greater(x, 2.0)),
    "casting": lambda x, out: np.multiply(x, 1.5, out=out, dtype=np.float64, casting="unsafe"),
    "axis": lambda x, out: np.add.reduce(x.reshape(2, 2), axis=1, keepdims=True, out=out[:2].reshape(2, 1)),
    "maximum": lambda x, out: np.maximum(x, 2.0, out=out),
    "function": lambda x, out: np.cumsum(x, out=out),
    "dot": lambda x, out: x.reshape(2, 2).dot(x.reshape(2, 2), out.reshape(2, 2)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_options_are_repeated(name: str) -> None:
    tape = Tape()
    memory: Array = np.array([4.0, 3.0, 2.0, 1.0])
    result: Array = np.zeros(4)
    OPERATIONS[name](tape.wrap(memory), tape.wrap(result))
    assert tape.valid
    memory[:] = [1.0, 5.0, 2.0, 7.0]
    expected = result.copy() if name == "where" else np.zeros(4)
    OPERATIONS[name](memory, expected)
    if name == "axis":
        expected[2:] = result[2:]
    tape.run()
    np.testing.assert_array_equal(result, expected)
