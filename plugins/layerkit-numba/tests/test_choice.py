"""Whether ``auto`` compiles follows from shapes, rows and epochs: never from what is kept, nor from a clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.natives import spent

from layerkit import Adam, CrossEntropy, Dense, Engine, Layer, NumpyEngine, ReLU, Rescale, Sequential, Trainer
from layerkit.engines import Automatic, Job

ROWS = 60_000
IMAGES, LABELS = np.broadcast_to(np.uint8(3), (ROWS, 784)), np.arange(ROWS) % 10


class Chosen(Exception):  # noqa: N818 - nothing is wrong
    """Ends a fit before its first step."""


class Asked(Engine):
    """Notes what engines say of the job, and ends the fit."""

    def start(self, job: Job) -> Any:
        engine = NumbaEngine(threads=1)
        self.said = engine.relative_time(job), engine.compile_time(job)
        raise Chosen


class NotTrained(Layer):
    """A layer without a kernel."""

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return x

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad


def model_of(widths: tuple[int, ...], *more: Layer) -> Sequential:
    return Sequential([Rescale(), *(Dense(width, activation=ReLU()) for width in widths), *more, Dense(10)])


def said(widths: tuple[int, ...], *more: Layer) -> tuple[float, float]:
    engine = Asked()
    trainer = Trainer(model_of(widths, *more), cost=CrossEntropy(), optimizer=Adam(), engine=engine, seed=0)
    with pytest.raises(Chosen):
        trainer.fit((IMAGES, LABELS), epochs=1, batch_size=128)
    return engine.said


def test_estimates_compile_nothing_and_follow_the_network() -> None:
    before = spent.compiled, spent.loaded
    (step, compiling), (_, deeper), (small, _) = said((256,)), said((256, 130, 70)), said((2,))
    assert (spent.compiled, spent.loaded) == before
    # measured: 8 s for the first, and steps of 0.6 of NumPy's; what is small is mostly the interpreter's time
    assert 4 < compiling < 12
    assert compiling + 0.5 < deeper < 3 * compiling
    assert small < step < 0.7
    # what runs in NumPy is not compiled
    assert abs(said((256,), NotTrained())[1] - compiling) < 1


@pytest.mark.parametrize(("epochs", "expected"), [(12, NumpyEngine), (120, NumbaEngine)])
def test_a_short_run_is_numpys(epochs: int, expected: type[Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Engine] = []

    def start(self: Engine, job: Job) -> Any:
        started.append(self)
        raise Chosen

    for engine in (NumpyEngine, NumbaEngine):
        monkeypatch.setattr(engine, "start", start)
    automatic = Automatic([NumbaEngine(threads=1), NumpyEngine()])
    trainer = Trainer(model_of((256,)), cost=CrossEntropy(), optimizer=Adam(), engine=automatic, seed=0)
    with pytest.raises(Chosen):
        trainer.fit((IMAGES, LABELS), epochs=epochs, batch_size=128)
    assert [type(engine) for engine in started] == [expected]
