from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layerkit import CosineDecay
from tests.reference.updates import assert_rates, new_context, rates


@pytest.mark.parametrize(
    "schedule",
    [CosineDecay(0.4, length=11, final=0.01), CosineDecay(0.4, length=55, final=0.01, unit="step")],
    ids=repr,
)
def test_it_is_pytorchs(schedule: CosineDecay) -> None:
    assert_rates("cosine", schedule)


def test_it_moves_within_an_epoch_too() -> None:
    schedule = CosineDecay(1.0, length=2, final=0.2)
    expected = [0.2 + 0.4 * (1 + math.cos(math.pi * part)) for part in (0, 0.25, 0.5, 1)]
    np.testing.assert_allclose(rates(schedule, [0, 5, 10, 20]), expected)
    assert rates(schedule, [21, 500]) == [0.2, 0.2]


def test_unless_said_otherwise_it_falls_to_zero() -> None:
    assert rates(CosineDecay(1.0, length=2), [20]) == [0.0]


@example(1e-17, 1.0, 1, 0, "epoch")  # rounding alone would give 0
@given(
    st.floats(0, 10), st.floats(0, 10), st.integers(1, 50), st.integers(0, 10_000), st.sampled_from(["epoch", "step"])
)
def test_it_stays_between_its_ends(initial: float, final: float, length: int, step: int, unit: Any) -> None:
    rate = CosineDecay(initial, length=length, final=final, unit=unit).rate(step, new_context(steps_per_epoch=10))
    assert min(initial, final) <= rate <= max(initial, final)
