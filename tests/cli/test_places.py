"""No result of a command is written over what it reads, or over another result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save as serialized

from tests.cli.conftest import Command

EXPERIMENT = """
layers = [{ component = "dense", units = 2 }]
cost = "quadratic"
optimizer = { component = "gradient-descent", learning_rate = 0.1 }
dataset = { component = "npz", path = "data.safetensors" }
[training]
epochs = 1
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    with (tmp_path / "data.safetensors").open("wb") as file:
        np.savez(file, x=rng.normal(size=(20, 3)), y=np.arange(20) % 2)
    (tmp_path / "exp.toml").write_text(EXPERIMENT)
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "data.safetensors")
    return tmp_path / "exp.toml"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--save", "data.safetensors"], "data.safetensors is the file that dataset.path names, which would be lost"),
        (["--save", "link.safetensors"], "is the file that dataset.path names"),
        (["--checkpoint", "data.safetensors"], "--checkpoint: "),
        (["--json", "exp.toml"], "exp.toml is the experiment itself, which would be lost"),
        (["--save", "a.safetensors", "--json", "a.safetensors"], "a.safetensors is written by --save too"),
        (["--save", "a.safetensors", "--checkpoint", "a.safetensors"], "is written by --save too"),
        (["--save", "a.safetensors", "--resume", "a.safetensors"], "is written by --save too"),
        (["--json", "a.csv", "--callback", "{ component = 'csv-log', path = 'a.csv' }"], "is written by --json too"),
    ],
)
def test_run_refuses_to_write_over_it(
    layerkit: Command, experiment: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    monkeypatch.chdir(experiment.parent)
    before = {path.name: path.read_bytes() for path in experiment.parent.iterdir() if path.is_file()}
    result = layerkit("run", "exp.toml", *options)
    assert result.code == 2
    assert told in result.err
    assert {path.name: path.read_bytes() for path in experiment.parent.iterdir() if path.is_file()} == before


def test_a_device_may_be_named_twice(layerkit: Command, experiment: Path) -> None:
    saved = experiment.parent / "model.safetensors"
    log = "{ component = 'csv-log', path = '/dev/null' }"
    options = ["--save", str(saved), "--json", "/dev/null", "--callback", log]
    assert layerkit("run", str(experiment), *options).code == 0
    assert saved.is_file()


def test_predict_refuses_to_write_over_its_data_or_its_model(layerkit: Command, experiment: Path) -> None:
    model, data = experiment.parent / "m.safetensors", experiment.parent / "d.npz"
    assert layerkit("run", str(experiment), "--quiet", "--save", str(model)).code == 0
    np.savez(data, x=np.zeros((4, 3)))
    before = data.read_bytes()
    result = layerkit("predict", str(model), str(data), "--output", str(data))
    assert (result.code, data.read_bytes()) == (2, before)
    assert "which would be lost" in result.err


@pytest.mark.parametrize("option", ["--save", "--checkpoint", "--resume", "--json"])
def test_an_empty_path_is_refused(
    layerkit: Command, experiment: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(experiment.parent)
    before = sorted(path.name for path in experiment.parent.iterdir())
    result = layerkit("run", "exp.toml", option, "")
    assert result.code == 2
    assert f"Invalid value for '{option}': it is empty: give a file or a folder" in result.err
    assert sorted(path.name for path in experiment.parent.iterdir()) == before


def test_a_model_that_was_saved_is_told(layerkit: Command, experiment: Path) -> None:
    saved = experiment.parent / "model.safetensors"
    assert layerkit("run", str(experiment), "--save", str(saved)).out.endswith(f"\nsaved: {saved}\n")
    assert layerkit("run", str(experiment), "--save", str(saved), "--quiet").out == ""


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--json", "model.safetensors"], "JSON"),
        (["--json", "other.csv"], "JSON"),
        (["--json", "log.jsonl"], "JSON"),
        (["--save", "thesis.tex"], "a model or a checkpoint"),
        (["--save", "report.json"], "a model or a checkpoint"),
        (["--checkpoint", "foreign.safetensors"], "a model or a checkpoint"),
        (["--callback", "{ component = 'csv-log', path = 'thesis.tex' }"], "a log of this kind"),
        (["--callback", "{ component = 'json-lines', path = 'report.json' }"], "a log of this kind"),
    ],
)
def test_run_refuses_to_replace_what_is_of_another_kind(
    layerkit: Command, kinds: dict[str, bytes], experiment: Path, options: list[str], kind: str
) -> None:
    result = layerkit("run", "exp.toml", *options)
    assert result.code == 2
    assert f"it holds something other than {kind}" in result.err
    assert "step" not in result.out
    assert {name: (experiment.parent / name).read_bytes() for name in kinds} == kinds


@pytest.mark.parametrize("name", ["other.csv", "report.json", "foreign.safetensors.npz"])
def test_predict_replaces_predictions_alone(
    layerkit: Command, kinds: dict[str, bytes], experiment: Path, name: str
) -> None:
    rows = experiment.parent / "rows.npz"
    np.savez(rows, x=np.zeros((4, 3)))
    for _ in range(2):
        # what it wrote itself, and what is empty, is replaced
        assert layerkit("predict", "model.safetensors", "rows.npz", "-o", f"new{Path(name).suffix}").code == 0
    result = layerkit("predict", "model.safetensors", "rows.npz", "-o", name)
    assert result.code == 2
    assert "it holds something other than predictions, which would be lost" in result.err
    assert (experiment.parent / name).read_bytes() == kinds[name]


def test_what_is_of_the_same_kind_is_replaced(layerkit: Command, kinds: dict[str, bytes], experiment: Path) -> None:
    (experiment.parent / "empty.json").touch()
    for options in (["--save", "model.safetensors", "--json", "report.json"], ["--json", "empty.json"]):
        assert layerkit("run", "exp.toml", "--quiet", *options).code == 0


@pytest.fixture
def kinds(layerkit: Command, experiment: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Files of several kinds in the folder of the experiment, by name."""
    monkeypatch.chdir(experiment.parent)
    assert layerkit("run", "exp.toml", "--quiet", "--save", "model.safetensors", "--json", "report.json").code == 0
    Path("thesis.tex").write_text("x = 1\n")
    Path("other.csv").write_text("a,b\n1,2\n")
    Path("log.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n')
    Path("foreign.safetensors").write_bytes(serialized({"weight": np.ones(3)}))
    np.savez("foreign.safetensors.npz", x=np.ones(3))
    names = ("model.safetensors", "report.json", "thesis.tex", "other.csv", "log.jsonl", "foreign.safetensors")
    return {name: Path(name).read_bytes() for name in (*names, "foreign.safetensors.npz")}


@pytest.mark.parametrize("option", ["--save", "--json", "--checkpoint"])
def test_a_dash_is_no_file(layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = layerkit("run", "digits", "--epochs", "1", option, "-")
    assert (result.code, list(tmp_path.iterdir())) == (2, [])
    assert "- names no file: /dev/stdout is standard output" in " ".join(result.err.split())
