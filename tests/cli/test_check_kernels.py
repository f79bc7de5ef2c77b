"""``layerkit plugins check`` also checks the kernels that a package brings for the engine of another."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tests.cli.test_check_plugin import HOOKS, RATES
from tests.registry.installation import Installation

ENGINE = """
from layerkit.testing import Failure, Report


def has_kernel(component):
    return component.__name__ != "Bare"


def check_kernel(component, **options):
    told = f"the kernel of {component.__name__}"
    if component.__name__ == "Wrong":
        return Report(told, ("values",), (), (Failure("values", "1 is 2", "1", "a slip"),))
    if component.__name__ == "Broken":
        raise RuntimeError("nothing compiles here")
    assert options == {"arguments": {"value": 0.1}, "reference": {0: 0.1}}, options
    return Report(told, ("values", "gradients"), (), ())
"""
MORE = '''

class Wrong(Slow):
    """Has a kernel that is wrong."""


class Broken(Slow):
    """Has a kernel whose check raises."""


class Bare(Slow):
    """Has no kernel."""
'''
POINTS = "[layerkit]\nacme = acme_rates.hooks\n\n[tinyjit.kernels]\nacme_rates = acme_rates.kernels\n"


def install(installation: Installation, name: str, target: str, *, engine: str = ENGINE) -> None:
    hooks = HOOKS.format(name=name, target=target)
    installation.add("acme-rates", hooks=hooks, rates=RATES + MORE, entry_points=POINTS)
    installation.add("tinyjit", entry_points="", testing=engine)


def test_a_kernel_is_checked_behind_its_component_with_the_options_of_each_case(
    layerkit: Command, installation: Installation
) -> None:
    install(installation, "slow", "Slow")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 0, result.out
    assert "acme/slow (schedules): ok" in result.out
    assert "acme/slow (schedules, kernel for tinyjit): ok, 2 run" in result.out
    reports = json.loads(layerkit("plugins", "check", "acme/slow", "--json").out)["reports"]
    assert [report["kernel_for"] for report in reports] == ["", "tinyjit"]


@pytest.mark.parametrize(
    ("target", "told"),
    [("Wrong", "found:        1 is 2"), ("Broken", "RuntimeError: nothing compiles here")],
)
def test_a_faulty_kernel_fails_the_check(layerkit: Command, installation: Installation, target: str, told: str) -> None:
    install(installation, "slow", target)
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "acme/slow (schedules): ok" in result.out
    assert "(schedules, kernel for tinyjit): FAILED" in result.out
    assert told in result.out


def test_a_component_without_a_kernel_is_checked_as_ever(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Bare")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 0
    assert "kernel" not in result.out


def test_an_engine_that_is_not_installed_is_told(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow", engine="import something_that_is_missing\n")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "something_that_is_missing" in result.out
