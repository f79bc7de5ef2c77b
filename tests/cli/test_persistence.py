"""``layerkit run`` with ``--save``, ``--checkpoint`` and ``--resume``."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

import layerkit as kit
from layerkit.files.checkpoints import checkpoints_in
from tests.cli.conftest import Command
from tests.cli.test_run_interruption import start

SMALL = ("run", "digits", "--quiet", "--layers", "10")


def epochs(path: Path) -> list[dict[str, Any]]:
    report = json.loads(path.read_text())
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in report["epochs"]]


def test_the_model_is_saved_with_its_cost(layerkit: Command, tmp_path: Path) -> None:
    path, report = tmp_path / "model.safetensors", tmp_path / "report.json"
    assert layerkit(*SMALL, "--epochs", "2", "--save", str(path), "--json", str(report)).code == 0
    measured = json.loads(layerkit("evaluate", str(path), "digits", "--json").out)
    assert measured["accuracy"] == epochs(report)[-1]["test_accuracy"]


def test_a_resumed_run_ends_as_one_that_never_stopped(layerkit: Command, tmp_path: Path) -> None:
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    whole, resumed = tmp_path / "whole.json", tmp_path / "resumed.json"
    options = (*SMALL, "--epochs", "4")
    assert layerkit(*options, "--checkpoint", str(tmp_path / "all"), "--save", str(one), "--json", str(whole)).code == 0
    kept = checkpoints_in(tmp_path / "all")
    assert len(kept) == 3
    for path in kept[:2]:
        path.unlink()
    assert layerkit(*options, "--resume", str(kept[2]), "--save", str(two), "--json", str(resumed)).code == 0
    assert one.read_bytes() == two.read_bytes()
    assert epochs(resumed) == epochs(whole)
    assert checkpoints_in(tmp_path / "all") == kept


@pytest.mark.parametrize("asked", [1, 3, 5])
def test_a_finished_run_that_is_asked_for_another_length(layerkit: Command, tmp_path: Path, asked: int) -> None:
    kept, report, whole = tmp_path / "kept.safetensors", tmp_path / "report.json", tmp_path / "whole.json"
    assert layerkit(*SMALL, "--epochs", "3", "--checkpoint", str(kept)).code == 0
    assert layerkit(*SMALL, "--epochs", str(asked), "--resume", str(kept), "--json", str(report)).code == 0
    # what is done stays done
    assert layerkit(*SMALL, "--epochs", str(max(asked, 3)), "--json", str(whole)).code == 0
    assert epochs(report) == epochs(whole)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_writes_the_checkpoint_within_two_seconds(number: signal.Signals, code: int, tmp_path: Path) -> None:
    place = tmp_path / "run"
    process = start("--checkpoint", str(place))
    process.send_signal(number)
    began = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 2
    assert process.returncode == code
    assert f"The run can go on from there, with --resume {place}" in err
    assert kit.load(checkpoints_in(place)[0]).output_shape == (10,)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--save", "{folder}"), 2, "--save: {folder} is a folder"),
        (
            ("--save", "{folder}/none/m.safetensors"),
            2,
            "m.safetensors cannot be written: there is no folder {folder}/none",
        ),
        (("--resume", "{folder}/none.safetensors"), 1, "could not be read: No such file"),
        (("--resume", "{folder}"), 1, "{folder} holds no checkpoint to resume from"),
    ],
)
def test_what_cannot_be_kept_is_one_message(
    options: tuple[str, ...], code: int, message: str, layerkit: Command, tmp_path: Path
) -> None:
    result = layerkit(*SMALL, "--epochs", "1", *(option.format(folder=tmp_path) for option in options))
    assert result.code == code
    assert message.format(folder=tmp_path) in result.err


def test_another_seed_is_said_and_another_batch_size_refused(layerkit: Command, tmp_path: Path) -> None:
    path = str(tmp_path / "run.safetensors")
    assert layerkit(*SMALL, "--epochs", "1", "--checkpoint", path).code == 0
    result = layerkit(*SMALL, "--epochs", "1", "--resume", path, "--batch-size", "7")
    assert result.code == 2
    assert "and this call says 7" in result.err
    result = layerkit(*SMALL, "--epochs", "1", "--resume", path, "--eta", "0.5")
    assert result.code == 0
    assert result.err.startswith("Warning: the run goes on under other conditions")


@pytest.mark.parametrize("place", ["run", "run.safetensors"])
def test_the_best_checkpoint_is_not_replaced_by_the_run_that_goes_on_from_it(
    layerkit: Command, tmp_path: Path, place: str
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    checkpoint = f'{{ component = "checkpoint", path = {json.dumps(str(folder / place))}, best = "cost" }}'
    assert layerkit(*SMALL, "--epochs", "1", "--callback", checkpoint).code == 0
    [best] = folder.rglob("*best.safetensors")
    kept = best.read_bytes()
    refused = layerkit(*SMALL, "--epochs", "2", "--resume", str(best))
    assert refused.code == 2
    assert f"{best} is the best checkpoint of a run" in refused.err
    assert "--checkpoint FOLDER" in refused.err
    other = str(tmp_path / "other")
    assert layerkit(*SMALL, "--epochs", "2", "--resume", str(best), "--checkpoint", other).code == 0
    assert best.read_bytes() == kept


def test_a_program_takes_none_of_them(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print('done')")
    result = layerkit("run", str(tmp_path / "program.py"), "--save", "model.safetensors")
    assert result.code == 2
    assert "--save" in result.err
