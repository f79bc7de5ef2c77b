from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Nadam
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


def test_it_is_pytorchs() -> None:
    assert_updates("nadam", Nadam(0.05))


def test_a_saved_count_goes_on() -> None:
    one, ctx = np.ones(2), vector_context(2)
    for _ in range(3):
        Nadam(0.1).update(one, np.array([1.0, -2.0]), ctx)
    again = vector_context(2)
    again.restore(ctx.memory())
    other = one.copy()
    for parameters, context in ((one, ctx), (other, again)):
        Nadam(0.1).update(parameters, np.array([0.5, 0.5]), context)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("argument", [{"beta1": 1.0}, {"beta2": -0.1}, {"epsilon": 0.0}, {"momentum_decay": -1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Nadam: {next(iter(argument))}"):
        Nadam(**argument)
