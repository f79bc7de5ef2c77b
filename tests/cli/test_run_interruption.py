"""Signals while `layerkit run` trains, sent to a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(*arguments: str) -> subprocess.Popen[str]:
    """`layerkit run digits` for longer than any test waits, once its first epoch is done."""
    command = [sys.executable, "-u", "-m", "layerkit", "run", "digits", "--epochs", "1000000", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.split()[:1] == ["1"]:
            return process
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_training_and_what_was_trained_is_told(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = tmp_path / "results.json"
    process = start("--json", str(path))
    process.send_signal(number)
    began = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == code
    assert err.count("\n") == 1
    assert err.startswith("Interrupted after ")
    assert " of 1,000,000 epochs. So far: test accuracy " in err
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["interrupted"] is True
    assert 0 < report["test_accuracy"] <= 1
