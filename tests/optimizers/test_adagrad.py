from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adagrad
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


def test_it_is_pytorchs() -> None:
    assert_updates("adagrad", Adagrad(0.1))


def test_steps_shorten_as_gradients_add_up() -> None:
    parameters, ctx = np.zeros(1), vector_context(1, rate=1.0)
    for count in range(1, 5):
        before = parameters.copy()
        Adagrad(1.0).update(parameters, np.array([2.0]), ctx)
        np.testing.assert_allclose(before - parameters, 1 / np.sqrt(count))


@pytest.mark.parametrize("argument", [{"epsilon": 0.0}, {"learning_rate": -1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Adagrad: {next(iter(argument))}"):
        Adagrad(**argument)
