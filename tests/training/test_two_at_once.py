"""A trainer does one thing at a time: whoever comes second is refused by one clear error, also where many come."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Thread

import numpy as np
import pytest

from layerkit import Adam, CrossEntropy, Dense, Sequential, Standardize, Trainer
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
