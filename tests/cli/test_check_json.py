"""``layerkit plugins check --json``: one document on standard output for programs, whatever plugins do and print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import __version__
from tests.cli.conftest import Command, Result
from tests.cli.environment import ROOT
from tests.cli.test_check_plugin import HOOKS, RATES, install
from tests.registry.installation import HEAD, Installation

KEYS = ["schema", "name", "ok", "seconds", "versions", "error", "reports"]
REPORT_KEYS = [
    "component",
    "kind",
    "kernel_for",
    "case",
    "arguments",
    "ok",
    "seconds",
    "ran",
    "skipped",
    "waived",
    "expected",
    "failures",
]


def read(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.out, parse_constant=pytest.fail)
    assert list(found) == KEYS
    assert found["schema"] == 1
    for report in found["reports"]:
        assert list(report) == REPORT_KEYS
    return found


def test_a_report_holds_what_ran_what_did_not_and_what_failed(layerkit: Command, installation: Installation) -> None:
    install(installation, "late", "Late")
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 1
    found = read(result)
    assert (found["name"], found["ok"], found["error"]) == ("acme", False, None)
    assert found["versions"] == {
        "python": ".".join(map(str, sys.version_info[:3])),
        "layerkit": __version__,
        "numpy": np.__version__,
        "acme-rates": "1.2",
    }
    (report,) = found["reports"]
    assert (report["component"], report["kind"], report["case"]) == ("acme/late", "schedules", 0)
    assert report["arguments"] == {"value": 0.1}
    assert not report["ok"]
    assert 0 < report["seconds"] <= found["seconds"]
    assert "rates-usable" in report["ran"]
    assert report["skipped"] == [] or set(report["skipped"][0]) == {"check", "reason"}
    (failure,) = report["failures"]
    assert failure["check"] == "reference-rates"
    assert "rate(5) is 0.1" in failure["found"]
    assert failure["expected"] == "0.05"
    assert "off-by-one" in failure["cause"]
    assert failure["raised"] is None


def test_what_passes_is_ok(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow")
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 0
    assert read(result)["ok"]


def with_case(installation: Installation, options: str) -> None:
    install(installation, "slow", "Slow")
    rates = installation.folder / "acme_rates" / "rates.py"
    case = '({"arguments": {"value": 0.1}, "reference": {0: 0.1}},)'
    rates.write_text(RATES.replace(case, f'({{"arguments": {{"value": 0.1}}, {options}}},)', 1))


def test_a_waiver_is_listed_with_its_reason(layerkit: Command, installation: Installation) -> None:
    with_case(installation, '"waived": {"no-memory": "a reason"}')
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 0
    (report,) = read(result)["reports"]
    assert report["waived"] == [{"check": "no-memory", "reason": "a reason"}]
    assert "no-memory" not in report["ran"]
    shown = layerkit("plugins", "check", "acme").out
    assert "1 waived" in shown
    assert "no-memory is waived: a reason" in shown


def test_an_expected_failure_is_listed_with_its_reason(layerkit: Command, installation: Installation) -> None:
    with_case(installation, '"reference": {0: 7}, "expected_failures": {"reference-rates": "a reason"}')
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 0
    (report,) = read(result)["reports"]
    assert report["expected"] == [{"check": "reference-rates", "reason": "a reason"}]
    assert report["failures"] == []


def test_an_expected_failure_that_passes_is_a_failure(layerkit: Command, installation: Installation) -> None:
    with_case(installation, '"expected_failures": {"no-memory": "a reason"}')
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 1
    (report,) = read(result)["reports"]
    assert [failure["check"] for failure in report["failures"]] == ["no-memory"]


def test_an_error_of_the_component_s_is_told_with_its_line(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow")
    rates = installation.folder / "acme_rates" / "rates.py"
    rates.write_text(RATES.replace("return self.value", "return self.valeu"))
    (report,) = read(layerkit("plugins", "check", "acme", "--json"))["reports"]
    raised = report["failures"][0]["raised"]
    assert raised["error"] == "AttributeError"
    assert Path(raised["file"]) == rates
    assert rates.read_text().splitlines()[raised["line"] - 1].strip() == raised["code"] == "return self.valeu"
    assert raised["function"] == "rate"


def test_several_cases_are_counted(layerkit: Command, installation: Installation) -> None:
    hooks = HOOKS.format(name="late", target="Late").replace("summary=", 'cases="{package}.cases:LATE", summary=')
    cases = "LATE = ({'arguments': {'value': 0.1}}, {'arguments': {'value': 0.2}, 'reference': {5: 0.2}})\n"
    installation.add("acme-rates", hooks=hooks, rates=RATES, cases=cases)
    reports = read(layerkit("plugins", "check", "acme", "--json"))["reports"]
    assert [(report["case"], report["arguments"]["value"]) for report in reports] == [(0, 0.1), (1, 0.2)]


def test_what_is_no_number_in_json_is_null(layerkit: Command, installation: Installation) -> None:
    install(installation, "slow", "Slow")
    rates = installation.folder / "acme_rates" / "rates.py"
    rates.write_text(RATES.replace('{"value": 0.1}', '{"value": float("inf")}', 1))
    (report,) = read(layerkit("plugins", "check", "acme", "--json"))["reports"]
    assert report["arguments"] == {"value": None}


@pytest.mark.parametrize(
    "hooks", ["raise ValueError('broken')\n", HEAD.replace("(1, 0)", "(9, 0)"), "import nowhere\n"]
)
def test_a_plugin_that_does_not_load_is_an_error(layerkit: Command, installation: Installation, hooks: str) -> None:
    installation.add("acme-rates", hooks=hooks)
    for name in ("acme", "acme/slow"):
        result = layerkit("plugins", "check", name, "--json")
        assert result.code == 1
        found = read(result)
        assert (found["ok"], found["reports"]) == (False, [])
        assert found["error"]["type"] == "PluginError"
        (failure,) = found["error"]["failures"]
        assert failure["namespace"] == "acme"
        assert failure["stage"] in ("import", "api")
        assert failure["error"]
        assert failure["hint"]
        assert failure["error"] in found["error"]["message"]
        assert failure["error"] in result.err


@pytest.mark.parametrize("name", ["acmee", "acme/fast"])
def test_a_name_that_does_not_exist_is_wrong_usage(layerkit: Command, installation: Installation, name: str) -> None:
    install(installation, "slow", "Slow")
    result = layerkit("plugins", "check", name, "--json")
    assert result.code == 2
    found = read(result)
    assert (found["ok"], found["reports"]) == (False, [])
    assert found["error"]["type"] == "UnknownComponentError"
    assert name.rpartition("/")[2] in found["error"]["message"]


def test_a_plugin_without_components_is_not_ok(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-empty", hooks=HEAD + "@hookimpl\ndef layerkit_layers():\n    return []\n")
    result = layerkit("plugins", "check", "acme", "--json")
    assert result.code == 1
    assert not read(result)["ok"]


NOISE = """
import atexit, os, sys
print("imported")
os.write(1, b"by its number\\n")
original = sys.__stdout__
atexit.register(print, "farewell")
"""


def test_standard_output_is_json_alone_whatever_a_plugin_prints(installation: Installation) -> None:
    noisy = NOISE + RATES.replace(
        "return self.value", 'print("a rate"); original.write("the original\\n"); return self.value'
    )
    installation.add("acme-rates", hooks=NOISE + HOOKS.format(name="slow", target="Slow"), rates=noisy)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{installation.folder}", "LAYERKIT_PLUGINS": "acme"}
    done = subprocess.run(
        [sys.executable, "-m", "layerkit", "plugins", "check", "acme", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]
    # what is written by its number while a plugin is imported is caught, and told by doctor
    assert "by its number" not in done.stdout
    for told in ("a rate", "the original", "farewell"):
        assert told in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_of_closed_streams_only_that_of_the_output_is_missed(installation: Installation, closed: str) -> None:
    install(installation, "slow", "Slow")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{installation.folder}", "LAYERKIT_PLUGINS": "acme"}
    command = f"'{sys.executable}' -m layerkit plugins check acme --json {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == (0 if closed == "2>&-" else 1), done.stderr
    assert closed != "2>&-" or json.loads(done.stdout)["ok"]
    assert closed != ">&-" or "standard output cannot be written: it is closed" in done.stderr
