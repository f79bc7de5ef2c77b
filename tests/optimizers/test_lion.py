from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Lion
from layerkit.errors import ArgumentError
from tests.reference.updates import vector_context


def test_every_parameter_moves_as_far() -> None:
    parameters, ctx = np.zeros(3), vector_context(3, rate=0.01)
    Lion(0.01).update(parameters, np.array([1e-6, -50.0, 0.0]), ctx)
    np.testing.assert_array_equal(parameters, [-0.01, 0.01, 0.0])
    # 0.9 · 0.01 · 1e-6 of the running mean outweighs a tenth of a smaller gradient of the other sign
    Lion(0.01).update(parameters, np.array([-1e-8, 1e-3, 1.0]), ctx)
    np.testing.assert_allclose(parameters, [-0.02, 0.02, -0.01])


@pytest.mark.parametrize("argument", [{"beta1": 1.0}, {"beta2": -0.1}, {"learning_rate": -1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Lion: {next(iter(argument))}"):
        Lion(**argument)
