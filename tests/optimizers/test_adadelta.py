from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adadelta
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


def test_it_is_pytorchs() -> None:
    assert_updates("adadelta", Adadelta(rho=0.8, epsilon=1e-4))


def test_its_first_step_has_the_length_that_epsilon_says() -> None:
    parameters = np.zeros(2)
    Adadelta(rho=0.0, epsilon=1e-4).update(parameters, np.array([3.0, -3.0]), vector_context(2, rate=1.0))
    np.testing.assert_allclose(parameters, [-0.01, 0.01], rtol=1e-4)


@pytest.mark.parametrize("argument", [{"rho": 1.0}, {"rho": -0.1}, {"epsilon": 0.0}, {"learning_rate": -1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Adadelta: {next(iter(argument))}"):
        Adadelta(**argument)
