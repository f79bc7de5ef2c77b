from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tests.registry.installation import HEAD, HOOKS, Installation


def of(text: str, namespace: str) -> list[str]:
    """The lines of a table that belong to a namespace."""
    return [line for line in text.splitlines() if line.split()[:1] == [namespace]]


def test_list_reads_metadata_alone(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks="raise RuntimeError")
    result = layerkit("plugins", "list")
    assert (result.code, result.err) == (0, "")
    assert [line.split() for line in of(result.out, "acme")] == [
        ["acme", "acme-layers", "1.2", "acme_layers.hooks", "enabled"]
    ]
    assert not installation.imported()


def test_list_without_plugins(layerkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerkit.plugin import PluginHost

    monkeypatch.setattr(PluginHost, "plugins", lambda self: [])
    assert layerkit("plugins", "list").out == "No plugin is installed.\n"
    assert json.loads(layerkit("plugins", "list", "--json").out) == []


def test_list_says_who_is_disabled_and_who_is_refused(
    layerkit: Command, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.add("acme-layers")
    installation.add("acme-more")
    installation.add("other-layers", namespace="other")
    monkeypatch.setenv("LAYERKIT_PLUGINS_DENY", "other")
    out = layerkit("plugins", "list").out
    assert all("refused (the namespace 'acme' is claimed 2 times" in line for line in of(out, "acme"))
    assert of(out, "other")[0].endswith("disabled (LAYERKIT_PLUGINS_DENY lists it)")
    statuses = {
        plugin["distribution"]: plugin["status"] for plugin in json.loads(layerkit("plugins", "list", "--json").out)
    }
    assert statuses["acme-more"] == "refused"
    assert statuses["other-layers"] == "disabled"


def test_show_gives_origin_components_and_warnings(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks="print('hello')\n" + HOOKS)
    result = layerkit("plugins", "show", "acme")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:4] == [
        "acme: acme-layers 1.2, hook module acme_layers.hooks",
        "",
        "schedules",
        "  acme/ramp  A straight line.",
    ]
    assert "its import printed 'hello'" in result.out


def test_show_as_json(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks="print('hello')\n" + HOOKS)
    shown = json.loads(layerkit("plugins", "show", "acme", "--json").out)
    assert (shown["distribution"], shown["version"]) == ("acme-layers", "1.2")
    assert [component["name"] for component in shown["components"]] == ["acme/ramp"]
    assert [warning["stage"] for warning in shown["warnings"]] == ["import"]


def test_show_of_a_plugin_without_components(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", hooks=HEAD + "\n@hookimpl\ndef layerkit_layers():\n    return []\n")
    assert "It brings no component." in layerkit("plugins", "show", "acme").out


def test_show_of_an_unknown_plugin_is_a_usage_error(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers")
    result = layerkit("plugins", "show", "acne")
    assert result.code == 2
    assert "Did you mean 'acme'?" in result.err


def test_show_of_a_refused_plugin_is_a_failure(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", hooks="layerkit_api = (2, 0)")
    result = layerkit("plugins", "show", "acme")
    assert result.code == 1
    assert "stage api" in result.err


def test_doctor_reports_every_failure_and_exits_with_1(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks=HOOKS.replace(".ramp:Ramp", ".gone:Ramp"))
    installation.add("other-layers", version="3.4", namespace="other", hooks="print('hi')\nraise RuntimeError('boom')")
    result = layerkit("plugins", "doctor")
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    start = lines.index("Error: plugin other (other-layers 3.4)")
    assert lines[start + 1].split() == ["stage", "import"]
    assert lines[start + 2].split(maxsplit=1) == ["cause", "RuntimeError: boom (other_layers/hooks.py, line 2)"]
    assert lines[start + 3].startswith("  hint ")
    assert "Warning: plugin other (other-layers 3.4)" in lines
    assert "Error: schedule acme/ramp (acme-layers 1.2)" in lines
    assert lines[-1].endswith("2 failures, 1 warning")


def test_doctor_as_json(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks="print('noise')\nimport absent_toolbox")
    result = layerkit("plugins", "doctor", "--json")
    assert result.code == 1
    failures = [failure for failure in json.loads(result.out) if failure["namespace"] == "acme"]
    assert [failure["severity"] for failure in failures] == ["error", "warning"]
    assert failures[0] == {
        "namespace": "acme",
        "stage": "import",
        "error": "ModuleNotFoundError: No module named 'absent_toolbox' (acme_layers/hooks.py, line 2)",
        "hint": failures[0]["hint"],
        "distribution": "acme-layers",
        "version": "1.2",
        "component": None,
        "severity": "error",
    }


def test_doctor_is_content_with_warnings(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", hooks="print('hi')\n" + HOOKS)
    result = layerkit("plugins", "doctor")
    assert result.code == 0
    assert "0 failures" in result.out
    assert "Warning: plugin acme" in result.out
