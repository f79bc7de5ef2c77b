from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit.data.examples import Examples
from layerkit.datasets.csv_file import CsvFile
from layerkit.errors import ArgumentError, DatasetError
from tests.data.files import targets

FLOWERS = "length,width,kind\n" + "".join(f"{row}.5,{row * 2},{row % 3}\n" for row in range(30))
HOUSES = "price;rooms\n" + "".join(f"{row * 1000.5};{row}\n" for row in range(20))


def written(folder: Path, text: str) -> str:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def both(dataset: CsvFile) -> tuple[Examples, Examples]:
    return dataset.load("train"), dataset.load("test")


def test_the_last_column_is_the_target_and_integers_are_labels(tmp_path: Path) -> None:
    train, test = both(CsvFile(written(tmp_path, FLOWERS)))
    assert (train.x.shape, test.x.shape) == ((24, 2), (6, 2))
    assert (train.x.dtype, targets(train).dtype, targets(train).shape) == (
        np.dtype("float64"),
        np.dtype("int64"),
        (24,),
    )
    assert np.bincount(targets(test)).tolist() == [2, 2, 2]
    np.testing.assert_array_equal(train.x[:, 1] // 2 % 3, targets(train))
    assert sorted([*train.x[:, 0], *test.x[:, 0]]) == [row + 0.5 for row in range(30)]


@pytest.mark.parametrize("target", ["price", 0, -2])
def test_the_target_is_chosen_by_name_or_position(tmp_path: Path, target: str | int) -> None:
    train = CsvFile(written(tmp_path, HOUSES), target=target, delimiter=";").load("train")
    assert (train.x.shape, targets(train).shape, targets(train).dtype) == ((16, 1), (16, 1), np.dtype("float64"))
    np.testing.assert_allclose(targets(train), train.x * 1000.5)


def test_whole_numbers_can_be_targets_and_negative_ones_are(tmp_path: Path) -> None:
    assert targets(CsvFile(written(tmp_path, FLOWERS), labels=False).load("train")).shape == (24, 1)
    text = FLOWERS.replace(",1\n", ",-1\n")
    assert targets(CsvFile(written(tmp_path, text)).load("train")).dtype == np.float64
    with pytest.raises(DatasetError, match="labels=True, but the target holds values other than 0, 1, 2, …"):
        CsvFile(written(tmp_path, text), labels=True).load("train")


def test_a_header_of_numbers_can_be_announced(tmp_path: Path) -> None:
    path = written(tmp_path, "0,1,label\n" + "1,2,0\n3,4,1\n" * 5)
    assert len(CsvFile(path, header=True, target="label").load("train")) == 8


@pytest.mark.parametrize(("largest", "kind"), [(2**31 - 1, "i"), (2**31, "f")])
def test_integers_that_are_too_large_for_classes_are_numbers(tmp_path: Path, largest: int, kind: str) -> None:
    rows = "\n".join(f"{row},{largest if row == 3 else row}" for row in range(10))
    y = CsvFile(written(tmp_path, rows)).load("train").y
    assert y is not None
    assert y.dtype.kind == kind


def test_the_split_is_always_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, FLOWERS)
    first, again, other = (CsvFile(path, seed=seed).load("test").x for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        ("1\n2\n", {}, "it has one column; expected features and a target, separated by ',' (delimiter)"),
        ("1,2\n3,4\n", {"target": "price"}, "no column is named 'price' (target): the file has no header"),
        ("a,b\n3,4\n", {"target": "price"}, "no column is named 'price' (target): the columns are a, b"),
        ("a,a\n3,4\n", {"target": "a"}, "more than one column is named 'a'"),
        ("1,2\n3,4\n", {"target": 2}, "target is column 2, but there are 2, counted from 0"),
        ("1,2\n3,4\n", {}, "2 rows are too few to keep 0.2 of them for testing"),
        ("1,2\n3\n", {}, "line 2: 1 cells, where the first line has 2"),
        ("1,2\n3,nan\n", {}, "line 2: column 2 is nan, not a finite number"),
        ("1,2\n" * 100, {"maximum_bytes": 1000}, "the table exceeds 1,000 bytes (maximum_bytes)"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, arguments: dict[str, Any], reason: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DatasetError) as caught:
        CsvFile(path, **arguments).load("train")
    assert str(caught.value).startswith(path)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"target": 1.5}, "target"),
        ({"target": True}, "target"),
        ({"labels": 1}, "labels"),
        ({"header": "yes"}, "header"),
        ({"delimiter": "::"}, "delimiter"),
        ({"test_fraction": 2}, "test_fraction"),
        ({"seed": 0.5}, "seed"),
        ({"maximum_bytes": -1}, "maximum_bytes"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=f"CsvFile: {name} must be"):
        CsvFile("table.csv", **arguments)


def test_it_is_rebuilt_from_its_arguments() -> None:
    dataset = CsvFile("table.csv", target="price", labels=False, header=True, delimiter=";")
    assert CsvFile(**dataset.config).config == dataset.config
