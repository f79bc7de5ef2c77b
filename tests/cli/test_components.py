from __future__ import annotations

import json
import subprocess
import sys

import pytest

from layerkit import __version__
from layerkit.registry.kinds import KINDS
from layerkit.schedules.table import TABLE
from tests.cli.conftest import Command
from tests.registry.installation import HEAD, HOOKS, RAMP, Installation


def imported_by(*arguments: str) -> set[str]:
    """The modules that a run of the program imports, with no plugin enabled."""
    program = (
        "import os, sys\n"
        "os.environ['LAYERKIT_PLUGINS'] = ''\n"
        "from layerkit.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as exit:\n    assert exit.code == 0, exit.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    result = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(result.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("plugins", "--help"), ("plugins", "list"), ("list",), ("list", "layers")],
    ids=" ".join,
)
def test_commands_that_only_name_things_import_neither_numpy_nor_a_component(arguments: tuple[str, ...]) -> None:
    modules = imported_by(*arguments)
    assert not {"numpy", "rich", "layerkit.interfaces", "layerkit.layers.dense"} & modules


def test_help_imports_no_part_of_the_plugin_host() -> None:
    assert not {"pluggy", "layerkit.plugin", "importlib.metadata"} & imported_by("--help")


def test_python_m_layerkit_is_the_program() -> None:
    result = subprocess.run([sys.executable, "-m", "layerkit", "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == f"layerkit {__version__}\n"


def test_list_shows_every_kind_with_names_and_summaries(layerkit: Command) -> None:
    result = layerkit("list")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line for line in lines if line in KINDS] == [name for name in KINDS if name in lines]
    assert any(line.split()[:1] == ["dense"] and line.endswith("plus a bias.") for line in lines)


def test_list_of_a_kind_shows_plugins_by_their_qualified_name(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers")
    result = layerkit("list", "schedules")
    assert [line.split()[0] for line in result.out.splitlines()] == [
        "schedules",
        *(row.name for row in TABLE),
        "acme/ramp",
    ]
    assert "acme_layers.ramp" not in sys.modules


def test_list_as_json(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", version="1.2", hooks="print('noise')\n" + HOOKS)
    entries = json.loads(layerkit("list", "schedules", "--json").out)
    assert entries[-1] == {
        "name": "acme/ramp",
        "kind": "schedules",
        "qualified_name": "acme/ramp",
        "summary": "A straight line.",
        "target": "acme_layers.ramp:Ramp",
        "namespace": "acme",
        "distribution": "acme-layers",
        "version": "1.2",
    }
    assert entries[0]["name"] == "constant"
    assert entries[0]["qualified_name"] == "layerkit/constant"


def test_list_of_a_kind_that_nobody_has(layerkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerkit.plugin import PluginHost

    monkeypatch.setattr(PluginHost, "components", lambda self, kind: [])
    assert layerkit("list", "examples").out == "There are none.\n"


def test_list_says_that_a_plugin_is_missing_from_it(layerkit: Command, installation: Installation) -> None:
    installation.add("acme-layers", hooks="raise RuntimeError")
    result = layerkit("list")
    assert result.code == 0
    assert "dense" in result.out
    assert result.err == "1 plugin could not be loaded: see `layerkit plugins doctor`.\n"
    assert json.loads(layerkit("list", "--json").out)


def test_an_unknown_kind_is_a_usage_error(layerkit: Command) -> None:
    result = layerkit("list", "layrs")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Error: there is no kind of component named 'layrs'. Did you mean 'layers'?")
    assert result.err.count("\n") == 1


def test_show_gives_summary_documentation_arguments_and_source(layerkit: Command, installation: Installation) -> None:
    ramp = RAMP.replace(
        '"""A straight line."""',
        '"""The rate grows by the same amount at every step.\n\n    rate = start + slope · step\n\n    Args:\n'
        "        slope: how much a step adds,\n            or takes away.\n        start: the first rate.\n\n"
        '    Raises:\n        ArgumentError: never.\n\n    >>> 1 + 1\n    2\n    """',
    ).replace("slope, *, start=0.0", "slope: float, *, start=0.0")
    installation.add("acme-layers", version="1.2", ramp=ramp)
    result = layerkit("show", "acme/ramp")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "acme/ramp (schedule): A straight line.",
        "",
        "The rate grows by the same amount at every step.",
        "",
        "rate = start + slope · step",
        "",
        "Arguments:",
        "  slope  float  required     how much a step adds, or takes away.",
        "  start         default 0.0  the first rate.",
        "",
        "From acme-layers 1.2: acme_layers.ramp:Ramp",
    ]


def test_show_as_json(layerkit: Command) -> None:
    (details,) = json.loads(layerkit("show", "dense", "--json").out)
    assert details["kind"] == "layers"
    assert details["distribution"] == "layerkit"
    assert details["arguments"][0]["name"] == "units"
    assert details["arguments"][0]["required"] is True
    assert details["arguments"][0]["default"] is None
    assert details["arguments"][0]["meaning"]
    assert ">>>" not in details["documentation"]


def test_show_of_a_name_in_two_kinds_shows_both_or_the_one_that_is_asked_for(layerkit: Command) -> None:
    both = layerkit("show", "constant").out
    assert "constant (schedule)" in both
    assert "constant (initializer)" in both
    one = layerkit("show", "constant", "--kind", "initializer").out
    assert "constant (schedule)" not in one
    assert "constant (initializer)" in one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dens",), "no component named 'dens'. Did you mean 'dense'?"),
        (("dense", "--kind", "costs"), "no cost named 'dense'. 'dense' is a layer."),
        (("acme/rmap",), "no component named 'acme/rmap'. Did you mean 'acme/ramp'?"),
        (("acne/ramp",), "no plugin has the namespace 'acne'. Did you mean 'acme'?"),
    ],
)
def test_show_of_an_unknown_name_is_a_usage_error_with_the_nearest(
    layerkit: Command, installation: Installation, arguments: tuple[str, ...], message: str
) -> None:
    installation.add("acme-layers")
    result = layerkit("show", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "Traceback" not in result.err


def test_show_of_a_broken_plugin_s_component_is_a_failure_that_quotes_why(
    layerkit: Command, installation: Installation
) -> None:
    installation.add("acme-layers", version="1.2", hooks="import absent_toolbox")
    result = layerkit("show", "acme/ramp")
    assert (result.code, result.out) == (1, "")
    assert "plugin acme (acme-layers 1.2) failed (stage import): ModuleNotFoundError" in result.err
    assert "pip install absent_toolbox" in result.err


def test_show_of_an_example_function_and_an_example_file(layerkit: Command, installation: Installation) -> None:
    hooks = HEAD + "\n@hookimpl\ndef layerkit_examples():\n    return [\n"
    hooks += "        Component('play', target='{package}.things:play', summary='A game.'),\n"
    hooks += "        Component('file', target='{package}.things:FILE', summary='A file.'),\n    ]\n"
    things = "from pathlib import Path\nFILE = Path(__file__)\ndef play(rounds=3):\n    'Plays.'\n"
    installation.add("acme-layers", hooks=hooks, things=things)
    assert "  rounds    default 3\n" in layerkit("show", "acme/play").out
    assert str(installation.folder / "acme_layers" / "things.py") in layerkit("show", "acme/file").out


def test_a_mistyped_command_is_a_usage_error_with_the_nearest(layerkit: Command) -> None:
    result = layerkit("shwo")
    assert result.code == 2
    assert "Did you mean 'show'?" in result.err
    assert "Traceback" not in result.err
