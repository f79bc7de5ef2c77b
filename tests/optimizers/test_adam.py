from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


@pytest.mark.parametrize(
    ("case", "optimizer"),
    [("adam", Adam(0.05)), ("adam_other", Adam(0.02, beta1=0.7, beta2=0.95, epsilon=1e-3))],
)
def test_it_is_pytorchs(case: str, optimizer: Adam) -> None:
    assert_updates(case, optimizer)


def test_the_first_step_has_the_length_of_the_rate_whatever_the_gradient() -> None:
    for scale in (1e-3, 1.0, 1e3):
        parameters = np.zeros(3)
        Adam(0.1).update(parameters, scale * np.array([1.0, -1.0, 1.0]), vector_context(3))
        np.testing.assert_allclose(parameters, [-0.1, 0.1, -0.1], rtol=1e-4)


def test_its_defaults_are_the_papers() -> None:
    assert Adam().config == {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def test_updates_are_counted_by_what_it_remembers_and_not_by_the_step() -> None:
    one, other = np.zeros(2), np.zeros(2)
    fresh, late = vector_context(2), vector_context(2)
    late.step = 1000
    for parameters, ctx in ((one, fresh), (other, late)):
        Adam(0.1).update(parameters, np.array([1.0, -2.0]), ctx)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "argument", [{"beta1": 1.0}, {"beta1": -0.1}, {"beta2": 1.0}, {"beta2": -0.1}, {"epsilon": 0.0}]
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Adam: {next(iter(argument))}"):
        Adam(**argument)
