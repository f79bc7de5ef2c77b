"""Each position of a sequence is work of its own, for the choice of threads too."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Callback, Dense, GradientDescent, NumpyEngine, Quadratic, Sequential, Trainer
from layerkit.interfaces.callback import FitView
from layerkit.training.fit import Fit


class Asks(Callback):
    """Asks the engine how many threads it wants, and stops."""

    threads: int | None = -1

    def fit_started(self, fit: FitView) -> None:
        assert isinstance(fit, Fit)
        self.threads = NumpyEngine().blas_threads(fit.job)
        fit.stop("asked", now=True)


@pytest.mark.parametrize(
    ("shape", "rows", "threads"),
    [
        # 300 · 300 weights, a row and position: 2.7 million products for 30 rows, 270 million with 100 positions
        ((300,), 30, 1),
        ((100, 300), 30, None),
        ((10, 10, 300), 30, None),
        ((100, 300), 3, 1),
    ],
)
def test_positions_count_like_rows(shape: tuple[int, ...], rows: int, threads: int | None) -> None:
    asks = Asks()
    trainer = Trainer(Sequential([Dense(300)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    data = np.zeros((rows, *shape), np.float32)
    trainer.fit((data, data), epochs=1, batch_size=rows, callbacks=[asks])
    assert asks.threads == threads
