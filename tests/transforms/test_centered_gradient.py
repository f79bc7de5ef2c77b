from __future__ import annotations

import numpy as np

from layerkit import CenteredGradient
from tests.reference.updates import WEIGHT_AND_BIAS, new_context


def test_the_mean_over_what_leads_to_a_unit_is_taken_off() -> None:
    before = np.arange(15.0) ** 2
    gradient = before.copy()
    CenteredGradient().before(np.zeros(15), gradient, new_context(WEIGHT_AND_BIAS))
    np.testing.assert_allclose(gradient[:12].reshape(4, 3).sum(axis=0), 0, atol=1e-12)
    differences = np.diff(gradient[:12].reshape(4, 3), axis=0)
    np.testing.assert_allclose(differences, np.diff(before[:12].reshape(4, 3), axis=0))
    np.testing.assert_array_equal(gradient[12:], before[12:])
