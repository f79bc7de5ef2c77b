"""``layerkit predict``: classes and probabilities by name, a line of JSON a row, images, data larger than memory."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import Adam, BinaryCrossEntropy, CrossEntropy, Dense, Examples, Flatten, Quadratic, Sequential, Trainer
from tests.cli.conftest import Command

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def saved(folder: Path, cost: Any, outputs: int, y: Any, **names: Any) -> str:
    model = Sequential([Dense(outputs)])
    trainer = Trainer(model, cost=cost, optimizer=Adam(0.1), seed=0)
    trainer.fit(Examples(X, y, **names), epochs=3, batch_size=8)
    kit.save(model, folder / "model.safetensors", cost=cost)
    return str(folder / "model.safetensors")


@pytest.fixture
def table(tmp_path: Path) -> str:
    np.savetxt(tmp_path / "x.csv", X, delimiter=",", header="a,b,c", comments="")
    return str(tmp_path / "x.csv")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_classes_and_probabilities_by_name(layerkit: Command, tmp_path: Path, table: str) -> None:
    file = saved(tmp_path, CrossEntropy(), 3, np.arange(40) % 3, classes=("ant", "bee", "cow"))
    wanted = kit.load(file).predict(X)
    printed = list(csv.DictReader(io.StringIO(layerkit("predict", file, table).out)))
    assert list(printed[0]) == ["class", "ant", "bee", "cow"]
    assert [row["class"] for row in printed] == kit.load(file).classify(X).tolist()
    np.testing.assert_allclose([float(row["bee"]) for row in printed], wanted[:, 1], rtol=1e-6)
    objects = lines(layerkit("predict", file, table, "--format", "jsonl").out)
    assert [each["class"] for each in objects] == [row["class"] for row in printed]
    np.testing.assert_allclose([each["probabilities"]["cow"] for each in objects], wanted[:, 2], rtol=1e-6)
    assert lines(layerkit("predict", file, table, "--classes", "--format", "jsonl").out)[0] == {
        "class": printed[0]["class"]
    }


def test_one_output_has_both_classes(layerkit: Command, tmp_path: Path, table: str) -> None:
    file = saved(tmp_path, BinaryCrossEntropy(), 1, np.arange(40) % 2, classes=("no", "yes"))
    wanted = kit.load(file).predict(X)[:, 0]
    first = lines(layerkit("predict", file, table, "--format", "jsonl").out)[0]
    assert first["class"] == ("yes" if wanted[0] > 0.5 else "no")
    assert first["probabilities"] == pytest.approx({"no": 1 - wanted[0], "yes": wanted[0]}, rel=1e-6)
    assert layerkit("predict", file, table).out.splitlines()[0] == "class,yes"


def test_labels_that_hold_or_not(layerkit: Command, tmp_path: Path, table: str) -> None:
    y = np.random.default_rng(1).integers(0, 2, (40, 2))
    file = saved(tmp_path, BinaryCrossEntropy(), 2, y, classes=("fast", "red"))
    told = lines(layerkit("predict", file, table, "--format", "jsonl").out)
    assert [each["class"] for each in told] == kit.load(file).classify(X).tolist()
    assert set(told[0]["probabilities"]) == {"fast", "red"}
    assert layerkit("predict", file, table).out.splitlines()[0] == "class,fast,red"


def test_numbers_by_the_names_of_the_target(layerkit: Command, tmp_path: Path, table: str) -> None:
    file = saved(tmp_path, Quadratic(), 2, X[:, :2], target_name=("width", "height"))
    assert layerkit("predict", file, table).out.splitlines()[0] == "predicted width,predicted height"
    first = lines(layerkit("predict", file, table, "--format", "jsonl").out)[0]
    assert set(first["prediction"]) == {"width", "height"}
    plain = saved(tmp_path, Quadratic(), 1, X[:, :1])
    assert layerkit("predict", plain, table).out.splitlines()[0] == "0"
    assert isinstance(lines(layerkit("predict", plain, table, "--format", "jsonl").out)[0]["prediction"], list)


def test_a_row_that_tells_no_class_has_none(layerkit: Command, tmp_path: Path) -> None:
    file = saved(tmp_path, CrossEntropy(), 2, np.arange(40) % 2, classes=("no", "yes"))
    np.savez(tmp_path / "x.npz", x=np.array([[1, 2, 3], [math.nan, 0, 0]], np.float32))
    told = lines(layerkit("predict", file, str(tmp_path / "x.npz"), "--format", "jsonl").out)
    assert told[1]["class"] is None
    assert told[0]["class"] in ("no", "yes")
    assert layerkit("predict", file, str(tmp_path / "x.npz")).out.splitlines()[2].startswith(",nan")
    assert "row 1 has no class" in layerkit("predict", file, str(tmp_path / "x.npz"), "--classes").err


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json", "npz"])
def test_many_rows_are_those_of_all_at_once(layerkit: Command, tmp_path: Path, ending: str) -> None:
    file = saved(tmp_path, CrossEntropy(), 2, np.arange(40) % 2, classes=("no", "yes"))
    x = np.random.default_rng(2).normal(size=(9001, 3)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)
    np.savetxt(tmp_path / "x.csv", x, delimiter=",")
    places = [tmp_path / f"{name}.{ending}" for name in ("one", "other")]
    for source, place in zip(("x.npz", "x.csv"), places, strict=True):
        assert layerkit("predict", file, str(tmp_path / source), "-o", str(place)).code == 0
    if ending == "npz":
        found = np.load(places[0])["predictions"]
    elif ending == "json":
        found = np.array(json.loads(places[0].read_text())["predictions"], np.float32)
    else:
        assert places[0].read_bytes() == places[1].read_bytes()
        rows = places[0].read_text().splitlines()
        assert len(rows) == 9001 + (ending == "csv")
        found = np.array([[float(each) for each in row.split(",")[1:]] for row in rows[1:]] if ending == "csv" else [])
    if len(found):
        np.testing.assert_allclose(found, kit.load(file).predict(x), rtol=1e-5)
    # written again over its own kind, and over no other
    assert layerkit("predict", file, str(tmp_path / "x.npz"), "-o", str(places[0])).code == 0
    places[0].write_text("price,area\n1,2\n")
    assert (
        "something other than predictions"
        in layerkit("predict", file, str(tmp_path / "x.npz"), "-o", str(places[0])).err
    )


def test_an_error_far_down_leaves_the_old_file(layerkit: Command, tmp_path: Path) -> None:
    file = saved(tmp_path, CrossEntropy(), 2, np.arange(40) % 2)
    (tmp_path / "x.csv").write_text("1,2,3\n" * 400_000 + "1,2,oops\n")
    (tmp_path / "out.csv").write_text("class,0,1\n")
    result = layerkit("predict", file, str(tmp_path / "x.csv"), "-o", str(tmp_path / "out.csv"))
    assert result.code == 1
    assert "line 400001" in result.err
    assert (tmp_path / "out.csv").read_text() == "class,0,1\n"
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name or "tmp" in path.name] == []


def test_a_table_without_rows_and_options_that_say_nothing(layerkit: Command, tmp_path: Path, table: str) -> None:
    file = saved(tmp_path, CrossEntropy(), 2, np.arange(40) % 2)
    (tmp_path / "none.csv").write_text("a,b,c\n")
    assert "a header, but no rows" in layerkit("predict", file, str(tmp_path / "none.csv"), "--header").err
    assert "--fit pad tells how images are brought" in layerkit("predict", file, table, "--fit", "pad").err
    assert "tells by its ending" in layerkit("predict", file, table, "-o", "x.csv", "--format", "jsonl").err


@pytest.mark.thorough
def test_memory_does_not_follow_the_rows(tmp_path: Path) -> None:
    import subprocess

    file = saved(tmp_path, CrossEntropy(), 2, np.arange(40) % 2)
    program = (
        "import resource, sys; from layerkit.cli.main import main; sys.argv[1:] = sys.argv[1:]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    peaks = []
    for rows in (20_000, 2_000_000):
        np.savez(tmp_path / "x.npz", x=np.zeros((rows, 3)))
        arguments = ["predict", file, str(tmp_path / "x.npz"), "-o", str(tmp_path / "out.csv")]
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
        peaks.append(int(done.stderr.split()[-1]))
    # 48 MB of numbers, and more of text
    assert peaks[1] < peaks[0] + 16_000
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 2_000_001


@pytest.mark.extra
def test_images_are_named_and_brought_to_the_models_size(layerkit: Command, tmp_path: Path) -> None:
    Image = pytest.importorskip("PIL.Image", reason='Pillow is not installed: pip install "layerkit[images]"')  # noqa: N806
    for name, value in (("dark", 20), ("light", 230)):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(4):
            pixels = np.full((6 + number, 6), value, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "set" / name / f"{number}.png")
    model = Sequential([kit.Rescale(1 / 255), Flatten(), Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.1), seed=0)
    trainer.fit(kit.ImageFolder(tmp_path / "set", size=(6, 6)).load("train"), epochs=30, batch_size=4)
    file = str(tmp_path / "model.safetensors")
    kit.save(model, file, cost=CrossEntropy())
    told = lines(layerkit("predict", file, str(tmp_path / "set"), "--format", "jsonl").out)
    assert [Path(each["file"]).parent.name for each in told] == [each["class"] for each in told]
    assert len(told) == 8
    one = layerkit("predict", file, str(tmp_path / "set" / "light" / "3.png"), "--fit", "stretch").out.splitlines()
    assert one[0] == "file,class,dark,light"
    measured = json.loads(layerkit("evaluate", file, str(tmp_path / "set"), "--json").out)
    assert measured["accuracy"] == 1
    assert "all must be images" in layerkit("predict", file, str(tmp_path / "set"), "x.csv").err
    flat = Sequential([Dense(2)]).initialize(36, seed=0)
    kit.save(flat, tmp_path / "flat.safetensors")
    assert (
        "with Flatten as its first layer"
        in layerkit("predict", str(tmp_path / "flat.safetensors"), str(tmp_path / "set")).err
    )


def test_what_does_not_add_up_to_1_is_no_probability(layerkit: Command, tmp_path: Path, table: str) -> None:
    model = Sequential([Dense(3, activation=kit.Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.1), seed=0)
    trainer.fit(Examples(X, np.arange(40) % 3, classes=("ant", "bee", "cow")), epochs=1, batch_size=8)
    kit.save(model, tmp_path / "model.safetensors", cost=Quadratic())
    file = str(tmp_path / "model.safetensors")
    first = lines(layerkit("predict", file, table, "--format", "jsonl").out)[0]
    assert set(first) == {"class", "scores"}
    ended = Sequential([Dense(3, activation=kit.Softmax())])
    Trainer(ended, cost=Quadratic(), optimizer=Adam(0.1), seed=0).fit(
        Examples(X, np.arange(40) % 3, classes=("ant", "bee", "cow")), epochs=1, batch_size=8
    )
    kit.save(ended, file, cost=Quadratic())
    assert set(lines(layerkit("predict", file, table, "--format", "jsonl").out)[0]) == {"class", "probabilities"}
