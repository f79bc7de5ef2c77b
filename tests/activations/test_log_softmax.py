from __future__ import annotations

import numpy as np
import pytest

from layerkit import LogSoftmax, Sequential, Softmax
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(LogSoftmax(), "log_softmax")


def test_its_exponential_is_softmax_and_a_shift_makes_no_difference() -> None:
    z = np.random.default_rng(0).normal(size=(3, 2, 4))
    logs, plain = (Sequential([each]).initialize((2, 4), dtype="float64") for each in (LogSoftmax(), Softmax()))
    np.testing.assert_allclose(np.exp(logs.predict(z)), plain.predict(z), rtol=1e-14)
    np.testing.assert_allclose(logs.predict(z + 1000), logs.predict(z), rtol=1e-12)


def test_it_has_no_derivative_of_its_own_for_each_place() -> None:
    with pytest.raises(NotImplementedError, match="LogSoftmax is not elementwise"):
        LogSoftmax().derivative(np.zeros(2))
