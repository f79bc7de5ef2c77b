"""The kit takes every conduct that the contracts allow, however unusual."""

from __future__ import annotations

from typing import Any

import pytest

from layerkit import Dense, Tanh
from layerkit.testing import check
from tests.testing import unusual_conduct as unusual

CASES: list[tuple[type, dict[str, Any]]] = [
    (
        unusual.LookUp,
        {"input_shapes": [((), (3,))], "inputs": [unusual.draw_places, unusual.draw_numbers]},
    ),
    (unusual.Affinity, {"input_shapes": [()]}),
    (unusual.RunningRange, {"input_shapes": [(4,), (2, 3)]}),
    (unusual.CountsExamples, {}),
    (unusual.Bottle, {"arguments": {"units": 3}, "input_shapes": [(3,), (2, 3)]}),
    (unusual.Copies, {"arguments": {"template": Dense(4, activation=Tanh())}, "input_shapes": [(4,), (None, 4)]}),
    (unusual.Copies, {"arguments": {"template": Tanh()}}),
    (unusual.Optional, {}),
    (unusual.Optional, {"arguments": {"inner": Dense(2), "gate": Tanh()}}),
    (unusual.MaskedMean, {"input_shapes": [(3, 2), (None, 4)]}),
    (unusual.ByShape, {"input_shapes": [(3, 2), (None, 4), (None, None)]}),
    (unusual.Strided, {"input_shapes": [(4,), (5, 2), (None, 3)]}),
    (unusual.Bytes, {}),
    (unusual.Largest, {"input_shapes": [(4,)]}),
    (unusual.Mixer, {"input_shapes": [((2, 3, 2, 2), (2,), ())]}),
    (unusual.Nothing, {"input_shapes": [(), (4,), (2, 1, 2, 1, 2), ((3,), (2, 2)), (None, None, 2)]}),
    (unusual.Windowed, {}),
    (unusual.Windowed, {"arguments": {"band": "high"}}),
    (unusual.Helped, {}),
    (unusual.Recorded, {"input_shapes": [(4,)]}),
    (unusual.Centred, {"input_shapes": [(4,)]}),
    (unusual.Absolute, {}),
    (unusual.Hill, {}),
    (unusual.SquaresOfHills, {}),
    (unusual.Weighted, {}),
    (unusual.Weighted, {"arguments": {"weights": [3, 1.5]}, "input_shapes": [(2,)]}),
]


@pytest.mark.parametrize(("component", "options"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_component_of_unusual_conduct_passes(component: type, options: dict[str, Any]) -> None:
    report = check(component, **options)
    assert report.ok, str(report)


@pytest.mark.parametrize("component", [unusual.Recorded, unusual.Centred, unusual.Absolute])
def test_what_can_be_repeated_is_recorded(component: type) -> None:
    options = {"input_shapes": [(4,)]} if component is not unusual.Absolute else {}
    assert "recorded-passes" in check(component, **options).ran
