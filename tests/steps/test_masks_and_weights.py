"""A mask is (n, time) booleans of which one is true; weights and masks are given once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import Accuracy, Adam, Batch, CrossEntropy, Dense, Examples, Flatten, Reshape, Sequential, Trainer
from layerkit.errors import ArgumentError, DataError, LayerkitError, ShapeError

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 5, 3)).astype("f4"), RNG.integers(0, 2, (20, 5))
MASK = np.arange(5) < RNG.integers(0, 6, 20)[:, None]
ROWS, LABELS = RNG.normal(size=(12, 4)), RNG.integers(0, 3, 12)


def trainer(*layers: Any) -> Trainer:
    model = Sequential(layers or [Dense(2)]).initialize((5, 3) if not layers else (4,), seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), metrics=[Accuracy()], seed=0)


Way = Callable[[Trainer, Any], Any]
ways: dict[str, Way] = {
    "fit": lambda own, mask: own.fit((X, Y), epochs=1, mask=mask),
    "examples": lambda own, mask: own.fit(Examples(X, Y, mask=mask), epochs=1),
    "validation": lambda own, mask: own.fit((X, Y), epochs=1, validation=Examples(X, Y, mask=mask)),
    "evaluate": lambda own, mask: own.evaluate((X, Y), mask=mask),
    "stream": lambda own, mask: own.fit([Batch(X, Y, mask=mask)], epochs=1),
    "evaluated stream": lambda own, mask: own.evaluate([Batch(X, Y, mask=mask)]),
}
every_way = pytest.mark.parametrize("way", ways.values(), ids=ways)


@every_way
@pytest.mark.parametrize("factor", [1, 1.0, 0.5, 2, -1.0, np.nan])
def test_numbers_are_no_mask(way: Way, factor: float) -> None:
    with pytest.raises(DataError, match=r"mask must hold booleans.*mask\.astype\(bool\)"):
        way(trainer(), MASK * factor)


@every_way
def test_a_mask_that_leaves_nothing_is_refused(way: Way) -> None:
    way(trainer(), MASK)
    with pytest.raises(DataError, match="leaves out every step"):
        way(trainer(), np.zeros((20, 5), bool))


@every_way
@pytest.mark.parametrize("shape", [(20,), (20, 4), (20, 1), (20, 5, 1), (5, 20)])
def test_a_mask_of_another_shape_is_refused(way: Way, shape: tuple[int, ...]) -> None:
    with pytest.raises(LayerkitError, match="mask"):
        way(trainer(), np.ones(shape, bool))


def test_a_mask_that_leaves_nothing_of_what_has_a_weight_is_refused() -> None:
    mask = np.zeros((20, 5), bool)
    mask[3] = True
    trainer().fit((X, Y, np.ones(20)), epochs=1, mask=mask)
    with pytest.raises(DataError, match="leaves out every step"):
        trainer().fit((X, Y, np.arange(20) != 3), epochs=1, mask=mask)


def test_rows_without_a_step_may_make_a_batch_of_arrays() -> None:
    assert not MASK.any(axis=1).all()
    assert np.isfinite(trainer().fit((X, Y), epochs=1, batch_size=1, mask=MASK)["cost"]).all()


def test_predict_takes_booleans_alone() -> None:
    own = trainer()
    for number in (MASK * 1, MASK * 0.5):
        with pytest.raises(DataError, match="booleans"):
            own.model.predict(X, mask=number)
    with pytest.raises(ShapeError, match=r"\(20, 5\), got a mask of shape \(20, 4\)"):
        own.model.predict(X, mask=MASK[:, :4])


@pytest.mark.parametrize("mask", [np.arange(12) < 1, (np.arange(12) < 1)[:, None], np.ones((12, 4), bool)])
def test_what_is_no_sequence_has_no_mask(mask: Any) -> None:
    own = trainer(Dense(3))
    for call in (
        lambda: own.fit((ROWS, LABELS), epochs=1, mask=mask),
        lambda: own.evaluate((ROWS, LABELS), mask=mask),
        lambda: own.evaluate([Batch(ROWS, LABELS, mask=mask)]),
        lambda: own.model.predict(ROWS, mask=mask),
    ):
        with pytest.raises(DataError, match=r"no.* axis of time.*leave rows out by weights of 0"):
            call()


def test_time_may_be_an_axis_inside_the_network_alone() -> None:
    own = trainer(Reshape((2, 2)), Dense(2), Flatten(), Dense(3))
    own.fit((ROWS, LABELS), epochs=1, mask=np.ones((12, 2), bool))
    with pytest.raises(ShapeError, match=r"\(12, 2\)"):
        own.fit((ROWS, LABELS), epochs=1, mask=np.ones((12, 3), bool))


def test_weights_and_masks_are_given_once() -> None:
    own, weights = trainer(), np.ones(20)
    for data in ((X, Y, weights), Examples(X, Y, weights=weights)):
        with pytest.raises(ArgumentError, match="weights are given twice"):
            own.fit(data, epochs=1, weights=1 - weights / 2)
        with pytest.raises(ArgumentError, match="weights are given twice"):
            own.evaluate(data, weights=weights)
    with pytest.raises(ArgumentError, match="mask is given twice"):
        own.evaluate(Examples(X, Y, mask=MASK), mask=MASK)
    own.fit((X, Y, weights), epochs=1, mask=MASK)
