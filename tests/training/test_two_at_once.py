"""A trainer does one thing at a time: whoever comes second is refused by one clear error, also where many come."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from layerkit import Adam, CrossEntropy, Dense, Sequential, Standardize, Trainer, resume, save_checkpoint
from layerkit.errors import ArgumentError, DataError

X = np.random.default_rng(0).normal(size=(64, 4))
Y = np.arange(64) % 3


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("beside", ["adapt", "fit"])
def test_adapt_in_several_threads_works_or_is_refused(beside: str) -> None:
    trainer = Trainer(Sequential([Standardize(), Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit((X, Y), epochs=1)
    came: Counter[str] = Counter()

    def again(call: Callable[[], object], times: int) -> None:
        for _ in range(times):
            try:
                call()
            except DataError:
                came["data"] += 1
            except BaseException as error:
                refused = isinstance(error, ArgumentError) and "is fitting already" in str(error)
                came["refused" if refused else f"{type(error).__name__}: {error}"] += 1

    calls = {
        "adapt": (lambda: trainer.adapt((X, Y)), 50),
        "fit": (lambda: trainer.fit((X, Y), epochs=1), 20),
        # refused as soon as the trainer is theirs, so that they meet often
        "empty": (lambda: trainer.adapt((X[:0], Y[:0])), 3000),
    }
    threads = [Thread(target=again, args=calls[name]) for name in ("empty", "empty", "empty", beside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came.keys() <= {"refused", "data"}
    trainer.adapt((X, Y))


def test_fits_checkpoints_and_resumptions_in_several_threads(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit((X, Y), epochs=1)
    save_checkpoint(trainer, path)
    wrong: list[BaseException] = []

    def again(call: Callable[[], object]) -> None:
        for _ in range(60):
            try:
                call()
            except BaseException as error:
                if not (isinstance(error, ArgumentError) and "this trainer is fitting already" in str(error)):
                    wrong.append(error)

    calls = (
        lambda: trainer.fit((X, Y), epochs=1, batch_size=4),
        lambda: resume(trainer, path),
        lambda: save_checkpoint(trainer, path),
    )
    threads = [Thread(target=again, args=(call,)) for call in calls * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    trainer.fit((X, Y), epochs=1)


def test_no_fit_begins_while_a_state_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit((X, Y), epochs=1)
    inside, go_on = Event(), Event()

    def require_state(*_: object) -> None:
        inside.set()
        go_on.wait()

    monkeypatch.setattr("layerkit.training.trainer.require_state", require_state)
    thread = Thread(target=trainer.restore, args=(trainer.state(),))
    thread.start()
    inside.wait()
    try:
        with pytest.raises(ArgumentError, match="or taking over a state"):
            trainer.fit((X, Y), epochs=1)
    finally:
        go_on.set()
        thread.join()
    trainer.fit((X, Y), epochs=1)
