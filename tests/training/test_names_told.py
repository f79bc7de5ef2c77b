"""What tells a model its names, and what does not: learning beforehand, streams, refused fits, another shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    Callback,
    CrossEntropy,
    Dense,
    Examples,
    Schema,
    Sequential,
    Standardize,
    Trainer,
    load,
    save,
)
from layerkit.errors import ArgumentError, DataError
from layerkit.experiments.classification import classify
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array

pandas = pytest.importorskip("pandas")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2)) * [1, 50] + [0, 1000]
Y = (X[:, 0] > 0).astype(int)
FRAME = pandas.DataFrame(X, columns=["u", "v"])
TURNED = FRAME[["v", "u"]]


def new() -> Trainer:
    model = Sequential([Standardize(), Dense(2)]).initialize(2, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.1), metrics=[Accuracy()], seed=0)


def chunks(*frames: Any) -> Any:
    return lambda: ((frame, Y[frame.index]) for frame in frames)


@pytest.mark.parametrize("data", [(FRAME, Y), chunks(FRAME[:30], TURNED[30:])], ids=["frame", "stream"])
def test_what_is_learned_before_the_first_step_is_learned_of_columns(data: Any) -> None:
    one, other = new(), new()
    for each, later in ((one, FRAME), (other, TURNED)):
        each.adapt(data)
        assert each.model.schema == Schema(columns=("u", "v"))
        np.testing.assert_allclose(each.model.states["0.mean"], X.mean(axis=0), rtol=1e-5)
        each.fit((later, Y), epochs=10)
    assert one.evaluate((FRAME, Y)) == other.evaluate((TURNED, Y))


def test_what_is_refused_tells_nothing() -> None:
    trainer = new()
    with pytest.raises(DataError, match="lacks a number"):
        trainer.adapt(lambda: iter([(FRAME, Y), (TURNED * np.nan, Y)]))
    assert trainer.model.schema == Schema()

    class No(Callback):
        def fit_started(self, fit: FitView) -> None:
            raise RuntimeError("no")

    for data in ((FRAME, Y), chunks(FRAME)):
        with pytest.raises(RuntimeError, match="no"):
            trainer.fit(data, epochs=1, callbacks=[No()])
        assert trainer.model.schema == Schema()
    trainer.fit((pandas.DataFrame(X, columns=["p", "q"]), Y), epochs=1)
    assert trainer.model.schema.columns == ("p", "q")


def test_the_batches_of_a_stream_are_matched_with_its_first_from_the_beginning() -> None:
    trainer, other = new(), new()
    trainer.fit(chunks(FRAME[:30], TURNED[30:]), epochs=3)
    other.fit(lambda: iter([(X[:30], Y[:30]), (X[30:], Y[30:])]), epochs=3)
    np.testing.assert_array_equal(trainer.model.structure.parameters, other.model.structure.parameters)
    np.testing.assert_array_equal(trainer.model.states["0.mean"], other.model.states["0.mean"])
    # also where the model knows none: the first batch says the order
    assert other.evaluate(chunks(FRAME[:30], TURNED[30:])) == other.evaluate((X, Y))


class Rows(RandomAccess):
    """A source of one's own that hands out DataFrames and words."""

    def __len__(self) -> int:
        return 80

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        words: Any = np.where(Y[rows] == 1, "yes", "no")
        return Batch(TURNED.iloc[rows], words)


def test_sources_of_ones_own_are_matched_with_what_the_data_to_train_on_tells() -> None:
    trainer = new()
    data = Examples(FRAME, np.where(Y == 1, "yes", "no"), classes=("yes", "no"))
    history = trainer.fit(data, epochs=2, validation=Rows())
    measured = trainer.evaluate(data)
    assert history["validation_accuracy"][-1] == measured["accuracy"]
    assert trainer.evaluate(Rows()) == pytest.approx(measured)


def test_a_model_of_another_shape_forgets_columns_that_it_cannot_have(tmp_path: Path) -> None:
    trainer = new()
    trainer.fit(Examples(FRAME, Y, classes=("a", "b")), epochs=1)
    model = trainer.model
    model.initialize(2, rebuild=True, seed=1)
    assert model.schema == Schema(columns=("u", "v"), classes=("a", "b"))
    model.initialize(3, rebuild=True, seed=1)
    assert model.schema == Schema(classes=("a", "b"))
    save(model, tmp_path / "m.safetensors")
    assert load(tmp_path / "m.safetensors").schema == model.schema
    model.schema = Schema(columns=("a", "b"))
    with pytest.raises(ArgumentError, match=r"the schema names 2 columns, and the model takes inputs of shape \(3,\)"):
        save(model, tmp_path / "m.safetensors")


def test_what_is_taken_for_what_is_told_by_name() -> None:
    trainer = new()
    trainer.fit(Examples(FRAME, Y, classes=("a", "b")), epochs=20)
    one = classify(trainer.model, Examples(FRAME, Y, classes=("a", "b")), trainer.cost)
    other = classify(trainer.model, Examples(TURNED, 1 - Y, classes=("b", "a")), trainer.cost)
    assert one is not None
    assert other is not None
    assert one.classes == other.classes == ("a", "b")
    np.testing.assert_array_equal(one.confusion, other.confusion)
