from __future__ import annotations

import gzip
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


@pytest.mark.parametrize("offset", [-3, 0, 2**40])
def test_whole_numbers_stay_integers_unless_told(tmp_path: Path, offset: int) -> None:
    path = written(tmp_path, "a,price\n" + "".join(f"{row}.5,{row + offset}\n" for row in range(10)))
    train = CsvFile(path).load("train")
    assert (targets(train).shape, targets(train).dtype, train.labels) == ((8,), np.dtype("int64"), None)
    np.testing.assert_array_equal(targets(train), train.x[:, 0] - 0.5 + offset)
    numbers = CsvFile(path, labels=False).load("train")
    assert (targets(numbers).shape, targets(numbers).dtype, numbers.labels) == ((8, 1), np.dtype("float64"), False)


def test_labels_are_declared(tmp_path: Path) -> None:
    train = CsvFile(written(tmp_path, FLOWERS), labels=True).load("train")
    assert (train.labels, train.classes, targets(train).dtype) == (True, None, np.dtype("int64"))
    for wrong, told in (("-1", "label -1 in row"), ("1.5", "label 1.5 in row")):
        text = FLOWERS.replace(",1\n", f",{wrong}\n")
        with pytest.raises(DatasetError, match=rf"{told}.*labels are 0, 1, 2, …; name others by classes"):
            CsvFile(written(tmp_path, text), labels=True).load("train")
    with pytest.raises(DatasetError, match="the target holds NaN"):
        CsvFile(written(tmp_path, FLOWERS.replace(",1\n", ",nan\n")), labels=True).load("train")


IRIS = "length,width,kind\n" + "".join(f"{row}.5,{row * 2},{('no', 'cat', 'dog')[row % 3]}\n" for row in range(30))


def test_words_are_classes_in_their_order(tmp_path: Path) -> None:
    for part in both(CsvFile(written(tmp_path, IRIS))):
        assert part.classes == ("cat", "dog", "no")
        assert (part.names, part.target_name, part.labels) == (("length", "width"), "kind", True)
        np.testing.assert_array_equal(targets(part), (part.x[:, 1] // 2 + 2) % 3)
        assert len(set(np.bincount(targets(part)))) == 1
    with pytest.raises(DatasetError, match=r"line 2: column 3 .'kind'. is 'no', not a number"):
        CsvFile(written(tmp_path, IRIS), labels=False).load("train")


def test_the_target_may_stand_anywhere_among_the_names(tmp_path: Path) -> None:
    text = "".join(f"{row},{('a', 'b')[row % 2]},{row * 2}\n" for row in range(10))
    train = CsvFile(written(tmp_path, f"u,kind,v\n{text}"), target="kind").load("train")
    assert (train.names, train.target_name) == (("u", "v"), "kind")
    np.testing.assert_array_equal(train.x[:, 0] * 2, train.x[:, 1])
    assert CsvFile(written(tmp_path, text), target=1).load("train").names is None


@pytest.mark.parametrize(
    ("cells", "classes", "labels"),
    [
        (("-1", "1"), ["-1", "1"], [0, 1]),
        (("1", "2", "3"), ["1", "2", "3"], [0, 1, 2]),
        (("0", "1", "2"), ["zero", "one", "two", "three"], [0, 1, 2]),
        (("no", "yes"), ("yes", "no", "perhaps"), [1, 0]),
        (("na", "no"), ("na", "no"), [0, 1]),
    ],
)
def test_classes_can_be_named(tmp_path: Path, cells: tuple[str, ...], classes: Any, labels: list[int]) -> None:
    rows = "".join(f"{row},{cells[row % len(cells)]}\n" for row in range(12))
    dataset = CsvFile(written(tmp_path, f"a,k\n{rows}"), classes=classes)
    for part in both(dataset):
        assert part.classes == tuple(classes)
        assert targets(part).tolist() == [labels[int(row) % len(cells)] for row in part.x[:, 0]]
    assert CsvFile(**dataset.config).config == dataset.config


def test_a_cell_that_is_no_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="the target holds 'no', which is none of the classes 'cat', 'dog'"):
        CsvFile(written(tmp_path, IRIS), classes=("cat", "dog")).load("train")
    with pytest.raises(DatasetError, match="label 2 in row 2 is out of range: labels are 0 to 1"):
        CsvFile(written(tmp_path, FLOWERS), classes=("cat", "dog")).load("train")


def test_how_the_file_is_written_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "maße.csv"
    text = "Größe;Preis\n" + "".join(f"{row},5;{row},25\n" for row in range(10))
    path.write_bytes(gzip.compress(text.encode("cp1252")))
    train = CsvFile(path, delimiter=";", decimal=",", encoding="cp1252", test_fraction=0.5).load("train")
    assert (train.names, train.target_name) == (("Größe",), "Preis")
    np.testing.assert_allclose(targets(train), train.x - 0.25)


@pytest.mark.parametrize(("largest", "kind"), [(2**53, "i"), (2**53 + 2, "f")])
def test_integers_that_float64_does_not_tell_apart_are_real_numbers(tmp_path: Path, largest: int, kind: str) -> None:
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
        ({"classes": "ab"}, "classes"),
        ({"classes": ("a",)}, "classes"),
        ({"classes": ("a", 1)}, "classes"),
        ({"classes": ("a", "a")}, "classes"),
        ({"decimal": "'"}, "decimal"),
        ({"decimal": ","}, "decimal"),
        ({"encoding": "no such"}, "encoding"),
        ({"encoding": "hex"}, "encoding"),
        ({"encoding": None}, "encoding"),
        ({"path": b"bytes"}, "path"),
        ({"path": ""}, "path"),
        ({"header": "yes"}, "header"),
        ({"delimiter": "::"}, "delimiter"),
        ({"test_fraction": 2}, "test_fraction"),
        ({"seed": 0.5}, "seed"),
        ({"maximum_bytes": -1}, "maximum_bytes"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=f"CsvFile: {name} must "):
        CsvFile(**{"path": "table.csv", **arguments})


def test_classes_and_numbers_exclude_each_other() -> None:
    with pytest.raises(ArgumentError, match="classes name labels, so labels=False cannot go with them"):
        CsvFile("table.csv", classes=("a", "b"), labels=False)


def test_a_path_may_be_a_path_and_stays_one(tmp_path: Path) -> None:
    path = Path(written(tmp_path, FLOWERS))
    assert CsvFile(path).path is path
    assert len(CsvFile(path).load("train")) == 24


def test_it_is_rebuilt_from_its_arguments() -> None:
    dataset = CsvFile("table.csv", target="price", labels=False, header=True, delimiter=";")
    assert CsvFile(**dataset.config).config == dataset.config
