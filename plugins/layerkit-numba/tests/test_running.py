"""Stopping, going on, running out of finite numbers, and keeping programs on disk."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.tables import Walk

from layerkit import (
    Adam,
    Callback,
    CrossEntropy,
    Dense,
    Dropout,
    Engine,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    ReLU,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.engines import Automatic
from layerkit.errors import NonFiniteError
from layerkit.types import Array

X = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, 40)


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.every_steps = step

    def steps_ended(self, fit: Any) -> None:
        fit.stop("enough", now=True)


def trainer(engine: Engine) -> Trainer:
    model = Sequential([Dense(8, activation=Sigmoid()), Dropout(0.25), Dense(3)]).initialize(6, seed=1)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), engine=engine, seed=2)


def parameters(of: Trainer) -> Array:
    return of.model.structure.parameters


def test_training_goes_on_from_any_step_in_either_engine() -> None:
    """Seven steps are in the second epoch's middle; the generator of the dropout goes on too."""
    engine = NumbaEngine()
    whole = trainer(engine)
    whole.fit((X, LABELS), epochs=3, batch_size=8)
    for first, second in ((engine, engine), (engine, NumpyEngine()), (NumpyEngine(), engine)):
        begun = trainer(first)
        begun.fit((X, LABELS), epochs=3, batch_size=8, callbacks=[StopAt(7)])
        ended = trainer(second)
        ended.restore(begun.state())
        ended.fit((X, LABELS), epochs=2, batch_size=8)
        if first is second:
            np.testing.assert_array_equal(parameters(ended), parameters(whole))
        np.testing.assert_allclose(parameters(ended), parameters(whole), rtol=1e-4, atol=1e-5)
        assert ended.state()["streams"] == whole.state()["streams"]


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_a_step_that_is_not_finite_is_found_and_undone(momentum: float) -> None:
    """With a huge learning rate the numbers overflow after some steps: both engines stop at the same one."""
    told = []
    for engine in (NumbaEngine(), NumpyEngine()):
        model = Sequential([Dense(5, activation=ReLU()), Dense(4, activation=ReLU()), Dense(1)]).initialize(6, seed=1)
        optimizer = GradientDescent(3e3, momentum=momentum)
        found = Trainer(model, cost=Quadratic(), optimizer=optimizer, engine=engine, seed=2)
        with pytest.raises(NonFiniteError) as caught:
            found.fit((X, LABELS[:, None]), epochs=9, batch_size=4)
        told.append((caught.value.step, caught.value.layer, caught.value.what))
        assert np.isfinite(parameters(found)).all()
    assert told[0] == told[1]
    assert told[0][0] > 0


def test_without_a_folder_to_write_to_it_compiles_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAYERKIT_CACHE", str(tmp_path / "file"))
    engine = NumbaEngine()
    model = Sequential([Dense(2, use_bias=False)]).initialize(5, seed=0)
    found = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
    found.fit((np.ones((8, 5)), np.ones((8, 2))), epochs=1)
    assert engine.compile_seconds > 0


def test_auto_takes_it_for_a_long_run_unless_blas_has_most_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumbaEngine, "compile_time", lambda self, job: 0.0)
    for rows, width, expected in ((8, 4, NumbaEngine), (4096, 256, NumpyEngine)):
        automatic = Automatic([NumbaEngine(), NumpyEngine()])
        model = Sequential([Dense(width, use_bias=False)]).initialize(256, seed=0)
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=automatic, seed=0)
        trainer.fit((np.ones((rows, 256)), np.ones((rows, width))), epochs=1, batch_size=rows)
        assert isinstance(automatic.chosen, expected)


def test_a_frozen_weight_that_is_not_finite_is_found_though_its_column_is_empty() -> None:
    x = np.random.default_rng(0).random((40, 96))
    x[:, 10:60] = 0
    for engine in (NumpyEngine(), NumbaEngine()):
        model = Sequential([Dense(5, activation=Sigmoid()).freeze(), Dense(2)]).initialize(96, seed=0)
        model.parameters["0.weight"][20] = np.nan
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
        with pytest.raises(NonFiniteError):
            trainer.fit((x, np.zeros((40, 2))), epochs=1, batch_size=10)


def test_other_threads_go_on_while_a_piece_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[int] = [0]
    within: list[int] = []
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(0.001):
            ticks[0] += 1

    run = Walk.run

    def counted(self: Walk, *arguments: Any, **options: Any) -> int:
        before = ticks[0]
        found = run(self, *arguments, **options)
        within.append(ticks[0] - before)
        return found

    monkeypatch.setattr(Walk, "run", counted)
    model = Sequential([Dense(256, activation=Sigmoid()), Dense(3)])
    rows = np.random.default_rng(0).standard_normal((20_000, 64)).astype(np.float32)
    thread = threading.Thread(target=tick)
    thread.start()
    try:
        Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), engine=NumbaEngine(), seed=2).fit(
            (rows, np.arange(20_000) % 3), epochs=3, batch_size=8
        )
    finally:
        ended.set()
        thread.join()
    assert max(within) >= 5


def test_what_is_thawed_late_is_moved_as_by_numpy_from_either_engine() -> None:
    """The first layer is trained from the sixth epoch on, the second from the eleventh; the first is frozen again."""
    found = []
    for engines in ([NumpyEngine()] * 4, [NumbaEngine()] * 4, [NumbaEngine(), NumpyEngine()] * 2):
        model = Sequential([Dense(7, activation=Sigmoid()), Dense(5, activation=Sigmoid()), Dense(3)])
        model.initialize(6, seed=1, dtype="float64")
        model.layers[0].freeze()
        model.layers[1].freeze()
        training = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), seed=2)
        for engine, thawed in zip(engines, (None, 0, 1, 0), strict=True):
            if thawed is not None:
                model.layers[thawed].unfreeze()
            training.engine = engine
            training.fit((X, LABELS), epochs=5, batch_size=8)
            if thawed == 1:
                model.layers[0].freeze()
                training.fit((X, LABELS), epochs=1, batch_size=8)
        found.append(parameters(training).copy())
        counts = training.state()["updates"][0]["slice_numbers"]["count"]
        assert counts.tolist() == [25, 25, 55, 55, 105, 105]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-9, atol=1e-12)
