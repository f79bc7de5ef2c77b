"""A model knows its columns and its classes, and ``evaluate`` and ``predict`` match tables with them by name."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import layerkit as kit
from layerkit import Adam, CrossEntropy, CsvFile, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.models.schema import Schema
from tests.cli.conftest import Command

RNG = np.random.default_rng(0)
A = RNG.normal(size=60).round(3)
B = RNG.normal(size=60).round(3)
C = (RNG.normal(size=60) * 3 + 50).round(3)
KIND = np.where(A > B, "yes", "no")
COLUMNS = {"a": A, "b": B, "c": C, "kind": KIND}


def write(path: Path, *names: str, rows: slice = slice(None), delimiter: str = ",", header: bool = True) -> str:
    table = zip(*(COLUMNS[name][rows].tolist() for name in names), strict=True)
    lines = [delimiter.join(names)] * header + [delimiter.join(map(str, row)) for row in table]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def trained(tmp_path: Path) -> tuple[str, dict[str, float]]:
    """A model that was trained on ``kind,a,b,c``, and what it measures on all rows."""
    data = CsvFile(write(tmp_path / "train.csv", "kind", "a", "b", "c"), target="kind")
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.05), seed=0, metrics=[kit.Accuracy()])
    trainer.fit(data, epochs=30)
    x = np.column_stack([A, B, C])
    measured = trainer.evaluate((x, (KIND == "yes") * 1))
    assert measured["accuracy"] > 0.7
    kit.save(model, tmp_path / "m.safetensors", cost=CrossEntropy())
    return str(tmp_path / "m.safetensors"), measured


@pytest.mark.parametrize("names", list(itertools.permutations(["a", "b", "c", "kind"])))
def test_columns_in_any_order_are_matched(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]], names: tuple[str, ...]
) -> None:
    file, measured = trained
    place = write(tmp_path / "t.csv", *names)
    result = layerkit("evaluate", file, place, "--json")
    assert json.loads(result.out) == pytest.approx(measured, rel=1e-5)
    without = write(tmp_path / "u.csv", *(name for name in names if name != "kind"))
    plain = write(tmp_path / "v.csv", "a", "b", "c", header=False)
    wanted = layerkit("predict", file, plain).out
    assert layerkit("predict", file, without).out == layerkit("predict", file, place).out == wanted


def test_classes_are_told_by_their_names(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]]
) -> None:
    place = write(tmp_path / "t.csv", "c", "b", "a")
    lines = layerkit("predict", trained[0], place, "--classes").out.split()
    assert lines[0] == "class"
    assert np.mean(np.array(lines[1:]) == KIND) == pytest.approx(trained[1]["accuracy"])
    layerkit("predict", trained[0], place, "--classes", "-o", str(tmp_path / "p.npz"))
    layerkit("predict", trained[0], place, "--classes", "-o", str(tmp_path / "p.json"))
    assert np.load(tmp_path / "p.npz")["predictions"].tolist() == lines[1:]
    assert json.loads((tmp_path / "p.json").read_text())["predictions"] == lines[1:]


def test_a_part_of_the_classes_is_matched_by_name(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]]
) -> None:
    only = np.flatnonzero(KIND == "yes")
    COLUMNS["some"] = KIND
    lines = ["kind,a,b,c", *(f"yes,{A[row]},{B[row]},{C[row]}" for row in only)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    predicted = layerkit("predict", trained[0], str(tmp_path / "t.csv"), "--classes").out.split()[1:]
    measured = json.loads(layerkit("evaluate", trained[0], str(tmp_path / "t.csv"), "--json").out)
    assert measured["accuracy"] == pytest.approx(predicted.count("yes") / len(only))
    (tmp_path / "t.csv").write_text("\n".join([*lines, "perhaps,1,1,1"]))
    result = layerkit("evaluate", trained[0], str(tmp_path / "t.csv"))
    assert result.code == 1
    assert "'perhaps'" in result.err


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("kind", "a", "b"), ["lacks 'c'"]),
        (("a", "b"), ["lacks 'c'"]),
    ],
)
def test_what_is_missing_is_named(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]], names: tuple[str, ...], told: list[str]
) -> None:
    place = write(tmp_path / "t.csv", *names)
    for command in ("evaluate", "predict"):
        result = layerkit(command, trained[0], place)
        assert result.code == 1, command
        assert all(text in result.err for text in told), result.err


def test_what_is_too_much_is_named(layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]]) -> None:
    text = Path(write(tmp_path / "t.csv", "a", "b", "c", "kind")).read_text().splitlines()
    (tmp_path / "t.csv").write_text(
        "\n".join(["id," + text[0], *(f"{row},{line}" for row, line in enumerate(text[1:]))])
    )
    for command in ("evaluate", "predict"):
        result = layerkit(command, trained[0], str(tmp_path / "t.csv"))
        assert result.code == 1
        assert "'id'" in result.err
    result = layerkit("evaluate", trained[0], write(tmp_path / "u.csv", "a", "b", "c"))
    assert result.code == 1
    other = (tmp_path / "u.csv").read_text().replace("a,b,c", "a,b,c,what", 1)
    (tmp_path / "u.csv").write_text(
        "\n".join([line if not row else f"{line},{KIND[row - 1]}" for row, line in enumerate(other.splitlines())])
    )
    assert "--target" in layerkit("evaluate", trained[0], str(tmp_path / "u.csv")).err
    told = layerkit("evaluate", trained[0], str(tmp_path / "u.csv"), "--target", "b").err
    assert "--target b: the model takes 'b' as an input; the target that it was trained with is 'kind'" in told
    measured = json.loads(layerkit("evaluate", trained[0], str(tmp_path / "u.csv"), "--target", "what", "--json").out)
    assert measured == pytest.approx(trained[1], rel=1e-5)


def test_options_say_what_a_file_does_not(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]]
) -> None:
    file, measured = trained
    place = write(tmp_path / "t.csv", "kind", "a", "b", "c", header=False, delimiter=";")
    result = layerkit("evaluate", file, place, "--delimiter", ";", "--target", "0", "--no-header", "--json")
    assert json.loads(result.out) == pytest.approx(measured, rel=1e-5)
    (tmp_path / "t.csv").write_text((tmp_path / "t.csv").read_text().replace(".", ","), encoding="utf-16")
    options = ("--delimiter", ";", "--target", "0", "--decimal", ",", "--encoding", "utf-16", "--json")
    assert json.loads(layerkit("evaluate", file, place, *options).out) == pytest.approx(measured, rel=1e-5)
    tabs = write(tmp_path / "u.csv", "kind", "a", "b", "c", delimiter="\t")
    assert json.loads(layerkit("evaluate", file, tabs, "--delimiter", "tab", "--json").out) == pytest.approx(
        measured, rel=1e-5
    )
    for wrong in (("--delimiter", "x"), ("--decimal", ";"), ("--encoding", "none"), ("--target", "x")):
        result = layerkit("evaluate", file, tabs, "--delimiter", "tab", *wrong)
        assert result.code in (1, 2)
        assert "Traceback" not in result.err
        assert wrong[1] in result.err


def test_headers_that_are_numbers_are_names(layerkit: Command, tmp_path: Path) -> None:
    lines = ["label,0,1", *(f"{int(a > b)},{a},{b}" for a, b in zip(A, B, strict=True))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    model = Sequential([Dense(2)])
    Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.05), seed=0).fit(
        CsvFile(tmp_path / "t.csv", target="label", header=True), epochs=20
    )
    assert model.schema == Schema(columns=("0", "1"), target="label")
    kit.save(model, tmp_path / "m.safetensors", cost=CrossEntropy())
    turned = ["1,0,label", *(f"{b},{a},{int(a > b)}" for a, b in zip(A, B, strict=True))]
    (tmp_path / "u.csv").write_text("\n".join(turned))
    one, two = (
        json.loads(
            layerkit("evaluate", str(tmp_path / "m.safetensors"), str(tmp_path / name), "--header", "--json").out
        )
        for name in ("t.csv", "u.csv")
    )
    assert one == two
    assert one["accuracy"] > 0.8


def test_a_model_without_names_goes_by_position(layerkit: Command, tmp_path: Path) -> None:
    model = Sequential([Dense(1)]).initialize(2, seed=0)
    Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01)).fit((np.column_stack([A, B]), C), epochs=1)
    assert not model.schema.columns
    kit.save(model, tmp_path / "m.safetensors", cost=Quadratic())
    one = layerkit("evaluate", str(tmp_path / "m.safetensors"), write(tmp_path / "t.csv", "a", "b", "c"))
    two = layerkit("evaluate", str(tmp_path / "m.safetensors"), write(tmp_path / "u.csv", "a", "b", "c", header=False))
    assert one.out == two.out
    assert one.code == 0


def test_inspect_shows_the_names(layerkit: Command, trained: tuple[str, dict[str, float]]) -> None:
    out = layerkit("inspect", trained[0]).out
    assert "a, b, c" in out
    assert "no, yes" in out
    told = json.loads(layerkit("inspect", trained[0], "--json").out)
    assert told["model"]["schema"] == {"columns": ["a", "b", "c"], "target": "kind", "classes": ["no", "yes"]}


@pytest.mark.parametrize("cells", ["", "?", "NA", "1,5", "yes", '"quoted; ""so"""'])
def test_predictions_do_not_ask_what_the_target_is(
    layerkit: Command, tmp_path: Path, trained: tuple[str, dict[str, float]], cells: str
) -> None:
    wanted = layerkit("predict", trained[0], write(tmp_path / "t.csv", "a", "b", "c")).out
    lines = ["kind;a;b;c", *(f"{cells};{A[row]};{B[row]};{C[row]}" for row in range(60))]
    (tmp_path / "u.csv").write_text("\n".join(lines))
    assert layerkit("predict", trained[0], str(tmp_path / "u.csv"), "--delimiter", ";").out == wanted


def test_a_target_that_may_be_a_name_or_a_place_is_asked_about(layerkit: Command, tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    rows = [f"{'ab'[row % 2]},{A[row]},{B[row]}" for row in range(20)]
    place.write_text("\n".join(["label,0,1", *rows]) + "\n")
    model = Sequential([Dense(2)])
    data = CsvFile(place, target="label", header=True)
    Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0).fit(data, epochs=1)
    file = str(tmp_path / "m.safetensors")
    kit.save(model, file, cost=CrossEntropy())
    call = ("evaluate", file, str(place), "--header", "--json")
    wanted = layerkit(*call)
    for command in (call, ("predict", file, str(place), "--header")):
        result = layerkit(*command, "--target", "0")
        assert result.code != 0
        assert "the column called '0', at place 1, or the one at place 0, 'label'" in " ".join(result.err.split())
        assert "--target -2 for the first, or --target -3 for the second" in " ".join(result.err.split())
    assert layerkit(*call, "--target", "label").out == layerkit(*call, "--target", "-3").out == wanted.out
    assert "takes '0' as an input" in " ".join(layerkit(*call, "--target", "-2").err.split())
    # where name and place agree, there is nothing to ask
    place.write_text("\n".join(["0,1,label", *(",".join((*row.split(",")[1:], row[0])) for row in rows)]) + "\n")
    assert "takes '0' as an input" in " ".join(layerkit(*call, "--target", "0").err.split())


def test_a_target_of_several_columns_is_found_by_name(layerkit: Command, tmp_path: Path) -> None:
    x = np.column_stack([A, B])
    y = np.column_stack([A + B, A - B, C])
    model = Sequential([Dense(3)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    trainer.fit(kit.Examples(x, y, names=("a", "b"), target_name=("sum", "difference", "c")), epochs=1)
    file = str(tmp_path / "m.safetensors")
    kit.save(model, file, cost=Quadratic())
    shown = layerkit("inspect", file).out
    assert "sum, difference, c" in shown
    wanted = trainer.evaluate((x, y))["cost"]
    predicted = layerkit("predict", file, write(tmp_path / "x.csv", "a", "b")).out
    table = {"a": A, "b": B, "c": C, "sum": A + B, "difference": A - B}
    place, lines = tmp_path / "t.csv", [""]
    for names in (["c", "difference", "b", "sum", "a"], ["a", "b", "sum", "difference", "c"]):
        lines = [",".join(map(str, row)) for row in zip(*(table[name].tolist() for name in names), strict=True)]
        place.write_text("\n".join([",".join(names), *lines]) + "\n")
        assert json.loads(layerkit("evaluate", file, str(place), "--json").out)["cost"] == pytest.approx(wanted)
        assert layerkit("predict", file, str(place)).out == predicted
    # without names: behind the columns, in the model's order
    place.write_text("\n".join(lines) + "\n")
    assert json.loads(layerkit("evaluate", file, str(place), "--json").out)["cost"] == pytest.approx(wanted)
    assert layerkit("predict", file, str(place)).out == predicted
    lacking = write(tmp_path / "t.csv", "a", "b", "c")
    assert layerkit("evaluate", file, lacking).code != 0
