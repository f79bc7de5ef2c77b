from __future__ import annotations

import os
from pathlib import Path

import pytest

from layerkit.errors import ArgumentError, UnknownComponentError
from layerkit.experiments import Experiment, Script, find
from layerkit.experiments.builtin_examples import FOLDER
from layerkit.plugin import PluginHost
from tests.experiments.conftest import WriteExperiment
from tests.experiments.small import SMALL


def test_a_name_is_an_example(host: PluginHost) -> None:
    assert isinstance(find("digits", host=host), Experiment)
    assert find("xor", host=host) == Script(FOLDER / "xor.py")


def test_a_file_is_a_file(write: WriteExperiment, host: PluginHost, tmp_path: Path) -> None:
    assert isinstance(find(str(write(SMALL)), host=host), Experiment)
    (tmp_path / "mine.py").write_text("", encoding="utf-8")
    assert find(str(tmp_path / "mine.py"), host=host) == Script(tmp_path / "mine.py")
    (tmp_path / "MINE.PY").write_text("", encoding="utf-8")
    assert find(str(tmp_path / "MINE.PY"), host=host) == Script(tmp_path / "MINE.PY")


def test_what_is_not_there_is_told_with_the_nearest(write: WriteExperiment, host: PluginHost) -> None:
    path = write(SMALL)
    with pytest.raises(ArgumentError, match=r"mien.toml: there is no such file\. Did you mean 'mine.toml'\?"):
        find(str(path.with_name("mien.toml")), host=host)
    with pytest.raises(UnknownComponentError, match=r"no example named 'digts'\. Did you mean 'digits' or"):
        find("digts", host=host)


def test_other_files_are_refused(host: PluginHost, tmp_path: Path) -> None:
    (tmp_path / "data.npz").touch()
    with pytest.raises(ArgumentError, match=r"only experiments \(\.toml\) and Python files \(\.py\) can be run"):
        find(str(tmp_path / "data.npz"), host=host)


def test_every_file_under_examples_is_an_example_and_the_other_way_round(host: PluginHost) -> None:
    registered = {Path(host.load("examples", entry.name)).name for entry in host.components("examples")}
    assert registered == {path.name for path in FOLDER.iterdir() if path.suffix in {".py", ".toml"}}


def test_what_is_no_file_is_said_to_be_none(host: PluginHost, tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ArgumentError, match=r"folder\.toml: is a folder, and no file to run"):
        find(str(tmp_path / "folder.toml"), host=host)
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(ArgumentError, match=r"pipe\.py: is a device or a pipe, and no file to run"):
        find(str(tmp_path / "pipe.py"), host=host)


def test_a_file_whose_ending_is_left_out_is_suggested(
    write: WriteExperiment, host: PluginHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(SMALL)
    monkeypatch.chdir(path.parent)
    with pytest.raises(UnknownComponentError, match=r"named 'mine', but a file\. Did you mean 'mine.toml'\?"):
        find("mine", host=host)
