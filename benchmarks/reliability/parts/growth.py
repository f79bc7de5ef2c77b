"""Memory over many fits, predictions, changes of layout, and files: it does not grow."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reliability.outcome import Outcome
from benchmarks.resident_memory import anonymous_mebibytes
from layerkit import (
    Dense,
    Engine,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
    load,
    save,
)

PROMISE = "fits, predictions, freezing and unfreezing, saving and loading: memory does not grow"

_ALLOWED = 5.0
"""MiB of growth, whatever the count: less than what the recordings of ten fits take."""

_UNCOUNTED, _READINGS = 15, 8
_ROWS, _WIDTH = 600, 200


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Do each kind of thing ``count`` times (predictions three times as often) and measure again and again."""
    outcome = Outcome()
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(_ROWS, _WIDTH)).astype(np.float32), np.zeros((_ROWS, 10), np.float32)
    for name, trainer in _trainers().items():
        model = trainer.model
        predictor = model.predictor(8)
        path = folder / f"{name}.safetensors"

        def fit(trainer: Trainer = trainer) -> None:
            trainer.fit((x, y), epochs=1, batch_size=150)

        def freeze(model: Any = model) -> None:
            model[0].freeze()
            model[0].unfreeze()

        def predict(model: Any = model, predictor: Any = predictor) -> None:
            model.predict(x[:1])
            model.predict(x[:100])
            predictor.predict(x[:8])
            model.predictor(4).predict(x[:4])

        def rewrite(model: Any = model, path: Path = path) -> None:
            save(model, path)
            load(path)

        for kind, times, work in (
            ("fits", count, fit),
            ("predictions", 3 * count, predict),
            ("freezing", count, freeze),
            ("files", count // 2, rewrite),
        ):
            outcome.tried += times
            grown = _growth(work, times)
            if grown is not None and grown > _ALLOWED:
                outcome.fail("grew", f"{name}: {grown:.1f} MiB over {times} {kind}")
            else:
                outcome.count(f"{kind} without growth", times)
    return outcome


def _growth(work: Callable[[], None], times: int) -> float | None:
    """MiB by which the lowest reading of the second half lies above that of the first, after some that do not count:
    single readings go up and down with what the allocator keeps."""
    for _ in range(_UNCOUNTED):
        work()
    readings = []
    for number in range(times):
        work()
        if number % max(times // _READINGS, 1) == 0:
            readings.append(_held())
    half = len(readings) // 2
    first, second = ([value for value in part if value is not None] for part in (readings[:half], readings[half:]))
    return min(second) - min(first) if first and second else None


def _held() -> float | None:
    """MiB in use. What the C library keeps for later, it is asked to give back first: with how it cuts its heap into
    pieces that goes up and down by more than ten, and a leak would not be seen in it."""
    gc.collect()
    if anonymous_mebibytes() is None:
        return None
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
    return anonymous_mebibytes()


def _trainers() -> dict[str, Trainer]:
    engines: dict[str, Engine] = {"numpy": NumpyEngine()}
    if find_spec("layerkit_numba"):
        from layerkit_numba import NumbaEngine

        engines["compiled"] = NumbaEngine()
    trainers = {name: _trainer([Dense(_WIDTH, activation=Sigmoid())], engine) for name, engine in engines.items()}
    if find_spec("layerkit_sequence"):
        from layerkit_sequence import LSTM, MeanOverTime

        from layerkit import Reshape

        trainers["sequence"] = _trainer([Reshape((4, _WIDTH // 4)), LSTM(20), MeanOverTime()], NumpyEngine())
    if find_spec("layerkit_conv"):
        from layerkit_conv import Conv2D

        from layerkit import Flatten, Reshape

        trainers["conv"] = _trainer([Reshape((10, 20, 1)), Conv2D(2, 3), Flatten()], NumpyEngine())
    return trainers


def _trainer(layers: list[Any], engine: Engine) -> Trainer:
    model = Sequential([*layers, Dense(10, activation=Sigmoid())]).initialize(_WIDTH, seed=0)
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
