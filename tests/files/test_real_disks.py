"""Disks that are really full or read-only, clocks that go backwards, pipes that appear: where a test can have them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.training import fingerprint
from layerkit import Checkpoint, CsvLog, Dense, GradientDescent, Quadratic, Sequential, Trainer, resume
from layerkit.errors import ArgumentError, CheckpointWarning, LayerkitError, ModelFileError
from layerkit.files.checkpoints import checkpoints_in
from layerkit.files.format import document
from layerkit.interfaces.callback import Callback, FitView

X, Y = np.linspace(0, 1, 20)[:, None], np.linspace(1, 0, 20)[:, None]


def new_trainer(units: int = 1) -> Trainer:
    model = Sequential([Dense(units), Dense(1)])
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB, which only root can make."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted by root alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def test_a_full_disk_keeps_the_old_model_and_leaves_nothing(small_disk: Path) -> None:
    path = small_disk / "model.safetensors"
    layerkit.save(Sequential([Dense(4)]).initialize(2, seed=0), path)
    old = path.read_bytes()
    with pytest.raises(ModelFileError, match="No space left on device; the file that was there is as it was"):
        layerkit.save(Sequential([Dense(400)]).initialize(400, seed=0), path)
    assert path.read_bytes() == old
    assert os.listdir(small_disk) == ["model.safetensors"]


class _Fills(Callback):
    """Fills the disk after an epoch, and makes room after another."""

    def __init__(self, folder: Path, *, full: int, free: int) -> None:
        self.folder, self.full, self.free = folder, full, free

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        filler = self.folder / "filler"
        if fit.epoch == self.full:
            with open(filler, "wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
        if fit.epoch == self.free:
            filler.unlink()


def test_a_disk_that_is_full_for_a_while_costs_checkpoints_and_not_the_run(small_disk: Path) -> None:
    trainer = new_trainer(50)
    filling = _Fills(small_disk, full=2, free=4)
    with pytest.warns(CheckpointWarning, match="No space left on device") as told:
        trainer.fit((X, Y), epochs=5, callbacks=[filling, Checkpoint(small_disk / "run", keep=2)])
    assert len(told) == 2
    other = new_trainer(50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resume(other, small_disk / "run").endswith("step-000000005.safetensors")
    assert fingerprint(other) == fingerprint(trainer)
    assert not list(small_disk.rglob("*.part"))


def test_a_log_on_a_full_disk_is_one_error_and_the_trainer_goes_on(small_disk: Path) -> None:
    trainer = new_trainer()
    callbacks = [_Fills(small_disk, full=1, free=9), CsvLog(small_disk / "log.csv")]
    with pytest.raises(LayerkitError, match="No space left on device"):
        trainer.fit((X, Y), epochs=3, callbacks=callbacks)
    (small_disk / "filler").unlink()
    trainer.fit((X, Y), epochs=2, callbacks=[CsvLog(small_disk / "log.csv")])
    assert len((small_disk / "log.csv").read_text().splitlines()) == 1 + len(trainer.history)


def test_a_read_only_disk_is_told_before_the_first_step_and_can_be_read_from(small_disk: Path) -> None:
    first = new_trainer()
    first.fit((X, Y), epochs=2, callbacks=[Checkpoint(small_disk / "run", keep=2)])
    newest, _ = checkpoints_in(small_disk / "run")
    newest.write_bytes(b"damaged")
    _remount(small_disk, "ro")
    for place in ("run", "other", "one.safetensors"):
        with pytest.raises(ArgumentError, match="Read-only file system"):
            new_trainer().fit((X, Y), epochs=1, callbacks=[Checkpoint(small_disk / place)])
    with pytest.raises(ArgumentError, match="Read-only file system"):
        new_trainer().fit((X, Y), epochs=1, callbacks=[CsvLog(small_disk / "log.csv")])
    with pytest.raises(ModelFileError, match="Read-only file system"):
        layerkit.save(first.model, small_disk / "model.safetensors")
    with pytest.warns(layerkit.errors.ResumeWarning, match="could not be set aside.*Read-only file system"):
        assert resume(new_trainer(), small_disk / "run").endswith("step-000000001.safetensors")
    _remount(small_disk, "rw")


def test_a_clock_that_goes_backwards_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = new_trainer()
    whole.fit((X, Y), epochs=4, batch_size=5, callbacks=[Checkpoint(tmp_path / "forwards")])
    ticks = iter(range(10**9, 0, -1))
    for clock in ("time", "perf_counter", "monotonic"):
        monkeypatch.setattr(time, clock, lambda: float(next(ticks)))
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=2, batch_size=5, callbacks=[Checkpoint(tmp_path / "run", every_steps=1, keep=3)])
    for place, path in enumerate(reversed(checkpoints_in(tmp_path / "run"))):
        # a later checkpoint that looks older than the one before
        os.utime(path, (10**9 - 1000 * place,) * 2)
    other = new_trainer()
    assert resume(other, tmp_path / "run").endswith("step-000000008.safetensors")
    assert fingerprint(other) == fingerprint(trainer)
    trainer.fit((X, Y), epochs=2, batch_size=5)
    assert fingerprint(trainer) == fingerprint(whole)


def test_a_pipe_put_in_a_file_s_place_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    layerkit.save(Sequential([Dense(1)]).initialize(1, seed=0), path)
    opened = FileIO

    def swapped(name: Path, **options: Any) -> Any:
        path.unlink()
        os.mkfifo(path)
        return opened(name, **options)

    monkeypatch.setattr(document, "FileIO", swapped)
    with pytest.raises(ModelFileError, match="not a regular file"):
        layerkit.load(path)


_TERMINATED = """
import os, signal, sys
import numpy as np
from layerkit import *

class Ends(Metric):
    name = "ends"
    count = 0
    def start(self): return np.zeros(1)
    def update(self, totals, prediction, target, weights, ctx):
        Ends.count += 1
        # the first call tries one example before the first step
        if Ends.count == 3:
            os.kill(os.getpid(), signal.SIGTERM)
    def merge(self, totals, other): pass
    def result(self, totals): return 0.0

x = np.linspace(0, 1, 20)[:, None]
trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[Ends()], seed=0)
with Interruption() as interruption:
    trainer.fit((x, x), epochs=5, validation=(x, x), callbacks=[interruption, Checkpoint(sys.argv[1])])
print(len(trainer.history), interruption.exit_code)
"""


def test_sigterm_inside_validation_ends_after_the_epoch_with_its_checkpoint(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", _TERMINATED, str(tmp_path / "run")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["2", "143"]
    assert [path.name for path in checkpoints_in(tmp_path / "run")] == ["step-000000002.safetensors"]
