"""``layerkit plugins new --kind``: a package of any kind works, passes the kit, and is clean, as it is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from layerkit.cli.new import write_plugin
from layerkit.cli.plugin_template import SAMPLES
from layerkit.plugin import PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.testing.namespace import check_namespace
from tests.cli.conftest import Command
from tests.cli.environment import ROOT
from tests.registry.installation import installation_in

NAME = "stretchy-{kind}-parts"


def package_of(kind: str) -> str:
    return NAME.format(kind=kind).replace("-", "_")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A package of each kind, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("packages")
    for kind in SAMPLES:
        write_plugin(NAME.format(kind=kind), "stretchy", folder / kind, kind=kind)
    return {kind: folder / kind for kind in SAMPLES}


@contextmanager
def installed(kind: str, package: Path, folder: Path) -> Iterator[PluginHost]:
    """A host that finds the package as pip would have installed it."""
    name = NAME.format(kind=kind)
    sys.path.insert(0, str(package))
    try:
        with installation_in(folder) as installation:
            metadata = folder / f"{package_of(kind)}-0.1.0.dist-info"
            metadata.mkdir()
            (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
            found = re.search(r"\[project.entry-points.layerkit\]\n(.*)\n", (package / "pyproject.toml").read_text())
            assert found is not None
            (metadata / "entry_points.txt").write_text(f"[layerkit]\n{found[1].replace(chr(34), '')}\n")
            yield installation.host()
    finally:
        sys.path.remove(str(package))
        for module in [module for module in sys.modules if module.split(".")[0] == package_of(kind)]:
            del sys.modules[module]


def run(packages: dict[str, Path], *command: str) -> None:
    """A command over all packages at once, each of them importable."""
    places = os.pathsep.join([str(ROOT), *map(str, packages.values())])
    folder = next(iter(packages.values())).parent
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": places, "MYPYPATH": places, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_package_for_every_kind_of_component() -> None:
    assert list(SAMPLES) == [kind.singular for kind in KINDS.values() if kind.base is not None]


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_a_package_brings_passes_every_check(kind: str, packages: dict[str, Path], tmp_path: Path) -> None:
    with installed(kind, packages[kind], tmp_path) as host:
        checked = list(check_namespace("stretchy", host))
        assert checked
        for each in checked:
            assert each.report.ok, str(each.report)
            assert each.case is not None
            assert each.entry.qualified_name == f"stretchy/{SAMPLES[kind].name}"
            assert KINDS[each.entry.kind].singular == kind
        assert len(checked[0].report.ran) >= 15


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_listing_of_a_package_imports_no_component(kind: str, packages: dict[str, Path], tmp_path: Path) -> None:
    with installed(kind, packages[kind], tmp_path) as host:
        assert [entry.summary for entry in host.components() if "stretchy" in entry.qualified_name] == [
            SAMPLES[kind].summary
        ]
        imported = {module for module in sys.modules if module.startswith(package_of(kind))}
        assert imported == {package_of(kind), f"{package_of(kind)}.hooks"}


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_example_of_a_package_s_readme_runs(kind: str, packages: dict[str, Path], tmp_path: Path) -> None:
    text = (packages[kind] / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    assert f"`stretchy/{SAMPLES[kind].name}`" in text
    with installed(kind, packages[kind], tmp_path):
        exec(compile(found[1], "README.md", "exec"), {})


@pytest.mark.thorough
def test_the_tests_of_all_packages_pass(packages: dict[str, Path]) -> None:
    folders = [f"{package}/tests" for package in packages]
    run(packages, "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".", "-W", "error", *folders)


@pytest.mark.thorough
def test_all_packages_are_clean_and_typed(packages: dict[str, Path], tmp_path: Path) -> None:
    run(packages, "ruff", "check", "--no-cache", ".")
    run(packages, "ruff", "format", "--no-cache", "--check", ".")
    modules = [f"{kind}/{part}" for kind in packages for part in (package_of(kind), "tests")]
    run(packages, "mypy", "--strict", "--cache-dir", str(tmp_path), *modules)


@pytest.mark.parametrize("kind", SAMPLES)
def test_nothing_of_the_template_is_left(kind: str, packages: dict[str, Path]) -> None:
    for path in packages[kind].rglob("*"):
        assert "acme" not in path.name
        if path.is_file() and path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8")
            assert "acme" not in text
            assert "USAGE" not in text
            assert kind == "layer" or not re.search(r"\bscale\b", text, re.IGNORECASE)


@pytest.mark.parametrize(("kind", "module"), [("cost", "huber"), ("costs", "huber"), ("metric", "mean_absolute_error")])
def test_the_kind_can_be_chosen(layerkit: Command, tmp_path: Path, kind: str, module: str) -> None:
    result = layerkit("plugins", "new", "acme-parts", "--kind", kind, "--directory", str(tmp_path / "new"))
    assert result.code == 0, result.err
    assert f"acme_parts/{module}.py" in result.out
    assert (tmp_path / "new" / "tests" / f"test_{module}.py").exists()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("optimiser", "Did you mean 'optimizer'"),
        ("activations ", "Did you mean 'activation"),
        ("loss", "no package is written for 'loss'"),
        ("example", "no package is written for 'example'"),
        ("", "The kinds: layer, activation, cost"),
    ],
)
def test_an_unknown_kind_is_refused_with_those_that_there_are(
    layerkit: Command, tmp_path: Path, kind: str, told: str
) -> None:
    result = layerkit("plugins", "new", "acme-parts", "--kind", kind, "--directory", str(tmp_path / "new"))
    assert result.code == 2
    assert told in result.err
    assert not (tmp_path / "new").exists()
