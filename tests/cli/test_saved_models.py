"""``layerkit inspect``, ``evaluate`` and ``predict``."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

import layerkit as kit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import Adam, Checkpoint, CrossEntropy, Dense, Digits, Flatten, Rescale, Sequential, Trainer
from layerkit.data.examples import Examples
from tests.cli.conftest import Command
from tests.registry.installation import HEAD, Installation


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model of digits, trained a little."""
    model = Sequential([Rescale(1 / 16), Flatten(), Dense(10)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), seed=0)
    trainer.fit(Digits(), epochs=3, callbacks=[Checkpoint(tmp_path / "run.safetensors")])
    kit.save(model, tmp_path / "model.safetensors", cost=CrossEntropy())
    return tmp_path / "model.safetensors"


@pytest.fixture
def digits() -> Examples:
    return Digits().load("test")


def test_inspect_shows_what_a_file_holds(layerkit: Command, file: Path) -> None:
    result = layerkit("inspect", str(file))
    assert result.code == 0
    for text in ("model, format 4", "650 parameters in float32", "softmax()", "dense(", "layerkit/dense", "(64, 10)"):
        assert text in result.out
    told = json.loads(layerkit("inspect", str(file), "--json").out)
    assert told["kind"] == "model"
    assert told["parameters"] == 650


def test_inspect_shows_where_a_checkpoint_stands(layerkit: Command, file: Path) -> None:
    result = layerkit("inspect", str(file.with_name("run.safetensors")))
    assert "epoch 3" in result.out
    assert "numpy" in result.out


def test_inspect_prints_nothing_that_commands_a_terminal(layerkit: Command, file: Path) -> None:
    anatomy = Anatomy.of(file.read_bytes())
    anatomy.envelope["content"]["layerkit"] = "\x1b]0;owned\x07"
    anatomy.envelope["content"]["components"]["\x1b[2J"] = {"distribution": "\x1b[31m", "version": "1"}
    anatomy.sign()
    file.write_bytes(anatomy.assemble())
    result = layerkit("inspect", str(file))
    assert result.code == 0
    assert "\x1b" not in result.out
    assert "\x07" not in result.out


def test_evaluate_on_a_data_set(layerkit: Command, file: Path, digits: Examples) -> None:
    result = layerkit("evaluate", str(file), "digits", "--json")
    assert result.code == 0
    measured = json.loads(result.out)
    right = kit.load(file).predict(digits.x).argmax(axis=1) == digits.y
    assert measured["accuracy"] == pytest.approx(right.mean())
    assert set(measured) == {"cost", "accuracy"}
    assert json.loads(layerkit("evaluate", str(file.with_name("run.safetensors")), "digits", "--json").out) == measured


def test_evaluate_on_files(layerkit: Command, file: Path, digits: Examples, tmp_path: Path) -> None:
    assert digits.y is not None
    expected = layerkit("evaluate", str(file), "digits").out
    x, y = digits.x, digits.y
    np.savez(tmp_path / "set.npz", x=x, y=y)
    np.savetxt(tmp_path / "set.csv", np.column_stack([x.reshape(len(x), -1), y]), delimiter=",", fmt="%d")
    images = b"\0\0\x08\x03" + b"".join(size.to_bytes(4, "big") for size in (len(x), 8, 8)) + x.tobytes()
    (tmp_path / "images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    (tmp_path / "labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + len(y).to_bytes(4, "big") + y.astype("u1").tobytes())
    for names in (["set.npz"], ["set.csv"], ["images-idx3-ubyte.gz", "labels-idx1-ubyte"]):
        result = layerkit("evaluate", str(file), *(str(tmp_path / name) for name in names))
        assert (result.code, result.out) == (0, expected)


def test_evaluate_by_other_measures(layerkit: Command, file: Path) -> None:
    own = json.loads(layerkit("evaluate", str(file), "digits", "--json").out)
    result = layerkit("evaluate", str(file), "digits", "--cost", "quadratic", "--metric", "accuracy", "--json")
    assert result.code == 0
    measured = json.loads(result.out)
    assert measured["accuracy"] == own["accuracy"]
    model, test = kit.load(file), kit.Digits().load("test")
    one_hot = np.eye(10)[np.asarray(test.y)]
    predicted = ((model.predict(test.x) - one_hot) ** 2).sum(axis=1).mean() / 2
    assert measured["cost"] == pytest.approx(predicted, rel=1e-4)


def test_without_a_cost_evaluate_asks_for_one(layerkit: Command, file: Path) -> None:
    kit.save(kit.load(file), file)
    result = layerkit("evaluate", str(file), "digits")
    assert result.code == 2
    assert "give one, --cost" in result.err
    assert layerkit("evaluate", str(file), "digits", "--cost", "cross-entropy").code == 0


def test_predict_prints_or_writes(layerkit: Command, file: Path, digits: Examples, tmp_path: Path) -> None:
    expected = kit.load(file).predict(digits.x)
    printed = list(csv.reader(io.StringIO(layerkit("predict", str(file), "digits").out)))
    assert printed[0] == ["class", *map(str, range(10))]
    assert np.array_equal(np.array(printed[1:], np.float32)[:, 1:], expected)
    assert [row[0] for row in printed[1:]] == list(map(str, expected.argmax(axis=1)))
    for suffix in ("csv", "json", "npz"):
        assert layerkit("predict", str(file), "digits", "-o", str(tmp_path / f"out.{suffix}")).code == 0
    assert np.array_equal(np.load(tmp_path / "out.npz")["predictions"], expected)
    assert np.array_equal(
        np.array(json.loads((tmp_path / "out.json").read_text())["predictions"], np.float32), expected
    )
    classes = layerkit("predict", str(file), "digits", "--classes").out.split()
    assert classes == ["class", *map(str, expected.argmax(axis=1))]


def test_predict_needs_no_targets(layerkit: Command, file: Path, digits: Examples, tmp_path: Path) -> None:
    expected = layerkit("predict", str(file), "digits").out
    flat = digits.x.reshape(len(digits.x), -1)
    np.savez(tmp_path / "set.npz", x=digits.x)
    np.savetxt(tmp_path / "set.csv", flat, delimiter=",", fmt="%d", header=",".join(["v"] * 64), comments="")
    for name in ("set.npz", "set.csv"):
        assert layerkit("predict", str(file), str(tmp_path / name)).out == expected


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["inspect", "nothing.safetensors"], 1, "could not be read: No such file"),
        (["inspect", "{folder}/junk.csv"], 1, "was refused: it is no safetensors file"),
        (["predict", "{file}", "dogits"], 2, "there is no dataset named 'dogits'"),
        (["predict", "{file}", "{folder}/nothing.npz"], 1, "nothing.npz"),
        (["predict", "{file}", "{folder}/junk.csv"], 1, "it has 2 columns; the model takes 64"),
        (["predict", "{file}", "digits", "-o", "out.txt"], 2, "--output must end in .csv, .jsonl, .json, .npz"),
        (["predict", "{file}", "digits", "-o", "{folder}/none/out.csv"], 2, "cannot be written: there is no folder"),
        (["evaluate", "{file}", "digits", "mnist"], 2, "one data set or file is wanted"),
        (["evaluate", "{file}", "digits", "--cost", "cubic"], 2, "there is no cost named 'cubic'"),
        (["evaluate", "{file}", "images.idx"], 2, "two files"),
        (["predict", "{file}"], 2, "Missing argument"),
    ],
)
def test_what_goes_wrong_is_one_message(
    arguments: list[str], code: int, message: str, layerkit: Command, file: Path
) -> None:
    (file.parent / "junk.csv").write_text("1,2\n3,4\n")
    given = [argument.format(file=file, folder=file.parent) for argument in arguments]
    result = layerkit(*given)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert "Traceback" not in result.err


ROWS = (
    HEAD
    + """
@hookimpl
def layerkit_datasets():
    return [Component("rows", target="{package}.rows:Rows", summary="Rows.")]
"""
)
ROWS_FILE = """
import numpy as np
from layerkit import Dataset, Examples


class Rows(Dataset):
    splits = ("test",)

    def __init__(self, path, *, scale=1.0):
        self.path = path
        self.scale = scale

    def load(self, split):
        rows = np.load(self.path)
        return Examples(self.scale * rows["x"], rows["y"])
"""


def test_a_data_set_with_arguments_of_its_own(
    layerkit: Command, installation: Installation, file: Path, digits: Examples, tmp_path: Path
) -> None:
    installation.add("acme-data", hooks=ROWS, rows=ROWS_FILE)
    assert digits.y is not None
    np.savez(tmp_path / "set.npz", x=digits.x / 2, y=digits.y)
    table = f"{{ component = 'acme/rows', path = '{tmp_path / 'set.npz'}', scale = 2.0 }}"
    for command in ("evaluate", "predict"):
        assert layerkit(command, str(file), table).out == layerkit(command, str(file), "digits").out
    result = layerkit("evaluate", str(file), "acme/rows")
    assert result.code == 2
    assert "needs the argument 'path'" in result.err
    assert "give a table, '{ component = \"acme/rows\", … }'" in " ".join(result.err.split())
    assert "no table of TOML" in layerkit("predict", str(file), "{ component = acme/rows }").err
