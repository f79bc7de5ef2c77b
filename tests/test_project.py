"""What the project promises about itself: the README's commands, dependencies, the wheel, what plugins may import."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))


def readme_commands(ending: str) -> list[str]:
    """The README's lines that set up an environment and then run ``ending``, as .ci/run finds them."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("python3 -m venv ") and ending in line]


@pytest.mark.parametrize("ending", ["layerkit run digits", "pytest"])
def test_the_readme_has_each_command_once_on_its_first_screen(ending: str) -> None:
    (command,) = readme_commands(ending)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.splitlines().index(command) < 25


def test_the_readme_tests_every_plugin_package() -> None:
    (command,) = readme_commands("pytest")
    missing = [folder.name for folder in PLUGINS if f" -e plugins/{folder.name}" not in command]
    assert not missing, f"add `-e plugins/NAME` to the README's test command for {missing}"


def test_the_core_depends_on_few_packages() -> None:
    names = {requirement.split(">=")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert names == {"numpy", "pluggy", "typer", "safetensors", "threadpoolctl"}


def test_the_wheel_holds_the_package_its_data_and_the_examples_only(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "layerkit").rglob("*.npz")}
    examples = {f"layerkit/_examples/{path.name}" for path in (ROOT / "examples").glob("*.py")}
    assert names >= {"layerkit/py.typed"} | data | examples
    assert any(name.endswith("/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"layerkit"}


def foreign_imports(source: str) -> Iterator[str]:
    """The imports in ``source`` that reach past layerkit's public names.

    Public is what ``layerkit`` itself, or a module directly under it, offers in ``__all__`` (without one, under names
    with no leading underscore); modules deeper down may move at any time.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("layerkit."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "layerkit":
            module = node.module or ""
            yield from (f"{module}: {alias.name}" for alias in node.names if not is_public(module, alias.name))


def is_public(module: str, name: str) -> bool:
    """Whether ``from module import name`` is a promise of layerkit's."""
    if module.count(".") > 1 or "._" in module or name.startswith("_"):
        return False
    imported = importlib.import_module(module)
    return name in getattr(imported, "__all__", dir(imported))


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_imports_the_public_names_only(plugin: Path) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in plugin.rglob("*.py")
        for name in foreign_imports(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from layerkit import Dense", []),
        ("from layerkit.errors import ShapeError", []),
        ("import numpy, layerkit", []),
        ("import layerkit.training", ["layerkit.training"]),
        ("from layerkit.layers.dense import Dense", ["layerkit.layers.dense: Dense"]),
        ("def f():\n    from layerkit.errors import _restore_non_finite", ["layerkit.errors: _restore_non_finite"]),
    ],
)
def test_the_check_of_imports_sees_private_ones(source: str, expected: list[str]) -> None:
    assert list(foreign_imports(source)) == expected


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda folder: folder.name)
def test_the_tests_of_a_plugin_are_no_package(plugin: Path) -> None:
    # several packages of the name `tests` would be one to pytest; without this file each gets a name of its own
    assert not (plugin / "tests" / "__init__.py").exists()
