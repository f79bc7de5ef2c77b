"""In the steady state a step allocates no array as large as a batch or a layer's parameters."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    CrossEntropy,
    Dense,
    Dropout,
    GradientDescent,
    Layer,
    Optimizer,
    ReLU,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.interfaces.callback import FitView

ROWS, WIDTH = 1024, 512


class Watch(Callback):
    every_steps = 10

    def __init__(self) -> None:
        self.peak = 0

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == 10:
            tracemalloc.start()
        elif fit.step == 30:
            self.peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("between", "optimizer"),
    [
        (Sigmoid(), GradientDescent(0.1)),
        (ReLU(), GradientDescent(0.1, momentum=0.9)),
        (Dropout(0.5), Adam()),
        (BatchNormalization(), Adam()),
    ],
    ids=repr,
)
def test_no_large_array_is_allocated(between: Layer, optimizer: Optimizer) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((10 * ROWS, 64), dtype=np.float32), rng.integers(0, 10, 10 * ROWS)
    model = Sequential([Dense(WIDTH), between.copy(), Dense(10)])
    watch = Watch()
    # three epochs: the ends of two lie in what is watched
    Trainer(model, cost=CrossEntropy(), optimizer=optimizer, seed=0).fit(
        (x, y), epochs=3, batch_size=ROWS, callbacks=[watch]
    )
    smallest = min(ROWS * 64, 64 * WIDTH) * 4
    order = 10 * ROWS * 8
    assert 0 < watch.peak - order < smallest * 0.8
