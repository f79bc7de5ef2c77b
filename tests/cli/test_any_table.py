"""Random tables, in any order of columns, beside the arrays that they hold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import layerkit as kit
from layerkit import Accuracy, Cost, CrossEntropy, CsvFile, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.cli.data_arguments import labelled
from layerkit.cli.file_form import FileForm
from layerkit.cli.input_pieces import input_pieces
from layerkit.errors import LayerkitError
from layerkit.files.models import load_with_cost
from layerkit.models.model import Model
from layerkit.types import Array

NAMES = ("a", "b", "height (cm)", "7", "Größe", 'say "x"', "a,b", "label", "0", "x y", "_", "-1")
WORDS = ("cat", "dog", "10", "3 or 4", "ja, nein", "Ätna", "none of these")


def write(path: Path, columns: dict[str, Array], order: list[str], rows: Array, delimiter: str) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(order)
        writer.writerows([columns[name][row] for name in order] for row in rows)
    return str(path)


def inputs(data: list[str], model: Model, form: FileForm, *, split: str | None, data_dir: str | None) -> Array:
    """All rows of what ``predict`` reads."""
    pieces = input_pieces(data, model, form, split=split, data_dir=data_dir, fit=None)
    return np.concatenate([np.asarray(piece.x) for piece in pieces])


def try_one(seed: int, folder: Path) -> None:
    """Train on one table, and evaluate and predict on another of some of its rows, its columns in another order."""
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.permutation(NAMES)[: rng.integers(2, 8)]]
    target, features = names[0], sorted(names[1:], key=lambda _: rng.random())
    rows = int(rng.integers(20, 40))
    columns: dict[str, Array] = {name: rng.normal(size=rows).round(4) for name in features}
    kind = str(rng.choice(["words", "labels", "whole numbers", "numbers"]))
    classes = int(rng.integers(2, 6))
    labels = np.concatenate([np.arange(classes), np.arange(classes), rng.integers(0, classes, rows - 2 * classes)])
    if kind == "words":
        columns[target] = rng.permutation(WORDS)[labels]
    elif kind == "labels":
        columns[target] = labels
    elif kind == "whole numbers":
        columns[target] = rng.integers(-50, 50, rows)
    else:
        columns[target] = rng.normal(size=rows)
    of_classes = kind in ("words", "labels")
    order = [str(name) for name in rng.permutation(names)]
    delimiter = str(rng.choice([",", ";", "\t"]))
    train = write(folder / "train.csv", columns, order, np.arange(rows), delimiter)
    cost: Cost = CrossEntropy() if of_classes else Quadratic()
    data = CsvFile(train, target=target, header=True, delimiter=delimiter, labels=True if kind == "words" else None)
    model = Sequential([Dense(classes if of_classes else 1)])
    trainer = Trainer(model, cost=cost, optimizer=GradientDescent(0.01), metrics=[Accuracy()] if of_classes else [])
    trainer.fit(data, epochs=1)
    kit.save(model, folder / "m.safetensors", cost=cost)
    loaded, _ = load_with_cost(folder / "m.safetensors")

    some = rng.permutation(rows)[: rng.integers(3, rows)]
    known = [name for name in order if name != target]
    x = np.column_stack([columns[name][some] for name in known])
    y = (
        np.array([sorted(set(columns[target])).index(value) for value in columns[target]])
        if of_classes
        else columns[target]
    )
    wanted = trainer.evaluate((x, y[some]))
    turned = [str(name) for name in rng.permutation(names)]
    place = write(folder / "test.csv", columns, turned, some, delimiter)
    form = FileForm(header=True, delimiter=delimiter)
    measured = Trainer(loaded, cost=cost, optimizer=GradientDescent(0.1), metrics=trainer.metrics).evaluate(
        labelled([place], loaded, form, split=None, data_dir=None)
    )
    assert measured == pytest.approx(wanted, rel=1e-6), (seed, kind)
    np.testing.assert_array_equal(inputs([place], loaded, form, split=None, data_dir=None), x)
    alone = [name for name in turned if name != target]
    place = write(folder / "inputs.csv", columns, alone, some, delimiter)
    if len(alone) > 1:
        np.testing.assert_array_equal(inputs([place], loaded, form, split=None, data_dir=None), x)
    lost = str(rng.choice(known))
    left = [name for name in turned if name != lost]
    if len(left) > 1:
        place = write(folder / "less.csv", columns, left, some, delimiter)
        for read in (inputs, labelled):
            with pytest.raises(LayerkitError) as refused:
                read([place], loaded, form, split=None, data_dir=None)
            assert repr(lost) in str(refused.value), (seed, kind)


@pytest.mark.parametrize("seed", range(25))
def test_a_table_is_what_its_arrays_are(seed: int, tmp_path: Path) -> None:
    try_one(seed, tmp_path)
