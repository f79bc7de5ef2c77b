"""What a trainer goes on from holds the names that its model knows, and its threshold."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    BinaryCrossEntropy,
    Checkpoint,
    CrossEntropy,
    Dense,
    Examples,
    Schema,
    Sequential,
    Trainer,
    load,
    resume,
    save,
)
from layerkit.errors import ArgumentError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2))
WORDS = np.where(X[:, 0] > X[:, 1], "yes", "no")
DATA = Examples(X, WORDS, names=("u", "v"), target_name="k")
TURNED = Examples(X[:, ::-1], WORDS, names=("v", "u"), classes=("yes", "no"))


def new() -> Trainer:
    return Trainer(Sequential([Dense(2)]), cost=CrossEntropy(), optimizer=Adam(0.1), metrics=[Accuracy()], seed=0)


def by_state(first: Trainer, second: Trainer, folder: Path) -> None:
    second.restore(first.state())


def by_pickled_state(first: Trainer, second: Trainer, folder: Path) -> None:
    second.restore(pickle.loads(pickle.dumps(copy.deepcopy(first.state()))))


def by_file(first: Trainer, second: Trainer, folder: Path) -> None:
    resume(second, folder / "c.safetensors")


@pytest.mark.parametrize("way", [by_state, by_pickled_state, by_file])
def test_a_trainer_that_goes_on_knows_the_names(tmp_path: Path, way: Callable[[Trainer, Trainer, Path], None]) -> None:
    first = new()
    first.model.threshold = 0.625
    first.fit(DATA, epochs=20, callbacks=[Checkpoint(tmp_path / "c.safetensors")])
    second = new()
    way(first, second, tmp_path)
    assert second.model.schema == first.model.schema == Schema(columns=("u", "v"), target="k", classes=("no", "yes"))
    assert second.model.threshold == 0.625
    assert second.evaluate(TURNED) == first.evaluate(TURNED) == first.evaluate(DATA)
    assert second.model.classify(X).tolist() == first.model.classify(X).tolist()
    save(second.model, tmp_path / "m.safetensors")
    assert load(tmp_path / "m.safetensors").schema == first.model.schema
    if way is by_file:
        # goes on, and then further, on the same columns
        second.fit(DATA, epochs=20)
    for trainer in (first, second):
        trainer.fit(TURNED, epochs=2)
    np.testing.assert_array_equal(first.model.predict(X), second.model.predict(X))


def test_a_trainer_put_back_knows_what_it_knew_then() -> None:
    trainer = new()
    trainer.model.initialize(2, seed=0)
    before = trainer.state()
    trainer.fit(DATA, epochs=1)
    trainer.restore(before)
    assert trainer.model.schema == Schema()


def test_a_state_of_an_earlier_version_leaves_the_names_that_are_there() -> None:
    first, second = new(), new()
    first.fit(DATA, epochs=1)
    state = first.state()
    del state["schema"], state["threshold"]
    second.model.schema = Schema(classes=("a", "b"))
    second.restore(state)
    assert second.model.schema == Schema(classes=("a", "b"))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("schema", None),
        ("schema", {"columns": None, "target": None}),
        ("schema", {"columns": ["a"], "target": None, "classes": None}),
        ("schema", {"columns": ["a", "a"], "target": None, "classes": None}),
        ("schema", {"columns": None, "target": [], "classes": None}),
        ("schema", {"columns": None, "target": ["a", 1], "classes": None}),
        ("threshold", "high"),
        ("threshold", 2.0),
        ("threshold", [0.5, 0.5]),
    ],
)
def test_a_state_with_other_names_or_another_threshold_is_refused(part: str, value: Any) -> None:
    first, second = new(), new()
    first.fit(DATA, epochs=1)
    with pytest.raises(ArgumentError, match=f"the state: {part}"):
        second.restore({**first.state(), part: value})
    assert second.model.schema == Schema()


def test_thresholds_of_labels_are_put_back() -> None:
    first, second = (
        Trainer(Sequential([Dense(2)]), cost=BinaryCrossEntropy(), optimizer=Adam(), seed=0) for _ in range(2)
    )
    first.fit(Examples(X, X > 0, classes=("a", "b")), epochs=1)
    first.model.threshold = (0.25, 0.75)
    second.restore(first.state())
    assert second.model.threshold == (0.25, 0.75)
    assert second.model.schema.classes == ("a", "b")
