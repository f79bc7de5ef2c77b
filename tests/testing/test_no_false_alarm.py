"""No false alarm: whatever a sound component is made with, and whatever its shapes, every check passes."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings

import layerkit
from layerkit.testing import check
from tests.testing import drawn


def often(times: int) -> settings:
    health = list(HealthCheck)
    return settings(max_examples=times, derandomize=True, database=None, deadline=None, suppress_health_check=health)


@often(60)
@given(drawn.CONFIGURATIONS)
def test_a_sound_component_passes_whatever_its_arguments_and_shapes(configuration: drawn.Drawn) -> None:
    require_no_alarm(configuration)


@pytest.mark.thorough
@often(60)
@given(drawn.CONFIGURATIONS)
def test_so_it_does_at_length(configuration: drawn.Drawn) -> None:
    require_no_alarm(configuration)


def require_no_alarm(configuration: drawn.Drawn) -> None:
    name, options = configuration
    report = check(getattr(layerkit, name), **options)
    assert report.ok, f"{name}({options})\n{report}"


@pytest.mark.parametrize("kind", sorted(drawn.DRAWN))
def test_every_built_in_component_is_drawn(kind: str) -> None:
    table = import_module(f"layerkit.{kind}.table").TABLE
    assert drawn.DRAWN[kind] == {row.target.rpartition(":")[2] for row in table}
