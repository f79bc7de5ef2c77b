"""``layerkit plugins new``: from nothing to an installed plugin whose own tests pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.environment import Environment


def test_a_new_plugin_is_green_as_soon_as_it_is_installed(layerkit: Command, tmp_path: Path) -> None:
    package = tmp_path / "stretchy-parts"
    result = layerkit("plugins", "new", "stretchy-parts", "--directory", str(package))
    assert result.code == 0, result.err
    texts = [path.read_text() for path in package.rglob("*") if path.is_file()]
    assert not any("acme" in text for text in texts)

    environment = Environment(tmp_path / "environment")
    environment.install(package)
    for command, told in (
        ("pytest -q", " passed"),
        ("layerkit plugins check stretchy", "stretchy/scale (layers): ok"),
        ("layerkit list layers", "stretchy/scale"),
    ):
        done = environment.run(command.split(), package)
        assert done.returncode == 0, done.stdout + done.stderr
        assert told in done.stdout
    listing = "import sys; from layerkit.plugin import default_host; print(len(default_host().components()))"
    done = environment.run(["python", "-c", f"{listing}; print('numpy' in sys.modules)"], package)
    assert done.stdout.split()[1:] == ["False"], done.stderr
    use = "from stretchy_parts import Scale, hooks; from layerkit import Layer; print(issubclass(Scale, Layer))"
    assert environment.run(["python", "-c", use], package).stdout == "True\n"


def test_the_namespace_can_be_chosen(layerkit: Command, tmp_path: Path) -> None:
    result = layerkit("plugins", "new", "acme-layers", "--namespace", "other", "--directory", str(tmp_path / "new"))
    assert result.code == 0, result.err
    assert 'other = "acme_layers.hooks"' in (tmp_path / "new" / "pyproject.toml").read_text()
    assert "other/scale" in (tmp_path / "new" / "README.md").read_text()


def test_of_layerkit_s_own_packages_the_second_word_is_the_namespace(layerkit: Command, tmp_path: Path) -> None:
    layerkit("plugins", "new", "layerkit-waves", "--directory", str(tmp_path / "new"))
    assert 'waves = "layerkit_waves.hooks"' in (tmp_path / "new" / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Acme-Layers",), "lowercase"),
        (("acme_layers",), "lowercase"),
        (("../acme",), "lowercase"),
        (("9lives",), "lowercase"),
        (("json",), "Python's"),
        (("class",), "Python's"),
        (("layerkit",), "layerkit's own"),
        (("acme", "--namespace", "layerkit"), "--namespace"),
        (("acme", "--namespace", "Acme"), "namespace must be"),
    ],
)
def test_bad_names_are_refused(
    arguments: tuple[str, ...], told: str, layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = layerkit("plugins", "new", *arguments)
    assert result.code == 2
    assert told in result.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_with_something_in_it_is_left_alone(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("mine")
    result = layerkit("plugins", "new", "acme", "--directory", str(tmp_path / "new"))
    assert result.code == 2
    assert "not empty" in result.err
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine.txt"]
