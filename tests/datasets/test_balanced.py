"""Rows drawn by weights, and by class: as often as they should be, the same ones in a resumed run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import (
    Balanced,
    Blobs,
    Checkpoint,
    CrossEntropy,
    Dense,
    Examples,
    Friedman,
    GradientDescent,
    Sequential,
    Trainer,
)
from layerkit.engines import Job, RandomStreams
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.job import Progress
from layerkit.types import Array

X = np.random.default_rng(0).normal(size=(200, 3))
Y = (np.arange(200) < 10).astype(int)
DATA = Examples(X, Y)


def order(source: Examples, epoch: int, *, seed: int = 0) -> Array:
    """The rows of an epoch."""
    nothing: Any = None
    job = Job(
        model=nothing,
        cost=nothing,
        optimizer=nothing,
        transforms=(),
        contexts=(),
        data=type("Data", (), {"source": source}),
        streams=RandomStreams(seed),
        position=Progress(),
        batch_size=10,
        accumulate=1,
        shuffle=True,
        drop_last=False,
    )
    return job.order(epoch)


def new_trainer(engine: Any = None) -> Trainer:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=engine, silence=("all",), seed=0)


def test_every_class_is_drawn_equally_often() -> None:
    drawn = np.concatenate([order(DATA.balanced(), epoch) for epoch in range(50)])
    assert len(drawn) == 50 * 200
    assert Y[drawn].mean() == pytest.approx(0.5, abs=0.02)
    # all of a class equally often
    counts = np.bincount(drawn, minlength=200)
    assert counts[:10].min() > 400
    assert counts[10:].max() < 60


def test_rows_are_drawn_as_often_as_their_numbers_say() -> None:
    sampling = np.zeros(200)
    sampling[[3, 4]] = 1, 3
    drawn = order(DATA.replace(sampling=sampling), 0)
    assert set(drawn.tolist()) == {3, 4}
    assert (drawn == 4).mean() == pytest.approx(0.75, abs=0.1)


def test_epoch_and_seed_draw() -> None:
    data = DATA.balanced()
    np.testing.assert_array_equal(order(data, 1), order(data, 1))
    assert (order(data, 1) != order(data, 2)).any()
    assert (order(data, 1) != order(data, 1, seed=1)).any()


def test_a_rare_class_is_learned_as_well_as_by_weights() -> None:
    sampled, plain = new_trainer(), new_trainer()
    x = np.where(Y[:, None] == 1, 0.8, -0.2) + 0.5 * X
    sampled.fit(Examples(x, Y).balanced(), epochs=30)
    plain.fit((x, Y), epochs=30)
    found, without = (trainer.model.classify(x)[Y == 1].mean() for trainer in (sampled, plain))
    assert found > without + 0.2


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_resumed_run_draws_the_same(tmp_path: Path, engine: str) -> None:
    def chosen() -> Any:
        return pytest.importorskip("layerkit_numba").NumbaEngine() if engine == "numba" else None

    whole, again = new_trainer(chosen()), new_trainer(chosen())
    whole.fit(DATA.balanced(), epochs=2, callbacks=[Checkpoint(tmp_path, every_steps=1, keep=99)])
    kit.resume(again, tmp_path / "step-000000009.safetensors")
    again.fit(DATA.balanced(), epochs=2)
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)
    again = new_trainer(chosen())
    kit.resume(again, tmp_path / "step-000000009.safetensors")
    with pytest.raises(DataError, match="sampling"):
        again.fit(DATA, epochs=2)


def test_rows_that_are_taken_keep_their_numbers() -> None:
    part = DATA.balanced().take(slice(5, 15))
    assert part.sampling is not None
    np.testing.assert_allclose(part.sampling, [0.1] * 5 + [1 / 190] * 5)


def test_the_set_of_another_is_balanced_to_train_alone() -> None:
    blobs = Balanced(Blobs(centres=[[0, 0], [2, 2]], counts=[90, 10], test_counts=[9, 1]))
    train, test = blobs.load("train"), blobs.load("test")
    assert train.sampling is not None  # type: ignore[union-attr]
    assert test.sampling is None  # type: ignore[union-attr]
    assert blobs.splits == ("train", "test")
    with pytest.raises(DataError, match="targets must be labels"):
        Balanced(Friedman(rows=50)).load("train")


def test_rows_in_order_cannot_be_drawn() -> None:
    with pytest.raises(ArgumentError, match=r"has a sampling.*shuffle=False"):
        new_trainer().fit(DATA.balanced(), epochs=1, shuffle=False)


@pytest.mark.parametrize(
    ("sampling", "told"),
    [
        (np.ones(199), "sampling has 199"),
        (np.ones((200, 1)), "a number for each row"),
        (-np.ones(200), "at least 0"),
        (np.zeros(200), "not all of them 0"),
        (np.full(200, np.nan), "finite"),
        (np.full(200, "a"), "a number for each row"),
    ],
)
def test_what_is_no_sampling_is_refused(sampling: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        DATA.replace(sampling=sampling)
