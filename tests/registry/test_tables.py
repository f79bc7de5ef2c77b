"""The tables of the kinds: plain rows, from which follow exports, their stub, the hooks and the reference page."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import layerkit
from layerkit import builtin
from layerkit.component import Component
from layerkit.plugin import PluginHost
from layerkit.registry.hooks import SPECIFICATIONS
from layerkit.registry.kinds import KINDS, Kind

ROOT = Path(__file__).resolve().parents[2]
HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@every_kind
def test_a_table_is_a_tuple_of_records_and_imports_nothing_else(kind: Kind) -> None:
    module = import_module(kind.table)
    assert isinstance(module.TABLE, tuple)
    assert all(type(row) is Component for row in module.TABLE)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert imports == ["from layerkit.component import Component"]


@every_kind
def test_hooks_and_listing_follow_from_the_table(kind: Kind) -> None:
    rows = import_module(kind.table).TABLE
    assert getattr(builtin, kind.hook)() is rows
    assert hasattr(SPECIFICATIONS, kind.hook)
    assert [(entry.name, entry.target, entry.cases) for entry in HOST.components(kind.name)] == [
        (row.name, row.target, row.cases) for row in rows
    ]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_every_component_and_every_base_class_can_be_imported_from_layerkit(kind: Kind) -> None:
    for entry in HOST.components(kind.name):
        component = HOST.load(kind.name, entry.name)
        assert getattr(layerkit, component.__name__) is component
        assert component.__name__ in layerkit.__all__
    assert kind.base is not None
    assert kind.base.partition(":")[2] in layerkit.__all__


def test_no_two_exports_have_one_name() -> None:
    targets = [row.target for kind in KINDS.values() if kind.base for row in import_module(kind.table).TABLE]
    names = [target.partition(":")[2] for target in targets]
    assert len(set(names)) == len(names)
    assert len(set(targets)) == len(targets)


def test_a_name_is_looked_up_once_and_a_wrong_one_refused() -> None:
    assert layerkit.Dense is vars(layerkit)["Dense"]
    with pytest.raises(AttributeError, match="has no attribute 'Dence'"):
        _ = layerkit.Dence  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="has no attribute '_private'"):
        _ = layerkit._private  # type: ignore[attr-defined]


def test_the_generated_files_are_those_of_the_tables() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_generated_files.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_import_contracts_name_the_folder_of_every_kind() -> None:
    """A new kind's folder is held to the direction of imports like the others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"]: contract for contract in project["tool"]["importlinter"]["contracts"]}
    (layered,) = (contract["layers"] for contract in contracts.values() if contract["type"] == "layers")
    named = {
        "layers": {name.strip(" ()") for layer in layered for name in layer.split(":")},
        "host": set(contracts["The plugin host imports neither NumPy nor any component"]["forbidden_modules"]),
        "registry": next(set(one["source_modules"]) for name, one in contracts.items() if "know the registry" in name),
    }
    folders = {kind.table.removesuffix(".table") for kind in KINDS.values() if kind.base is not None}
    assert {place: folders - modules for place, modules in named.items()} == {place: set() for place in named}
