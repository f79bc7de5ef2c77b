"""No false alarm: whatever a sound component is made with, and whatever its shapes, every check passes."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings

import layerkit
from layerkit.testing import check
from tests.testing import drawn


@settings(max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn.CONFIGURATIONS)
def test_a_sound_component_passes_whatever_its_arguments_and_shapes(configuration: drawn.Drawn) -> None:
    name, options = configuration
    report = check(getattr(layerkit, name), **options)
    assert report.ok, f"{name}({options})\n{report}"


@pytest.mark.parametrize("kind", sorted(drawn.DRAWN))
def test_every_built_in_component_is_drawn(kind: str) -> None:
    table = import_module(f"layerkit.{kind}.table").TABLE
    assert drawn.DRAWN[kind] == {row.target.rpartition(":")[2] for row in table}
