"""Learning rates over steps and epochs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerkit import ConstantRate, CosineDecay, Schedule, StepDecay
from layerkit.errors import ArgumentError
from layerkit.interfaces.update_context import UpdateContext


def new_context(steps_per_epoch: int | None = 10) -> UpdateContext:
    rng = np.random.default_rng(0)
    return UpdateContext((), np.dtype("float32"), rng=rng, steps_per_epoch=steps_per_epoch)


def rates(schedule: Schedule, steps: list[int]) -> list[float]:
    return [schedule.rate(step, new_context()) for step in steps]


def test_constant() -> None:
    assert rates(ConstantRate(0.3), [0, 1, 1000]) == [0.3, 0.3, 0.3]


def test_steps_in_epochs_and_in_steps() -> None:
    np.testing.assert_allclose(rates(StepDecay(8.0, every=2, factor=0.5), [0, 19, 20, 39, 40]), [8, 8, 4, 4, 2])
    np.testing.assert_allclose(
        rates(StepDecay(8.0, every=2, factor=0.5, unit="step"), [0, 1, 2, 3, 4]), [8, 8, 4, 4, 2]
    )


def test_a_cosine_moves_within_an_epoch_too() -> None:
    schedule = CosineDecay(1.0, length=2, final=0.2)
    expected = [0.2 + 0.4 * (1 + math.cos(math.pi * part)) for part in (0, 0.25, 0.5, 1)]
    np.testing.assert_allclose(rates(schedule, [0, 5, 10, 20]), expected)
    assert rates(schedule, [21, 500]) == [0.2, 0.2]


@given(
    st.floats(0, 10), st.floats(0, 10), st.integers(1, 50), st.integers(0, 10_000), st.sampled_from(["epoch", "step"])
)
def test_a_cosine_stays_between_its_ends(initial: float, final: float, length: int, step: int, unit: Any) -> None:
    rate = CosineDecay(initial, length=length, final=final, unit=unit).rate(step, new_context())
    assert min(initial, final) * (1 - 1e-12) <= rate <= max(initial, final) * (1 + 1e-12)


@pytest.mark.parametrize("schedule", [StepDecay(1.0, every=1), CosineDecay(1.0, length=1)], ids=repr)
def test_epochs_need_a_known_length(schedule: Schedule) -> None:
    with pytest.raises(ArgumentError, match="unit='step'"):
        schedule.rate(0, new_context(None))


@pytest.mark.parametrize(
    ("kind", "arguments", "name"),
    [
        (ConstantRate, {"value": -1.0}, "value"),
        (StepDecay, {"initial": -1.0, "every": 1}, "initial"),
        (StepDecay, {"initial": 1.0, "every": 0}, "every"),
        (StepDecay, {"initial": 1.0, "every": 1, "factor": -0.5}, "factor"),
        (CosineDecay, {"initial": 1.0, "length": 0}, "length"),
        (CosineDecay, {"initial": 1.0, "length": 1, "final": -1.0}, "final"),
        (CosineDecay, {"initial": 1.0, "length": 1, "unit": "steps"}, "unit"),
    ],
)
def test_arguments_out_of_range(kind: Any, arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{kind.__name__}: {name}"):
        kind(**arguments)
