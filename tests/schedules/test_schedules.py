"""What holds for every schedule."""

from __future__ import annotations

from typing import Any

import pytest

from layerkit import ConstantRate, CosineDecay, Schedule, StepDecay
from layerkit.errors import ArgumentError
from tests.reference.updates import new_context


@pytest.mark.parametrize("schedule", [StepDecay(1.0, every=1), CosineDecay(1.0, length=1)], ids=repr)
def test_epochs_need_a_known_length(schedule: Schedule) -> None:
    with pytest.raises(ArgumentError, match="unit='step'"):
        schedule.rate(0, new_context())


@pytest.mark.parametrize(
    ("kind", "arguments", "name"),
    [
        (ConstantRate, {"value": -1.0}, "value"),
        (StepDecay, {"initial": -1.0, "every": 1}, "initial"),
        (StepDecay, {"initial": 1.0, "every": 0}, "every"),
        (StepDecay, {"initial": 1.0, "every": 1, "factor": -0.5}, "factor"),
        (StepDecay, {"initial": 1.0, "every": 1, "unit": "epochs"}, "unit"),
        (CosineDecay, {"initial": -1.0, "length": 1}, "initial"),
        (CosineDecay, {"initial": 1.0, "length": 0}, "length"),
        (CosineDecay, {"initial": 1.0, "length": 1, "final": -1.0}, "final"),
        (CosineDecay, {"initial": 1.0, "length": 1, "unit": "steps"}, "unit"),
    ],
)
def test_arguments_out_of_range(kind: Any, arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{kind.__name__}: {name}"):
        kind(**arguments)
