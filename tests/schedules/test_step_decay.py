from __future__ import annotations

import numpy as np
import pytest

from layerkit import StepDecay
from tests.reference.updates import assert_rates, rates


@pytest.mark.parametrize(
    "schedule", [StepDecay(0.4, every=3, factor=0.5), StepDecay(0.4, every=15, factor=0.5, unit="step")], ids=repr
)
def test_it_is_pytorchs(schedule: StepDecay) -> None:
    assert_rates("step", schedule)


def test_it_falls_in_epochs_or_in_steps() -> None:
    np.testing.assert_allclose(rates(StepDecay(8.0, every=2, factor=0.5), [0, 19, 20, 39, 40]), [8, 8, 4, 4, 2])
    np.testing.assert_allclose(
        rates(StepDecay(8.0, every=2, factor=0.5, unit="step"), [0, 1, 2, 3, 4]), [8, 8, 4, 4, 2]
    )


def test_unless_said_otherwise_it_falls_to_a_tenth() -> None:
    np.testing.assert_allclose(rates(StepDecay(1.0, every=1), [0, 10, 20]), [1.0, 0.1, 0.01])
