"""No false alarm for sound components of unusual form, of every kind but layers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from layerkit.testing import check

FILES = ("measures", "rates_and_draws", "sources", "updates")
HONEST: list[tuple[type, dict[str, Any]]] = [
    each for file in FILES for each in import_module(f"tests.testing.unusual_{file}").HONEST
]


@pytest.mark.parametrize(("component", "options"), HONEST, ids=lambda value: getattr(value, "__name__", ""))
def test_a_sound_component_of_unusual_form_passes(component: type, options: dict[str, Any]) -> None:
    report = check(component, **options)
    assert report.ok, str(report)
