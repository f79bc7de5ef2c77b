"""``layerkit plugins check``: the kit over what is installed."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tests.registry.installation import HEAD, Installation

HOOKS = (
    HEAD
    + """
@hookimpl
def layerkit_schedules():
    return [Component("{name}", target="{{package}}.rates:{target}", summary="A rate.")]
"""
)

RATES = '''
from layerkit import Schedule
from layerkit.arguments import check_number


class Slow(Schedule):
    """One rate for all steps."""

    conformance_cases = ({"arguments": {"value": 0.1}, "reference": {0: 0.1}},)

    def __init__(self, value):
        check_number(self, "value", value, minimum=0)
        self.value = value

    def rate(self, step, ctx):
        return self.value


class Late(Slow):
    """One rate too late."""

    conformance_cases = ({"arguments": {"value": 0.1}, "reference": {0: 0.1, 5: 0.05}},)


class Undeclared(Slow):
    """Needs an argument, and declares no case."""

    conformance_cases = ({},)


class Doubtful(Slow):
    """Has a case with an option that does not exist."""

    conformance_cases = ({"shapes": [3]},)
'''


def install(installation: Installation, name: str, target: str) -> None:
    installation.add("acme-rates", hooks=HOOKS.format(name=name, target=target), rates=RATES)


def test_a_sound_plugin_passes(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 0, result.out
    assert "acme/slow (schedules): ok" in result.out
    assert "0 failed" in result.out


def test_a_failure_is_explained_and_is_the_exit_code(layerkit: Command, installation: Installation) -> None:
    install(installation, "late", "Late")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    for told in ("reference-rates", "rate(5) is 0.1", "expected:     0.05", "off-by-one"):
        assert told in result.out


def test_one_component_alone_can_be_checked(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow")
    assert layerkit("plugins", "check", "acme/slow").code == 0
    missing = layerkit("plugins", "check", "acme/fast")
    assert missing.code == 2
    assert "acme/fast" in missing.err


def test_what_does_not_apply_is_told_when_asked_for(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-rates", hooks=HOOKS.format(name="ramp", target="Slow"), rates=RATES.replace("0: 0.1}", "}"))
    assert "skipped:" not in layerkit("plugins", "check", "acme").out
    install_free = layerkit("plugins", "check", "layerkit/relu", "--skipped")
    assert "parameter-gradients skipped: the layer has no parameters" in install_free.out


def test_a_case_that_lacks_an_argument_is_a_failure_that_says_so(layerkit: Command, installation: Installation) -> None:
    install(installation, "undeclared", "Undeclared")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "`cases` in the component's record" in result.out


def test_cases_are_named_by_the_record(layerkit: Command, installation: Installation) -> None:
    hooks = HOOKS.format(name="late", target="Late").replace("summary=", 'cases="{package}.cases:LATE", summary=')
    cases = "LATE = ({'arguments': {'value': 0.1}}, {'arguments': {'value': 0.2}, 'reference': {5: 0.2}})\n"
    installation.add("acme-rates", hooks=hooks, rates=RATES, cases=cases)
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 0, result.out
    assert [report["ok"] for report in json.loads(result.out)["reports"]] == [True, True]


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ("", "has no attribute 'LATE'"),
        ("raise SystemExit(3)", "it tried to end the program"),
        ("LATE = 3", "got 3"),
        ("LATE = ({'shapes': [3]},)", "no option 'shapes'"),
    ],
)
def test_cases_that_cannot_be_read_are_a_failure(
    layerkit: Command, installation: Installation, cases: str, told: str
) -> None:
    hooks = HOOKS.format(name="late", target="Late").replace("summary=", 'cases="{package}.cases:LATE", summary=')
    installation.add("acme-rates", hooks=hooks, rates=RATES, cases=cases)
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert told in result.out


def test_a_case_with_an_unknown_option_is_a_failure_that_names_it(
    layerkit: Command, installation: Installation
) -> None:
    install(installation, "doubtful", "Doubtful")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "no option 'shapes'" in result.out


def test_a_target_that_does_not_exist_is_a_failure(layerkit: Command, installation: Installation) -> None:
    install(installation, "gone", "Gone")
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "Gone" in result.out


def test_a_plugin_without_components_is_a_failure(layerkit: Command, installation: Installation) -> None:
    hooks = HEAD + "@hookimpl\ndef layerkit_layers():\n    return []\n"
    installation.add("acme-empty", hooks=hooks)
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "nothing that can be checked" in result.out


def test_an_example_is_run_and_not_checked(layerkit: Command, installation: Installation) -> None:
    hooks = HEAD + "@hookimpl\ndef layerkit_examples():\n    return [Component('a', target='os:getcwd', summary='s')]\n"
    installation.add("acme-examples", hooks=hooks)
    assert "nothing that can be checked" in layerkit("plugins", "check", "acme").out


def test_an_unknown_namespace_is_wrong_usage(layerkit: Command) -> None:
    result = layerkit("plugins", "check", "acmee")
    assert result.code == 2
    assert "acmee" in result.err


@pytest.mark.parametrize("cases", ["()", "{'input_shapes': [(3,)]}", "'abc'", "[3]", "5"])
def test_cases_that_are_none_fail_and_say_what_they_are(
    layerkit: Command, installation: Installation, cases: str
) -> None:
    install(installation, "slow", "Slow")
    rates = installation.folder / "acme_rates" / "rates.py"
    rates.write_text(RATES.replace('({"arguments": {"value": 0.1}, "reference": {0: 0.1}},)', cases, 1))
    result = layerkit("plugins", "check", "acme")
    assert result.code == 1
    assert "acme/slow (schedules): FAILED" in result.out
    assert "must be a list of at least one dictionary of options" in result.out
    assert f"got {cases}" in result.out or cases in ("'abc'", "[3]")
    assert "1 component, 1 check run, 1 failed" in result.out
