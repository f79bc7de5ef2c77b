"""Data files on the command line: ``layerkit evaluate`` and ``predict`` on tables, arrays and images of many kinds."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import CrossEntropy, Dense, Sequential
from tests.cli.conftest import Command
from tests.data.files import idx_bytes

X = np.array([[0.5, 2], [1.5, -3], [2.5, 0], [-1, 4], [0, 7], [8, 1]])
LABELS = [0, 1, 2, 0, 1, 2]
WORDS = ("cat", "dog", "elk")


@pytest.fixture
def model(tmp_path: Path) -> str:
    """The file of a network of two inputs and three outputs."""
    network = Sequential([Dense(3)])
    network.initialize((2,), seed=0)
    kit.save(network, tmp_path / "model.safetensors", cost=CrossEntropy())
    return str(tmp_path / "model.safetensors")


def table(*, words: bool = False, header: str = "", delimiter: str = ",", targets: bool = True) -> str:
    rows = [
        [*map(str, row), *([WORDS[label] if words else str(label)] if targets else [])]
        for row, label in zip(X.tolist(), LABELS, strict=True)
    ]
    return "".join(f"{line}\n" for line in [*([header] if header else []), *map(delimiter.join, rows)])


@pytest.fixture
def expected(layerkit: Command, model: str, tmp_path: Path) -> dict[str, float]:
    np.savez(tmp_path / "plain.npz", x=X, y=LABELS)
    measured: dict[str, float] = json.loads(layerkit("evaluate", model, str(tmp_path / "plain.npz"), "--json").out)
    assert set(measured) == {"cost", "accuracy"}
    return measured


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", table().encode()),
        ("T.CSV", table(header="0,1,label").encode()),
        ("t.csv", table(words=True).encode()),
        ("t.csv", table(words=True, header="a,b,kind").replace("\n", "\r").encode()),
        ("t.tsv.csv", table().encode()),
        ("of.tsv.files/t.csv", table().encode()),
        ("t.csv.gz", gzip.compress(table(header="a,b,kind").encode(), mtime=0)),
        ("t.tsv", table(delimiter="\t").encode()),
        ("T.TSV.GZ", gzip.compress(table(delimiter="\t", words=True).encode(), mtime=0)),
    ],
)
def test_tables_are_read(
    layerkit: Command, model: str, expected: dict[str, float], tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    result = layerkit("evaluate", model, str(tmp_path / name), "--json")
    assert (result.code, json.loads(result.out)) == (0, expected)
    predicted = layerkit("predict", model, str(tmp_path / name))
    assert predicted.out == layerkit("predict", model, str(tmp_path / "plain.npz")).out


@pytest.mark.parametrize("words", [False, True])
def test_a_table_comes_from_standard_input(
    layerkit: Command, model: str, expected: dict[str, float], monkeypatch: pytest.MonkeyPatch, words: bool
) -> None:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give(table(words=words, header="a,b,kind"))
    assert json.loads(layerkit("evaluate", model, "-", "--json").out) == expected
    give(table(targets=False))
    result = layerkit("predict", model, "-")
    assert (result.code, result.out.count("\n")) == (0, 7)
    give("1,2,3\n4,x,6\n")
    result = layerkit("predict", model, "-")
    assert result.code == 1
    assert "standard input, line 2: column 2 is 'x', not a number" in result.err
    monkeypatch.setattr(sys, "stdin", None)
    result = layerkit("predict", model, "-")
    assert (result.code, "there is no standard input" in result.err) == (1, True)


@pytest.mark.parametrize(
    "arrays",
    [
        {"y": np.array(WORDS)[LABELS]},
        {"y": np.array(LABELS), "classes": np.array(["c", "a", "b"])},
        {"y": np.array(WORDS)[LABELS], "classes": np.array(WORDS)},
    ],
)
def test_archives_may_name_classes(
    layerkit: Command, model: str, expected: dict[str, float], tmp_path: Path, arrays: dict[str, Any]
) -> None:
    np.savez(tmp_path / "named.npz", x=X, **arrays)
    assert json.loads(layerkit("evaluate", model, str(tmp_path / "named.npz"), "--json").out) == expected


def test_idx_files_are_known_by_their_first_bytes(
    layerkit: Command, model: str, expected: dict[str, float], tmp_path: Path
) -> None:
    for images, labels in (
        ("images.bin", "labels.bin"),
        ("IMAGES.IDX3-UBYTE", "LABELS.IDX1-UBYTE"),
        ("i.idx3", "l.idx1"),
    ):
        (tmp_path / images).write_bytes(idx_bytes(X))
        (tmp_path / labels).write_bytes(idx_bytes(np.array(LABELS, np.uint8)))
        result = layerkit("evaluate", model, str(tmp_path / images), str(tmp_path / labels), "--json")
        assert (result.code, json.loads(result.out)) == (0, expected)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.npy", b"\x93NUMPY\1\0v\0{'descr'", "it seems to be a single array (.npy): put inputs and targets into one"),
        ("x.txt", b"1 2 0\n3 4 1\n", "it seems to be text: a table is given as .csv"),
        ("x.npz", b"1 2 0\n3 4 1\n", "it seems to be text: a table is given as .csv"),
        ("x.h5", b"\x89HDF\r\n\x1a\n", "it seems to be an HDF5 file"),
        ("x.png", b"\x89PNG\r\n", "is an image without a class: give a folder"),
        ("x.idx", b"\x89PNG\r\n", "two files"),
        ("x.csv", b"PK\3\4\0\0\xff", "it seems to be a zip archive, such as .npz or .xlsx"),
        ("none.txt", None, "there is no such file"),
        ("x.csv", b"1.5,2,cat\n3,4,dog\n", "its target names 2 classes ('cat', 'dog'), and the model has 3 outputs"),
        ("x.csv", b"1,2\n3,4\n", "it has no column beside the model's 2 inputs for the targets"),
        ("x.csv", b"1;2;0\n3;4;1\n", "its cells may be separated by ';'"),
    ],
)
def test_other_files_are_told_what_they_seem_to_be(
    layerkit: Command, model: str, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = layerkit("evaluate", model, str(tmp_path / name))
    assert result.code in (1, 2)
    assert told in " ".join(result.err.split())


def test_a_folder_is_not_taken_for_a_data_set_of_its_name(
    layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Sequential([Dense(10)])
    network.initialize((8, 8), seed=0)
    kit.save(network, tmp_path / "model.safetensors", cost=CrossEntropy())
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert layerkit("predict", "model.safetensors", "digits").code == 0


IMAGES = np.arange(36, dtype=np.uint8).reshape(6, 2, 3)


@pytest.fixture
def idx_model(tmp_path: Path) -> str:
    """The file of a network of images of two by three and three outputs."""
    network = Sequential([kit.Rescale(), kit.Flatten(), Dense(3, initializer=kit.Normal(2.0))])
    network.initialize((2, 3), seed=3)
    kit.save(network, tmp_path / "images.safetensors", cost=CrossEntropy())
    return str(tmp_path / "images.safetensors")


def test_an_idx_pair_is_read_as_the_dataset_reads_it(layerkit: Command, idx_model: str, tmp_path: Path) -> None:
    plain, stored = [tmp_path / "x.idx", tmp_path / "y.idx"], [tmp_path / "x.t.idx", tmp_path / "y.t.idx"]
    labels = np.array(LABELS, np.uint8)
    for files, x, y in (
        (plain, IMAGES, labels),
        (stored, IMAGES.swapaxes(1, 2), np.stack([labels + np.uint8(1), 9 - labels], axis=1)),
    ):
        files[0].write_bytes(idx_bytes(np.ascontiguousarray(x)))
        files[1].write_bytes(idx_bytes(y))
    wanted = json.loads(layerkit("evaluate", idx_model, *map(str, plain), "--json").out)
    options = ("--first-label", "1", "--label-column", "0", "--transposed")
    found = json.loads(layerkit("evaluate", idx_model, *map(str, stored), "--json", *options).out)
    assert found == wanted
    predicted = layerkit("predict", idx_model, str(stored[0]), "--transposed")
    assert predicted.out == layerkit("predict", idx_model, str(plain[0])).out
    assert predicted.out != layerkit("predict", idx_model, str(stored[0])).out


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        ("plain.npz", ["--delimiter", ";"], "--delimiter tells how tables are written, and"),
        ("plain.npz", ["--target", "a"], "plain.npz is an .npz file"),
        ("t.csv", ["--transposed"], "--transposed tells how IDX files are written"),
        ("t.csv", ["--first-label", "1"], "--first-label tells how IDX files are written"),
        ("digits", ["--no-header"], "digits is a data set"),
        ("t.csv", ["--first-label", "-1"], "first_label must be"),
    ],
)
@pytest.mark.usefixtures("expected")
def test_an_option_that_says_nothing_of_the_data_is_refused(
    layerkit: Command, model: str, tmp_path: Path, data: str, options: list[str], told: str
) -> None:
    (tmp_path / "t.csv").write_text(table())
    result = layerkit("evaluate", model, data if data == "digits" else str(tmp_path / data), *options)
    assert result.code == 2
    assert told in result.err


def test_options_that_say_nothing_of_the_data_are_refused(layerkit: Command, model: str, tmp_path: Path) -> None:
    place, whole, parts = (str(tmp_path / name) for name in ("t.csv", "whole.npz", "parts.npz"))
    Path(place).write_text(table())
    np.savez(whole, x=X, y=LABELS)
    np.savez(parts, x_train=X[:2], y_train=LABELS[:2], x_test=X, y_test=LABELS)
    for data in (place, whole):
        refused = layerkit("evaluate", model, data, "--split", "test").err
        assert f"{data} has no parts" in " ".join(refused.split())
    assert layerkit("evaluate", model, parts, "--split", "train").out != layerkit("evaluate", model, parts).out
    assert "--data-dir is for a data set" in layerkit("predict", model, place, "--data-dir", "x").err
    dataset = f'{{ component = "csv", path = "{place}" }}'
    for option in (["--target", "0"], ["--no-header"], ["--delimiter", "tab"]):
        assert option[0].replace("no-", "") in layerkit("evaluate", model, dataset, *option).err
