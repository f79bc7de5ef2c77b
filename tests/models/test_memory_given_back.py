"""Memory of passes goes with them, whether or not garbage is looked for; no pass takes more than it should."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    BatchNormalization,
    CrossEntropy,
    Dense,
    Diagnosis,
    Flatten,
    LayerStatistics,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.models.piece_rows import PIECE_ROWS, piece_rows

ROWS, WIDTH = 512, 1024
X = np.random.default_rng(0).normal(size=(ROWS, 8)).astype(np.float32)
Y = np.arange(ROWS) % 3
ONE_LAYER = ROWS * WIDTH * 4
"""Bytes of what one wide layer puts out."""


def trainer(*, recorded: bool) -> Trainer:
    between = [Dense(WIDTH, activation=Tanh())] if recorded else [Dense(WIDTH), BatchNormalization()]
    model = Sequential([*between, Dense(3)]).initialize(8, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.001), metrics=[Accuracy()], seed=0)


USES: dict[str, Callable[[Trainer], object]] = {
    "predict": lambda trainer: trainer.model.predict(X),
    "predict few": lambda trainer: trainer.model.predict(X[:20]),
    "outputs": lambda trainer: trainer.model.outputs(X),
    "saliency": lambda trainer: trainer.model.saliency(X),
    "predictor": lambda trainer: trainer.model.predictor(ROWS).predict(X),
    "evaluate": lambda trainer: trainer.evaluate((X, Y)),
    "fit": lambda trainer: trainer.fit((X, Y), epochs=1, batch_size=ROWS),
    "fit with validation": lambda trainer: trainer.fit((X, Y), epochs=2, batch_size=ROWS, validation=(X, Y)),
    "callbacks": lambda trainer: trainer.fit(
        (X, Y), epochs=1, batch_size=ROWS, callbacks=[LayerStatistics(), Diagnosis()]
    ),
    "gradient norms": lambda trainer: trainer.gradient_norms((X, Y)),
    "example gradients": lambda trainer: trainer.example_gradients((X[:8], Y[:8])),
}


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "not recorded"])
@pytest.mark.parametrize("name", USES)
def test_what_a_pass_took_is_free_without_the_collector(name: str, recorded: bool) -> None:
    used = trainer(recorded=recorded)
    USES[name](used)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(3):
        USES[name](used)
    grown = tracemalloc.get_traced_memory()[0] - before
    assert grown < ONE_LAYER / 2, f"{grown:,} bytes after three more uses"


def test_rows_of_a_piece_are_fewer_where_layers_are_large() -> None:
    usual = Sequential([Flatten(), Dense(100), Dense(10)]).initialize((28, 28), seed=0)
    large = Sequential([Dense(100), Dense(10)]).initialize((2000, 3), seed=0)
    any_length = Sequential([Dense(100), Dense(10)]).initialize((None, 3), seed=0)
    x = np.zeros((1, 2000, 3), np.float32)
    assert piece_rows(usual.structure.node) == PIECE_ROWS
    assert 30 < piece_rows(large.structure.node) < 100
    assert piece_rows(any_length.structure.node, x) == piece_rows(large.structure.node)
    assert piece_rows(any_length.structure.node, x[:, :5]) == PIECE_ROWS


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("name", ["predict", "evaluate"])
def test_long_data_through_large_layers_takes_the_memory_of_a_piece(name: str) -> None:
    model = Sequential([Dense(200, activation=Tanh()), Dense(3)]).initialize((None, 2), seed=0)
    x, y = np.zeros((1200, 300, 2), np.float32), np.zeros((1200, 300), np.int64)
    used = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.001))
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    result = model.predict(x) if name == "predict" else used.evaluate((x, y))
    peak = tracemalloc.get_traced_memory()[1] - before
    # at once it would be 1,200 · 300 · 200 numbers of 4 bytes for the first layer alone, twice
    assert result is not None
    assert peak < 200e6
