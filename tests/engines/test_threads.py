"""BLAS threads follow from the shapes, and are put back."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from layerkit import Accuracy, Callback, Context, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.interfaces.callback import FitView
from layerkit.steps.threads import blas_libraries, given_threads, limited
from layerkit.types import Array


def threads_in_use() -> list[int]:
    return [library["num_threads"] for library in blas_libraries()]


@pytest.mark.parametrize(("units", "rows", "alone"), [(10, 4, True), (3000, 120, False)])
def test_small_networks_get_one_thread_and_large_ones_what_there_is(units: int, rows: int, *, alone: bool) -> None:
    before, given = threads_in_use(), given_threads()
    trainer = Trainer(Sequential([Dense(units)]), cost=Quadratic(), optimizer=GradientDescent(0.0), seed=0)
    data = np.ones((rows, 600)), np.zeros((rows, units))
    history = trainer.fit(data, epochs=1, batch_size=rows)
    assert history.blas_threads == (1 if alone else given)
    assert threads_in_use() == before


def test_what_was_given_is_known_inside_a_limit() -> None:
    given = given_threads()
    with limited(1) as used:
        assert used == 1
        assert given_threads() == given


def test_evaluation_chooses_too() -> None:
    seen = []

    class Watches(Accuracy):  # type: ignore[misc]
        def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
            seen.append(threads_in_use())

    before = threads_in_use()
    for units in (3, 3000):
        model = Sequential([Dense(units)]).initialize(90, seed=0)
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.0), metrics=[Watches()], seed=0)
        trainer.evaluate((np.ones((5, 90)), np.zeros((5, units))))
    assert seen == [[1] * len(before), before]
    assert threads_in_use() == before


@pytest.mark.parametrize("first", [0, 1])
def test_limits_that_overlap_leave_what_was_given(first: int) -> None:
    before, given = threads_in_use(), given_threads()
    limits = [limited(1), limited(None)]
    for limit in limits:
        limit.__enter__()
    assert (threads_in_use(), given_threads()) == ([1] * len(before), given)
    limits[first].__exit__(None, None, None)
    assert threads_in_use() == (before if first == 0 else [1] * len(before))
    limits[1 - first].__exit__(None, None, None)
    assert threads_in_use() == before


def test_fits_that_overlap_in_threads_leave_what_was_given() -> None:
    before = threads_in_use()
    barrier = threading.Barrier(2)

    class Meets(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            if record["epoch"] <= 2:
                barrier.wait(30)

    def train(epochs: int) -> None:
        trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
        trainer.fit((np.ones((4, 3)), np.ones((4, 2))), epochs=epochs, callbacks=[Meets()])

    threads = [threading.Thread(target=train, args=(epochs,)) for epochs in (2, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert threads_in_use() == before
