"""No false alarm for sound components of unusual form or conduct, of every kind."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from layerkit.testing import check
from tests.testing import unusual_costs, unusual_passes

FILES = ("containers", "costs", "inputs", "measures", "passes", "rates_and_draws", "sources", "updates")
HONEST: list[tuple[type, dict[str, Any]]] = [
    each for file in FILES for each in import_module(f"tests.testing.unusual_{file}").HONEST
]


@pytest.mark.parametrize(("component", "options"), HONEST, ids=lambda value: getattr(value, "__name__", ""))
def test_a_sound_component_of_unusual_form_passes(component: type, options: dict[str, Any]) -> None:
    report = check(component, **options)
    assert report.ok, str(report)


@pytest.mark.parametrize("component", [unusual_passes.Recorded, unusual_passes.Centred, unusual_costs.Absolute])
def test_what_can_be_repeated_is_recorded(component: type) -> None:
    options = {"input_shapes": [(4,)]} if component is not unusual_costs.Absolute else {}
    assert "recorded-passes" in check(component, **options).ran
