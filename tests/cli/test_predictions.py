"""``layerkit predict``: forms of what is printed, images, and data that is larger than memory."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import CrossEntropy, Dense, Flatten, Schema, Sequential, Sigmoid, Softmax, Standardize
from layerkit.cli.data_arguments import file_form
from layerkit.cli.input_pieces import ROWS, input_pieces
from layerkit.data.archive import npz_pieces
from layerkit.data.csv import table_pieces
from tests.cli.conftest import Command

NAMES = ("a cat", 'a "dog",\n', "<b>")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A classifier of three classes that standardises its inputs by what it has learnt of them."""
    model = Sequential([Standardize(), Dense(3)]).initialize(2, seed=0)
    for values, given in zip(model.states.values(), ([3.0, -4.0], [2.0, 8.0]), strict=False):
        values[...] = given
    model.readout = Softmax()
    model.schema = Schema(columns=("width", "height"), classes=NAMES)
    kit.save(model, tmp_path / "model.safetensors", cost=CrossEntropy())
    return tmp_path / "model.safetensors"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "new.csv").write_text("height,width\n1,2\n-30,4\n5.5,-6\n")
    return tmp_path / "new.csv"


X = np.array([[2, 1], [4, -30], [-6, 5.5]])


def test_probabilities_have_the_names_of_classes(layerkit: Command, file: Path, table: Path) -> None:
    model = kit.load(file)
    rows = list(csv.reader(io.StringIO(layerkit("predict", str(file), str(table), "--probabilities").out)))
    assert rows[0] == ["class", *(f"probability_{name}" for name in NAMES)]
    assert [row[0] for row in rows[1:]] == model.classify(X).tolist()
    assert np.array_equal(np.array([row[1:] for row in rows[1:]], np.float32), model.predict(X))


def test_lines_of_json_are_an_object_an_example(layerkit: Command, file: Path, table: Path, tmp_path: Path) -> None:
    model = kit.load(file)
    call = ("predict", str(file), str(table))
    told = [json.loads(line) for line in layerkit(*call, "--format", "jsonl", "--probabilities").out.splitlines()]
    assert [row["class"] for row in told] == model.classify(X).tolist()
    assert np.array_equal(np.array([list(row["probabilities"].values()) for row in told], np.float32), model.predict(X))
    assert list(told[0]["probabilities"]) == list(NAMES)
    for _ in range(2):
        # its own lines are replaced
        assert layerkit(*call, "-o", str(tmp_path / "out.jsonl"), "--classes").code == 0
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"class": name} for name in model.classify(X).tolist()]
    plain = [json.loads(line)["prediction"] for line in layerkit(*call, "--format", "jsonl").out.splitlines()]
    assert np.array_equal(np.array(plain, np.float32), model.predict(X))


def test_of_one_output_both_classes_have_a_probability(layerkit: Command, tmp_path: Path) -> None:
    model = Sequential([Dense(1)]).initialize(2, seed=0)
    model.readout = Sigmoid()
    kit.save(model, tmp_path / "m.safetensors")
    np.savez(tmp_path / "x.npz", x=X)
    out = layerkit("predict", str(tmp_path / "m.safetensors"), str(tmp_path / "x.npz"), "--probabilities").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert np.array_equal(np.array([row["probability_1"] for row in rows], np.float32), model.predict(X)[:, 0])
    assert all(float(row["probability_0"]) + float(row["probability_1"]) == pytest.approx(1) for row in rows)


def test_what_does_not_go_together_is_refused(layerkit: Command, file: Path, table: Path, tmp_path: Path) -> None:
    call = ("predict", str(file), str(table))
    for options, told in (
        (["--format", "xml"], "--format must be csv or jsonl"),
        (["--format", "csv", "-o", str(tmp_path / "o.jsonl")], "is a .jsonl file"),
        (["--probabilities", "-o", str(tmp_path / "o.npz")], "go to a .csv or .jsonl file"),
        (["--fit", "squeeze"], "--fit"),
    ):
        result = layerkit(*call, *options)
        assert (result.code, told in result.err) == (2, True), result.err
    kit.save(Sequential([Dense(2)]).initialize(2, seed=0), file)
    result = layerkit(*call, "--probabilities")
    assert result.code == 2
    assert "leave it out" in result.err


class Endless:
    """A table that is longer than any memory: what it has given is counted, and it ends the test if nobody stops."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return b"1,2\n" * (size // 4)


def test_a_table_is_read_as_far_as_it_is_asked_for() -> None:
    source = Endless()
    pieces = table_pieces(source, "endless")
    rows = sum(len(next(pieces).values) for _ in range(3))
    assert rows * 4 <= source.given <= 8 * 2**20


def test_pieces_are_predicted_as_the_whole_is(layerkit: Command, file: Path, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(2 * ROWS + 300, 2)).astype(np.float32)
    np.savez(tmp_path / "x.npz", y=np.zeros(3), x=x)
    np.savez_compressed(tmp_path / "f.npz", x=np.asfortranarray(x))
    np.savetxt(tmp_path / "x.csv", x, delimiter=",", fmt="%.9g")
    expected = kit.load(file).predict(x)
    for name in ("x.npz", "f.npz", "x.csv"):
        assert layerkit("predict", str(file), str(tmp_path / name), "-o", str(tmp_path / "p.npz")).code == 0
        assert np.array_equal(np.load(tmp_path / "p.npz")["predictions"], expected), name
    sizes = [len(each) for each in npz_pieces(tmp_path / "x.npz", ("x",), ROWS)]
    assert sizes == [ROWS, ROWS, 300]
    form = file_form(target=None, header=None, delimiter=None, decimal=".", encoding="utf-8", transposed=False)
    pieces: Iterator[Any] = input_pieces([str(tmp_path / "x.csv")], kit.load(file), form, split=None, data_dir=None)
    assert [len(piece.x) for piece in pieces] == [ROWS, ROWS, 300]


def test_an_error_in_a_later_piece_leaves_no_file(layerkit: Command, file: Path, tmp_path: Path) -> None:
    rows = "1,2\n" * 600_000
    (tmp_path / "x.csv").write_text(f"{rows}oops,2\n")
    result = layerkit("predict", str(file), str(tmp_path / "x.csv"), "-o", str(tmp_path / "p.csv"))
    assert result.code == 1
    assert "line 600001" in result.err
    assert not (tmp_path / "p.csv").exists()


def test_without_pillow_images_say_what_is_missing(
    layerkit: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.save(Sequential([Flatten(), Dense(3)]).initialize((4, 6), seed=0), file)
    monkeypatch.setitem(sys.modules, "PIL", None)
    result = layerkit("predict", str(file), "a.png")
    assert result.code == 1
    assert 'pip install "layerkit[images]"' in result.err


@pytest.mark.extra
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 3), (24,), (None, None, 1)])
def test_images_are_predicted_with_the_name_of_each_file(
    layerkit: Command, tmp_path: Path, shape: tuple[Any, ...]
) -> None:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    channels = (3,) if shape[-1] == 3 and len(shape) == 3 else ()
    pixels = rng.integers(0, 256, (3, 4, 6, *channels), np.uint8)
    (tmp_path / "new").mkdir()
    for name, each in zip("cab", pixels, strict=True):
        image.fromarray(each).save(tmp_path / "new" / f"{name}.png")
    whole = (4, 6, 1) if None in shape else shape
    model = Sequential([Flatten(), Dense(3)] if None not in shape else [Standardize()]).initialize(shape, seed=0)
    kit.save(model, tmp_path / "m.safetensors")
    expected = model.predict(pixels[[1, 2, 0]].reshape(3, *whole))
    out = layerkit("predict", str(tmp_path / "m.safetensors"), f"{tmp_path}/new/", "--format", "jsonl").out
    rows = [json.loads(line) for line in out.splitlines()]
    assert [Path(row["file"]).name for row in rows] == ["a.png", "b.png", "c.png"]
    assert np.allclose([row["prediction"] for row in rows], expected, rtol=1e-3)
    files = [str(tmp_path / "new" / f"{name}.png") for name in "cab"]
    table = layerkit("predict", str(tmp_path / "m.safetensors"), *files).out
    assert [row["file"] for row in csv.DictReader(io.StringIO(table))] == files


@pytest.mark.extra
def test_images_of_other_sizes_are_brought_to_the_models(layerkit: Command, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    model = Sequential([Flatten(), Dense(3)]).initialize((4, 6), seed=0)
    kit.save(model, tmp_path / "m.safetensors")
    for name, sides in (("a", (8, 12)), ("b", (40, 40))):
        image.fromarray(np.full(sides, 100, np.uint8)).save(tmp_path / f"{name}.png")
    call = ("predict", str(tmp_path / "m.safetensors"), *(str(tmp_path / f"{name}.png") for name in "ab"))
    rows = [json.loads(line)["prediction"] for line in layerkit(*call, "--format", "jsonl").out.splitlines()]
    assert np.allclose(rows, model.predict(np.full((2, 4, 6), 100.0)), rtol=1e-3)
    padded = [
        json.loads(e)["prediction"] for e in layerkit(*call, "--format", "jsonl", "--fit", "pad").out.splitlines()
    ]
    assert np.allclose(padded[0], rows[0])
    assert not np.allclose(padded[1], rows[1])
