"""Options of ``layerkit run`` given otherwise with ``--resume``: what becomes of each is what docs/files.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

ROOT = Path(__file__).resolve().parents[2]
STOPPING = '{{ component = "early-stopping", monitor = "cost", patience = {} }}'
FIRST = (
    *("run", "digits", "--quiet", "--layers", "8,10", "--epochs", "3", "--seed", "3", "--batch-size", "20"),
    *("--learning-rate", "0.5", "--activation", "sigmoid", "--cost", "quadratic", "--optimizer", "gradient-descent"),
    *("--dtype", "float32", "--engine", "numpy", "--callback", STOPPING.format(5)),
)

# the value given with --resume, what becomes of it, what is said, and what the report states
OPTIONS: dict[str, tuple[str, str, str, tuple[str, Any] | None]] = {
    "--layers": ("12,10", "refused", "another model", None),
    "--activation": ("tanh", "told", "activation: layerkit/sigmoid then, layerkit/tanh now", None),
    "--cost": ("bernoulli-cross-entropy", "refused", "cost", None),
    "--optimizer": ("adam", "refused", "optimizer", None),
    "--learning-rate": ("0.25", "told", "learning_rate: 0.5 then, 0.25 now", ("learning_rate", 0.25)),
    "--batch-size": ("10", "refused", "batch_size=20", None),
    "--seed": ("4", "told", "seed: 3 then, 4 now, and the first is kept", ("seed", 3)),
    "--dtype": ("float64", "told", "dtype: 'float32' then, 'float64' now, and the first is kept", ("dtype", "float32")),
    "--engine": ("auto", "told", "engine: layerkit/numpy then, .*Automatic now", None),
    "--metric": ("log-loss", "told", "metrics", ("component", "log-loss")),
    "--callback": (STOPPING.format(7), "told", "EarlyStopping.patience: 5 then, 7 now", ("patience", 7)),
    "--checkpoint": ("{folder}/other", "applied", "", None),
    "--save": ("{folder}/model.safetensors", "applied", "", None),
    "--json": ("{folder}/report.json", "applied", "", None),
}


@pytest.fixture
def stopped(layerkit: Command, tmp_path: Path) -> Path:
    assert layerkit(*FIRST, "--checkpoint", str(tmp_path / "run")).code == 0
    newest, middle, *_ = sorted((tmp_path / "run").iterdir(), reverse=True)
    newest.unlink()
    return middle


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_an_option_given_otherwise(option: str, layerkit: Command, stopped: Path, tmp_path: Path) -> None:
    value, outcome, message, stated = OPTIONS[option]
    value = value.format(folder=tmp_path) if "folder" in value else value
    report = tmp_path / "report.json"
    command = [*FIRST, "--json", str(report), "--resume", str(stopped)]
    if option in command and option != "--json":
        command[command.index(option) + 1] = value
    else:
        command += [option, value]
    result = layerkit(*command)
    assert result.code == (2 if outcome == "refused" else 0), result.err
    assert re.search(message, result.err), result.err
    assert bool(result.err) == (outcome != "applied"), result.err
    assert report.exists() == (outcome != "refused")
    if stated is not None:
        assert f'"{stated[0]}": {json.dumps(stated[1])}' in json.dumps(json.loads(report.read_text())["settings"])


def test_a_callback_more_and_one_less_are_told(layerkit: Command, stopped: Path) -> None:
    without = [*FIRST[:-2], "--resume", str(stopped)]
    result = layerkit(*without)
    assert result.code == 0
    assert "EarlyStopping is gone" in result.err


def test_every_option_stands_in_the_documentation() -> None:
    page = (ROOT / "docs" / "files.md").read_text()
    found = dict(re.findall(r"^\| `(--[a-z-]+)` \| (applied|refused|told)", page, re.MULTILINE))
    assert {option: row[1] for option, row in OPTIONS.items()}.items() <= found.items()
    # no data in a folder here: --data-dir is as any other data, and --quick and --epochs change how long
    source = (ROOT / "layerkit" / "cli" / "run.py").read_text()
    options = {f"--{name.replace('_', '-')}" for name in re.findall(r"^    (\w+): Annotated", source, re.MULTILINE)}
    assert options - {"--name", "--json-file", "--quiet", "--resume"} <= found.keys()


def test_a_refused_resumption_takes_nothing_away(layerkit: Command, tmp_path: Path) -> None:
    folder, log = tmp_path / "run", tmp_path / "log.csv"
    options = (*FIRST, "--callback", f'{{ component = "csv-log", path = "{log}" }}')
    assert layerkit(*options, "--checkpoint", str(folder)).code == 0
    rows, files = log.read_bytes(), sorted(folder.iterdir())
    refused = layerkit(*options, "--resume", str(files[0]))
    assert refused.code == 2
    assert "holds checkpoints of a run that had come to step" in refused.err
    assert log.read_bytes() == rows
    assert sorted(folder.iterdir()) == files


def test_a_resumption_removes_nothing_from_a_folder_that_holds_more_than_a_run_leaves(
    layerkit: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    assert layerkit(*FIRST, "--checkpoint", str(folder)).code == 0
    assert layerkit(*FIRST, "--resume", str(folder), "--epochs", "4").code == 0
    assert len(list(folder.iterdir())) == 3
    before = [folder / f"step-{step:09}.safetensors" for step in range(1, 6)]
    for path in before:
        path.write_bytes(b"of an earlier day")
    assert layerkit(*FIRST, "--resume", str(folder), "--epochs", "6").code == 0
    assert len(list(folder.iterdir())) == 3 + 5 + 2
    assert all(path.exists() for path in before)
