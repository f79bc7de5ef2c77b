"""SIGINT and SIGTERM during training."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reliability.process import everything, exit_code, forked
from benchmarks.reliability.training import TRAININGS, fingerprint, fit
from layerkit import Callback, Checkpoint, Interruption, resume
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView


class Signal(Callback):
    """Sends this process a signal after a number of steps."""

    def __init__(self, number: int, step: int) -> None:
        self.every_steps = step
        self.number = number

    def steps_ended(self, fit: FitView) -> None:
        os.kill(os.getpid(), self.number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_step_is_finished_and_the_checkpoint_written(number: int, code: int, tmp_path: Path) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    whole, settings, callbacks = TRAININGS["normalized"]()
    fit(whole, settings, callbacks)
    first, settings, callbacks = TRAININGS["normalized"]()
    with Interruption() as interruption:
        fit(first, settings, [*callbacks, Signal(number, 13), interruption, Checkpoint(tmp_path, every_epochs=100)])
    assert interruption.signal == number
    assert interruption.exit_code == code
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    second, settings, callbacks = TRAININGS["normalized"]()
    assert Path(resume(second, tmp_path)).name == "step-000000013.safetensors"
    fit(second, settings, callbacks)
    assert fingerprint(second) == fingerprint(whole)


def test_without_a_signal_nothing_happens(tmp_path: Path) -> None:
    whole, settings, callbacks = TRAININGS["plain"]()
    fit(whole, settings, callbacks)
    other, settings, callbacks = TRAININGS["plain"]()
    with Interruption() as interruption:
        fit(other, settings, [*callbacks, interruption])
    assert interruption.exit_code == 0
    assert fingerprint(other) == fingerprint(whole)


def test_nothing_is_installed_unasked() -> None:
    before = signal.getsignal(signal.SIGINT)
    trainer, settings, callbacks = TRAININGS["plain"]()
    seen: list[Any] = []

    class Look(Callback):
        def fit_started(self, fit: FitView) -> None:
            seen.append(signal.getsignal(signal.SIGINT))

    fit(trainer, settings, [*callbacks, Look(), Interruption()])
    assert seen == [before]


def test_a_second_signal_ends_the_process_at_once() -> None:
    def work(writing: int) -> None:
        with Interruption():
            os.write(writing, b"ready")
            while True:
                time.sleep(0.01)

    child, reading = forked(work)
    assert os.read(reading, 5) == b"ready"
    os.kill(child, signal.SIGTERM)
    time.sleep(0.1)
    assert os.waitpid(child, os.WNOHANG) == (0, 0)
    os.kill(child, signal.SIGTERM)
    assert everything(reading) == b""
    assert exit_code(child) == -signal.SIGTERM


def test_it_belongs_to_the_main_thread() -> None:
    errors = []

    def enter() -> None:
        try:
            with Interruption():
                pass
        except ArgumentError as error:
            errors.append(str(error))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert "main thread" in errors[0]
