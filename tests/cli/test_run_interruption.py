"""Signals while `layerkit run` trains, sent to a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.cli.interruption import Interruption


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
    assert " of 1000000 epochs. So far: test accuracy " in err
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["interrupted"] is True
    assert 0 < report["test_accuracy"] <= 1


def test_training_ends_between_two_steps_and_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    x = np.ones((100, 1))
    sender = threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT))
    with Interruption() as interruption:
        sender.start()
        history = trainer.fit((x, x), epochs=1_000_000, callbacks=[interruption])
    assert interruption.signal == signal.SIGINT
    assert history.stop_reason == "interrupted"
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_second_signal_stops_at_once() -> None:
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_another_thread_may_train_too() -> None:
    entered = []

    def enter() -> None:
        with Interruption() as interruption:
            entered.append(interruption.signal)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [None]
