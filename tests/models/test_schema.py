"""The names that a model knows, and data matched with them."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import (
    Adam,
    BinaryCrossEntropy,
    Checkpoint,
    CrossEntropy,
    Dense,
    Digits,
    Examples,
    Flatten,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, ModelFileError
from layerkit.models.schema import Schema
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 3)), RNG.integers(0, 3, 30)
NAMES, CLASSES = ("a", "b", "c"), ("x", "y", "z")
DATA = Examples(X, Y, names=NAMES, target_name="t", classes=CLASSES)
KNOWN = Schema(columns=NAMES, target="t", classes=CLASSES)


def trained(*, epochs: int = 2, data: Examples = DATA) -> Trainer:
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit(data, epochs=epochs, batch_size=7)
    return trainer


def test_a_model_takes_its_names_from_the_first_data_and_keeps_them(tmp_path: Path) -> None:
    trainer = trained()
    model = trainer.model
    assert model.schema == KNOWN
    kit.save(model, tmp_path / "m.safetensors")
    twins = [
        copy.deepcopy(model),
        model.copy(),
        pickle.loads(pickle.dumps(model)),
        kit.load(tmp_path / "m.safetensors"),
    ]
    assert all(twin.schema == KNOWN for twin in twins)
    trainer.fit((X, Y), epochs=1)
    assert model.schema == KNOWN
    assert model.predictor().schema == KNOWN


def test_a_checkpoint_knows_them_and_a_resumed_run_too(tmp_path: Path) -> None:
    first = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    first.fit(DATA, epochs=2, callbacks=[Checkpoint(tmp_path / "c.safetensors")])
    assert kit.load(tmp_path / "c.safetensors").schema == KNOWN


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        kit.save(trained().model, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_columns_and_classes_in_any_order_are_the_same_data(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, classes = rng.permutation(3), rng.permutation(3)
    turned = Examples(
        X[:, columns],
        np.argsort(classes)[Y],
        names=[NAMES[column] for column in columns],
        target_name="t",
        classes=[CLASSES[label] for label in classes],
    )
    trainer = trained()
    assert trainer.evaluate(turned) == trainer.evaluate(DATA)
    rows = Examples(turned.x, np.eye(3)[turned.y], names=turned.names, classes=turned.classes)
    assert trainer.evaluate(rows)["cost"] == pytest.approx(trainer.evaluate(DATA)["cost"])
    other = trained()
    other.fit(turned, epochs=2, batch_size=7)
    trainer.fit(DATA, epochs=2, batch_size=7)
    assert (trainer.model.structure.parameters == other.model.structure.parameters).all()


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_rows_of_0_and_1_are_matched_by_the_names_of_their_columns(dtype: type) -> None:
    rows: Array = (RNG.random((30, 3)) < 0.4).astype(dtype)
    trainer = Trainer(Sequential([Dense(3)]), cost=BinaryCrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit(Examples(X, rows, classes=CLASSES), epochs=1)
    turned = Examples(X, rows[:, [2, 0, 1]], classes=("z", "x", "y"))
    assert trainer.evaluate(turned) == trainer.evaluate((X, rows))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("a", "b", "d"), "lacks 'c' and has, beside those, 'd'"),
        (("a", "b", "b"), "lacks 'c'"),
    ],
)
def test_other_columns_are_refused(names: tuple[str, ...], told: str) -> None:
    trainer = trained()
    for use in (trainer.evaluate, lambda data: trainer.fit(data, epochs=1)):
        with pytest.raises(DataError, match=told):
            use(Examples(X, Y, names=names))
    trainer.model.schema = Schema()
    trainer.fit(Examples(X, Y, names=names), epochs=1)


def test_classes_that_the_model_does_not_know_are_refused_where_they_occur() -> None:
    trainer = trained()
    more = ("w", "x", "y", "z")
    assert trainer.evaluate(Examples(X, Y + 1, classes=more)) == trainer.evaluate(DATA)
    with pytest.raises(DataError, match="'w'"):
        trainer.evaluate(Examples(X, Y, classes=more))
    with pytest.raises(DataError, match="label"):
        trainer.evaluate(Examples(X, Y + 2, classes=more))


def test_names_that_cannot_be_matched_are_not_kept() -> None:
    assert trained(data=Examples(X, Y, names=("a", "a", "b"))).model.schema == Schema()
    many = Examples(np.zeros((4, 40_000), "float32"), [0, 1, 2, 0], names=[str(each) for each in range(40_000)])
    assert trained(data=many, epochs=1).model.schema == Schema()


def test_images_have_classes_and_no_columns() -> None:
    model = Sequential([Flatten(), Dense(10)])
    Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0).fit(Digits(), epochs=1)
    assert model.schema == Schema(classes=tuple("0123456789"))


def test_only_a_schema_is_taken() -> None:
    with pytest.raises(ArgumentError, match="schema"):
        Sequential([Dense(1)]).schema = ("a",)  # type: ignore[assignment]


WRONG: list[Any] = [
    None,
    {},
    [],
    {"columns": None, "target": None},
    {"columns": None, "target": None, "classes": None, "more": 1},
    {"columns": ["a", "b"], "target": None, "classes": None},
    {"columns": ["a", "b", "b"], "target": None, "classes": None},
    {"columns": ["a", "b", 1], "target": None, "classes": None},
    {"columns": "abc", "target": None, "classes": None},
    {"columns": {"a": 1, "b": 2, "c": 3}, "target": None, "classes": None},
    {"columns": None, "target": 3, "classes": None},
    {"columns": None, "target": None, "classes": []},
    {"columns": None, "target": None, "classes": ["a", "a"]},
    {"columns": None, "target": None, "classes": [None]},
]


@pytest.mark.parametrize("schema", WRONG)
def test_a_forged_schema_is_refused(tmp_path: Path, schema: Any) -> None:
    path = tmp_path / "m.safetensors"
    kit.save(trained().model, path)
    anatomy = Anatomy.of(path.read_bytes())
    anatomy.envelope["content"]["model"]["schema"] = schema
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError):
        kit.load(path)
