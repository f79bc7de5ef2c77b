"""Data that does not lie in arrays as it is: streams, sources of rows, augmented images, in the compiled engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    Adam,
    Augmentation,
    Batch,
    Checkpoint,
    CrossEntropy,
    Dense,
    Examples,
    Flatten,
    GradientDescent,
    Model,
    NumpyEngine,
    Quadratic,
    RandomAccess,
    Sequential,
    Stream,
    Tanh,
    Trainer,
    resume,
)
from layerkit.errors import DataError, NonFiniteError
from layerkit.types import Array

X = np.random.default_rng(0).random((103, 4, 4)).astype(np.float32)
Y = np.random.default_rng(1).integers(0, 3, 103)
AUGMENTED = Examples(X, Y, augmentation=Augmentation(shift=1, rotate=10))
ROWS = (5, 9, 9, 20, 3, 40, 9)
"""How many each batch of the stream has: the program is to have room for all."""


class Rows(RandomAccess):
    def __len__(self) -> int:
        return len(X)

    def batch(self, rows: Array, scratch: Any) -> Batch:
        return Batch(X[rows], Y[rows])


class Uneven(Stream):
    """Batches of various sizes, labels of two types, weights from the third on."""

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for number in range(position, len(ROWS)):
            n = ROWS[number]
            rows = np.random.default_rng([epoch, number]).integers(0, len(X), n)
            weights = None if number < 3 else np.arange(1, n + 1.0)
            yield Batch(X[rows], Y[rows].astype((np.uint8, np.int64)[number % 2]), weights)


def endless() -> Iterator[tuple[Array, Array]]:
    rng = np.random.default_rng(0)
    while True:
        rows = rng.integers(0, len(X), 10)
        yield X[rows], Y[rows]


def trainer(engine: Any) -> Trainer:
    model = Sequential([Flatten(), Dense(8, activation=Tanh()), Dense(3)]).initialize((4, 4), seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), engine=engine, seed=0)


def fitted(engine: Any, data: Any, **options: Any) -> tuple[Array, list[float]]:
    training = trainer(engine)
    history = training.fit(data, epochs=3, callbacks=[], **options)
    return training.model.structure.parameters, [float(each) for each in history["cost"]]


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (lambda: AUGMENTED, {"batch_size": 10}),
        (lambda: AUGMENTED, {"batch_size": 10, "accumulate": 3}),
        (Rows, {"batch_size": 16}),
        (Rows, {"batch_size": 16, "drop_last": True, "accumulate": 4}),
        (Uneven, {}),
        (Uneven, {"accumulate": 3}),
        (endless, {"steps_per_epoch": 7}),
        (endless, {"steps_per_epoch": 4, "accumulate": 2}),
    ],
    ids=["augmented", "augmented steps", "rows", "rows dropped", "stream", "stream steps", "generator", "its steps"],
)
def test_the_same_as_numpy(make: Callable[[], Any], options: dict[str, Any]) -> None:
    expected, costs = fitted(NumpyEngine(), make(), **options)
    found, own = fitted(NumbaEngine(), make(), **options)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)
    np.testing.assert_allclose(own, costs, rtol=1e-4)


def test_a_run_may_change_engines_between_epochs_of_augmented_images() -> None:
    whole, _ = fitted(NumbaEngine(), AUGMENTED, batch_size=10)
    training = trainer(None)
    for engine in (NumbaEngine(), NumpyEngine(), NumbaEngine()):
        training.engine = engine
        training.fit(AUGMENTED, epochs=1, batch_size=10, callbacks=[])
    np.testing.assert_allclose(training.model.structure.parameters, whole, rtol=0, atol=2e-4)


@pytest.mark.parametrize("step", [3, 7, 14])
@pytest.mark.parametrize(
    ("make", "options"), [(lambda: AUGMENTED, {"batch_size": 15}), (Rows, {"batch_size": 15}), (Uneven, {})]
)
def test_what_is_resumed_comes_to_the_same_bits_also_from_behind_an_epoch_s_last_step(
    make: Callable[[], Any], options: dict[str, Any], step: int, tmp_path: Path
) -> None:
    whole = trainer(NumbaEngine())
    whole.fit(make(), epochs=3, callbacks=[Checkpoint(tmp_path, every_steps=step, keep=100)], **options)
    path = next(each for each in tmp_path.iterdir() if int(each.stem.rpartition("-")[2]) == step)
    resumed = trainer(NumbaEngine())
    resume(resumed, path)
    resumed.fit(make(), epochs=3, callbacks=[], **options)
    assert (resumed.model.structure.parameters == whole.model.structure.parameters).all()


class Asking(Stream):
    """Notes what the model is when a batch is read."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.seen: list[Array] = []

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for _ in range(position, 6):
            self.seen.append(self.model.structure.parameters.copy())
            yield Batch(X[:10], Y[:10])


def test_a_stream_is_not_read_ahead_of_the_model() -> None:
    seen = []
    for engine in (NumpyEngine(), NumbaEngine()):
        training = trainer(engine)
        stream = Asking(training.model)
        training.fit(stream, epochs=1, callbacks=[])
        # the first batch is looked at when the engine starts, and read once
        seen.append(stream.seen)
    assert [len(each) for each in seen] == [6, 6]
    np.testing.assert_allclose(seen[1], seen[0], rtol=0, atol=1e-5)
    assert (seen[1][1] != seen[1][0]).any()


def test_what_a_source_raises_comes_with_the_batch() -> None:
    def broken() -> Iterator[tuple[Array, Array]]:
        yield X[:5], Y[:5]
        yield X[:5], Y[:4]

    with pytest.raises(DataError, match="batch 1 of epoch 1"):
        trainer(NumbaEngine()).fit(broken(), epochs=1, callbacks=[])


def test_numbers_that_are_not_finite_are_told_with_their_step_and_layer() -> None:
    def broken() -> Iterator[Batch]:
        for number in range(4):
            yield Batch(X[:5] * (np.float32(np.nan) if number == 2 else 1), Y[:5])

    told = []
    for engine in (NumpyEngine(), NumbaEngine()):
        training = trainer(engine)
        with pytest.raises(NonFiniteError) as caught:
            training.fit([*broken()], epochs=1, callbacks=[])
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_targets_may_be_labels_in_one_batch_and_numbers_in_the_next() -> None:
    batches = [(X[:5], Y[:5]), (X[:5], np.eye(3, dtype=np.float32)[Y[:5]])]
    expected, _ = fitted(NumpyEngine(), lambda: iter(batches))
    found, _ = fitted(NumbaEngine(), lambda: iter(batches))
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)


class Masked(Stream):
    """Sequences of which only the second batch leaves something out."""

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for number in range(position, 3):
            mask = np.arange(4) < np.arange(1, 6)[:, np.newaxis] if number == 1 else None
            yield Batch(X[:5], X[5:10], mask=mask)


def test_a_mask_may_come_later() -> None:
    found = []
    for engine in (NumpyEngine(), NumbaEngine()):
        model = Sequential([Dense(4)]).initialize((4, 4), seed=0)
        training = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
        training.fit(Masked(), epochs=2, callbacks=[])
        found.append(model.structure.parameters.copy())
    np.testing.assert_allclose(found[1], found[0], rtol=0, atol=1e-6)
