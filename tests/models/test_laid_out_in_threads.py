"""A model that is laid out anew in several threads is one model after each of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Thread

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, Quadratic, Sequential, Tanh, Trainer
from layerkit.errors import ArgumentError

X = np.ones((3, 4), np.float32)


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_who_waits_lays_out_what_is_there_then() -> None:
    model = Sequential([Dense(5), Dense(2)]).initialize(4, seed=0)
    waiting: list[Callable[[], object]] = [
        lambda: model.initialize(4),
        lambda: model.astype("float64"),
        lambda: model.initialize(4),
        model[0].freeze,
    ]
    threads = [Thread(target=call) for call in waiting]
    with model.structure.gate.exclusive():
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        before = model.structure.version
    for thread in threads:
        thread.join()
    # each has laid it out once more, behind the one before
    assert model.structure.version == before + len(threads)
    assert model.dtype == model.structure.dtype == np.float64
    assert all(layer._home is model.structure for layer in model.layers)
    assert model.predict(X).dtype == np.float64


def test_predictions_beside_it_come_from_one_layout() -> None:
    model = Sequential([Dense(5), Dense(2)]).initialize(4, seed=0)
    wanted = model.predict(X)
    wrong: list[object] = []
    until = time.monotonic() + 1

    def again(call: Callable[[], object]) -> None:
        while time.monotonic() < until and not wrong:
            try:
                call()
            except BaseException as error:
                wrong.append(error)

    def predicts() -> None:
        np.testing.assert_allclose(model.predict(X), wanted, rtol=1e-6)

    calls = (
        predicts,
        lambda: model.initialize(4),
        lambda: model.astype("float64"),
        lambda: model.astype("float32"),
        model[1].freeze,
        model[1].unfreeze,
    )
    threads = [Thread(target=again, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_who_comes_first_builds_it() -> None:
    said: list[ArgumentError] = []

    def begun(model: Sequential) -> None:
        try:
            model.initialize(4, seed=0)
        except ArgumentError as error:
            said.append(error)

    for _ in range(50):
        said.clear()
        model = Sequential([Dense(5, activation=Tanh()), Dense(2)])
        _together([partial(begun, model)] * 3)
        assert len(said) == 2
        assert all("has values already" in str(error) for error in said)
        assert model.predict(X).shape == (3, 2)


def test_two_trainers_may_begin_with_one_model_at_once() -> None:
    failed: list[Exception] = []

    def trained(model: Sequential) -> None:
        try:
            Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0).fit(
                (X, X[:, :2]), epochs=1, batch_size=3
            )
        except Exception as error:
            failed.append(error)

    interval = sys.getswitchinterval()
    # threads take turns more often, and so meet in the middle of more
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(60):
            model = Sequential([Dense(5, activation=Tanh()), Dense(2)])
            _together([partial(trained, model)] * 2)
    finally:
        sys.setswitchinterval(interval)
    assert failed == []


def _together(calls: list[Callable[[], object]]) -> None:
    threads = [Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
