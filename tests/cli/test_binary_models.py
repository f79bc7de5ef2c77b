"""``run``, ``evaluate``, ``predict --classes`` and ``inspect`` of models of two classes, and of labels."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import layerkit as kit
from layerkit import F1, Adam, BinaryCrossEntropy, Dense, Examples, Moons, Sequential, Trainer
from tests.cli.conftest import Command
from tests.data.files import targets

X = np.random.default_rng(0).normal(size=(40, 2)).round(3)
TAGS = X > 0.2


@pytest.fixture
def moons(tmp_path: Path) -> Path:
    """A model of the moons with a threshold of its own."""
    model = Sequential([Dense(1)])
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.05), metrics=[F1()], seed=0)
    trainer.fit(Moons(), epochs=10)
    trainer.tune_threshold(Moons(seed=1).load("train"))
    kit.save(model, tmp_path / "moons.safetensors", cost=BinaryCrossEntropy())
    return tmp_path / "moons.safetensors"


def tags(folder: Path, *, names: bool) -> Path:
    """A model of two labels, and a table to predict from."""
    model = Sequential([Dense(2)]).initialize(2, seed=0)
    model.parameters["0.weight"][...] = 9 * np.eye(2)
    model.parameters["0.bias"][...] = -1.8
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(1e-6), seed=0)
    trainer.fit(Examples(X, TAGS * 1, classes=("red, dark", "blue") if names else None), epochs=1)
    kit.save(model, folder / "tags.safetensors", cost=BinaryCrossEntropy())
    np.savetxt(folder / "x.csv", X, delimiter=",")
    return folder / "tags.safetensors"


def test_the_measures_of_two_classes_are_asked_for_by_name(layerkit: Command, moons: Path) -> None:
    names = ("f1", "precision", "recall", "roc-auc", "binary-accuracy", '{ component = "f1", average = "macro" }')
    options = [part for name in names for part in ("--metric", name)]
    result = layerkit("evaluate", str(moons), "moons", "--json", *options)
    assert result.code == 0, result.err
    measured = json.loads(result.out)
    assert set(measured) == {"cost", "f1", "precision", "recall", "roc_auc", "binary_accuracy", "f1_macro"}
    test, model = Moons().load("test"), kit.load(moons)
    labels = targets(test)
    yes = model.classify(test.x) == "lower"
    assert measured["precision"] == pytest.approx((labels == 1)[yes].mean())
    assert measured["recall"] == pytest.approx(yes[labels == 1].mean())
    # the model's own threshold counts, not ½
    assert model.threshold != 0.5
    assert json.loads(layerkit("evaluate", str(moons), "moons", "--json").out)["accuracy"] == pytest.approx(
        (yes == labels).mean()
    )
    assert "f1 " in layerkit("evaluate", str(moons), "moons", "--metric", "f1").out


def test_what_is_taken_for_what_is_printed_and_given_to_programs(
    layerkit: Command, moons: Path, tmp_path: Path
) -> None:
    options = ("--metric", "confusion-matrix", "--metric", "log-loss")
    lines = layerkit("evaluate", str(moons), "moons", *options).out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["cost", "log_loss"]
    assert lines[2:5] == ["", "confusion", "rows: the true class, columns: taken for"]
    told = json.loads(layerkit("evaluate", str(moons), "moons", *options, "--json").out)
    assert told["confusion"]["classes"] == ["upper", "lower"]
    assert sum(map(sum, told["confusion"]["counts"])) == 1000
    report = tmp_path / "r.json"
    printed = layerkit("run", "moons", "--quick", "--epochs", "1", *options, "--json", str(report)).out
    assert "test log loss" in printed
    # the end of the run shows it in any case
    assert printed.count("rows: the true class") == 1
    written = json.loads(report.read_text())
    assert written["confusion"] == written["test_confusion"]["counts"]
    assert {"test_log_loss"} < set(written["epochs"][0])


def test_labels_have_a_table_each_at_the_end_of_a_run(layerkit: Command, tmp_path: Path) -> None:
    np.savez(tmp_path / "tags.npz", x_train=X, y_train=TAGS * 1, x_test=X, y_test=TAGS * 1)
    (tmp_path / "tags.toml").write_text(
        'layers = [{ component = "dense", units = 2 }]\ncost = "binary-cross-entropy"\noptimizer = "adam"\n'
        '[dataset]\ncomponent = "npz"\npath = "tags.npz"\n[training]\nepochs = 2\n'
    )
    result = layerkit("run", str(tmp_path / "tags.toml"), "--metric", "confusion-matrix", "--metric", "f1")
    assert result.code == 0, result.err
    assert "test confusion\n" in result.out
    assert "false alarms" in result.out


def test_a_measure_that_is_none_is_told(layerkit: Command, moons: Path) -> None:
    result = layerkit("evaluate", str(moons), "moons", "--metric", "f1_score")
    assert result.code == 2
    assert "--metric" in result.err
    assert "Did you mean 'f1'?" in result.err


def test_inspect_shows_a_threshold_of_its_own(layerkit: Command, moons: Path, tmp_path: Path) -> None:
    threshold = kit.load(moons).threshold
    assert f"threshold  {threshold}\n" in layerkit("inspect", str(moons)).out
    assert json.loads(layerkit("inspect", str(moons), "--json").out)["model"]["threshold"] == threshold
    plain = tags(tmp_path, names=False)
    assert "threshold" not in layerkit("inspect", str(plain)).out
    model = kit.load(plain)
    model.threshold = (0.25, 0.5)
    kit.save(model, plain)
    assert "threshold  0.25, 0.5\n" in layerkit("inspect", str(plain)).out


def test_predicted_classes_are_those_of_classify(layerkit: Command, moons: Path, tmp_path: Path) -> None:
    test = Moons(test=30).load("test")
    wanted = kit.load(moons).classify(test.x).tolist()
    lines = ["up,across", *(f"{up},{across}" for across, up in test.x.tolist())]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert layerkit("predict", str(moons), str(tmp_path / "t.csv"), "--classes").out.split() == ["class", *wanted]


@pytest.mark.parametrize("names", [False, True])
def test_several_labels_of_an_example_are_predicted(layerkit: Command, tmp_path: Path, names: bool) -> None:
    model, table = str(tags(tmp_path, names=names)), str(tmp_path / "x.csv")
    printed = list(csv.reader(io.StringIO(layerkit("predict", model, table, "--classes").out)))
    for suffix in ("json", "npz"):
        assert layerkit("predict", model, table, "--classes", "-o", str(tmp_path / f"p.{suffix}")).code == 0
    as_json = json.loads((tmp_path / "p.json").read_text())["predictions"]
    archive = np.load(tmp_path / "p.npz")["predictions"]
    if names:
        lists = [[name for name, yes in zip(("red, dark", "blue"), row, strict=True) if yes] for row in TAGS]
        assert printed == [["class"], *([", ".join(each)] for each in lists)]
        assert as_json == lists
        assert archive.tolist() == [", ".join(each) for each in lists]
    else:
        assert printed == [["0", "1"], *([str(int(yes)) for yes in row] for row in TAGS)]
        assert as_json == archive.tolist() == TAGS.tolist()


def test_one_output_is_enough_for_two_classes(layerkit: Command) -> None:
    assert layerkit("run", "moons", "--layers", "4,1", "--epochs", "1", "--activation", "relu").code == 0
    assert layerkit("run", "moons", "--layers", "4,2", "--epochs", "1", "--cost", "cross-entropy").code == 0
    result = layerkit("run", "moons", "--layers", "4,3", "--epochs", "1", "--cost", "cross-entropy")
    assert result.code == 2
    assert "the data has 2 classes" in result.err


def test_a_run_of_two_classes_ends_with_their_confusion(layerkit: Command, tmp_path: Path) -> None:
    result = layerkit("run", "moons", "--quick", "--json", str(tmp_path / "r.json"))
    assert result.code == 0
    assert "test f1" in result.out
    assert "rows: the true class, columns: taken for" in result.out
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["classes"] == ["upper", "lower"]
    confusion = np.array(told["confusion"])
    assert confusion.sum(axis=1).tolist() == [500, 500]
    assert confusion.trace() / 1000 == pytest.approx(told["test_binary_accuracy"])
