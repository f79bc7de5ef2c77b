"""A fit that was cut short in a stream, by whatever, goes on with the same stream to the bits of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, CrossEntropy, Dense, Sequential, Shuffled, Tanh, TimeLimit, Trainer
from layerkit.interfaces.dataset import Batch, Stream

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), np.arange(40) % 2
BATCHES, EPOCHS = 8, 3


class Batches(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for place in range(position, BATCHES):
            rows = slice(5 * place, 5 * place + 5)
            yield Batch(X[rows], Y[rows])


def batches() -> Iterator[Batch]:
    return Batches().open(0, 0)


def over_all_epochs() -> Iterator[Batch]:
    for _ in range(EPOCHS):
        yield from batches()


SOURCES: dict[str, Callable[[], tuple[Any, dict[str, Any]]]] = {
    "stream": lambda: (Batches(), {}),
    "stream of a given length": lambda: (Batches(), {"steps_per_epoch": 4, "accumulate": 2}),
    "shuffled": lambda: (Shuffled(Batches(), buffer=10), {}),
    "function": lambda: (batches, {}),
    "generator": lambda: (over_all_epochs(), {"steps_per_epoch": BATCHES}),
    "arrays": lambda: ((X, Y), {"batch_size": 5}),
}


class Ends(Callback):
    """Ends the fit after a step, by an exception or by a word."""

    every_steps = 1

    def __init__(self, step: int, how: str) -> None:
        self.step = step
        self.how = how

    def steps_ended(self, fit: Any) -> None:
        if fit.step == self.step:
            if self.how == "interrupt":
                raise KeyboardInterrupt
            fit.stop("enough", now=True)


def trainer() -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=1)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), seed=0)


def bits(trained: Trainer) -> tuple[bytes, list[float], int]:
    return trained.model.structure.parameters.tobytes(), trained.history["cost"], trained.state()["position"]["step"]


@pytest.mark.parametrize("how", ["stop", "interrupt"])
@pytest.mark.parametrize("source", SOURCES)
def test_it_goes_on_where_it_was_stopped(source: str, how: str) -> None:
    whole = trainer()
    data, settings = SOURCES[source]()
    whole.fit(data, epochs=EPOCHS, **settings)
    steps = whole.state()["position"]["step"]
    for step in range(1, steps):
        cut = trainer()
        data, settings = SOURCES[source]()
        with suppress(KeyboardInterrupt):
            cut.fit(data, epochs=EPOCHS, callbacks=[Ends(step, how)], **settings)
        cut.fit(data, epochs=EPOCHS - len(cut.history), **settings)
        assert bits(cut) == bits(whole), step


def test_so_it_does_when_the_time_is_up() -> None:
    data, whole, cut = Batches(), trainer(), trainer()
    whole.fit(data, epochs=EPOCHS)
    while len(cut.history) < EPOCHS:
        cut.fit(data, epochs=EPOCHS - len(cut.history), callbacks=[TimeLimit(1e-9, interrupt=True)])
    assert bits(cut) == bits(whole)


def test_another_stream_begins_the_epoch_anew() -> None:
    cut = trainer()
    cut.fit(Batches(), epochs=2, callbacks=[Ends(3, "stop")])
    cut.fit(Batches(), epochs=1)
    assert cut.state()["position"]["step"] == 3 + BATCHES
