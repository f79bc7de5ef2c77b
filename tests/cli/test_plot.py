"""``layerkit plot``: what is drawn is what the functions draw of the same data; wrong input is told before any work."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import layerkit as kit
from layerkit import BinaryCrossEntropy, CrossEntropy, Dense, Digits, Examples, Flatten, Rescale, Sequential, Trainer
from tests.cli.conftest import Command

pytestmark = pytest.mark.extra
pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install -e '.[dev-extras]'")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model of digits, trained a little."""
    model = Sequential([Rescale(1 / 16), Flatten(), Dense(10)])
    Trainer(model, cost=CrossEntropy(), optimizer=kit.Adam(0.01), seed=0).fit(Digits(), epochs=2)
    kit.save(model, tmp_path / "model.safetensors", cost=CrossEntropy())
    return tmp_path / "model.safetensors"


@pytest.fixture
def planar(tmp_path: Path) -> tuple[Path, Path]:
    """A model of two features and two classes that have names, and a table of examples."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    y = np.where(x[:, 0] + rng.normal(size=40) > 0, "ill", "well")
    model = Sequential([Dense(1)])
    examples = Examples(x, y, names=["age", "pulse"], target_name="state")
    Trainer(model, cost=BinaryCrossEntropy(), optimizer=kit.Adam(0.1), seed=0).fit(examples, epochs=5)
    kit.save(model, tmp_path / "planar.safetensors", cost=BinaryCrossEntropy())
    with open(tmp_path / "table.csv", "w", newline="") as table:
        csv.writer(table).writerows(
            [("state", "pulse", "age"), *((name, b, a) for name, (a, b) in zip(y, x, strict=True))]
        )
    return tmp_path / "planar.safetensors", tmp_path / "table.csv"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The Axes that commands drew."""
    from layerkit import plots
    from layerkit.plots import drawing

    found: list[Any] = []

    def rendered(ax: Any, form: Any) -> bytes:
        found.append(ax)
        return drawing.rendered(ax, form)

    monkeypatch.setattr(plots, "rendered", rendered)
    return found


def same_lines(one: Any, other: Any) -> None:
    assert [line.get_label() for line in one.lines] == [line.get_label() for line in other.lines]
    for line, expected in zip(one.lines, other.lines, strict=True):
        np.testing.assert_allclose(line.get_xydata(), expected.get_xydata())


def test_classes_of_a_data_set(layerkit: Command, file: Path, tmp_path: Path, drawn: list[Any]) -> None:
    from layerkit import plots

    test, model = Digits().load("test"), kit.load(file)
    predicted = model.predict(test.x)
    expected = {
        "confusion": plots.confusion_matrix(test.y, predicted.argmax(axis=1)),
        "roc": plots.roc_curve(test.y, predicted, classes=test.classes),
        "precision-recall": plots.precision_recall_curve(test.y, predicted, classes=test.classes),
        "calibration": plots.calibration_curve(test.y, predicted),
        "most-wrong": plots.most_wrong(model, test),
    }
    for name, ax in expected.items():
        output = tmp_path / f"{name}.png"
        result = layerkit("plot", name, str(file), "digits", "--output", str(output))
        assert (result.code, result.err) == (0, "")
        assert output.read_bytes().startswith(b"\x89PNG")
        same_lines(drawn[-1], ax)
        assert len(drawn[-1].images) == len(ax.images)
        for image, wanted in zip(drawn[-1].images, ax.images, strict=True):
            np.testing.assert_array_equal(image.get_array(), wanted.get_array())
        assert [text.get_text() for text in drawn[-1].texts] == [text.get_text() for text in ax.texts]


def test_a_table_is_matched_by_name(
    layerkit: Command, planar: tuple[Path, Path], tmp_path: Path, drawn: list[Any]
) -> None:
    from layerkit import plots

    model, table = planar
    lines = table.read_text().splitlines()
    rows = [(row["age"], row["pulse"], row["state"]) for row in csv.DictReader(lines)]
    x = np.array([row[:2] for row in rows], float)
    y = np.array([row[2] == "well" for row in rows])
    output = str(tmp_path / "a.svg")
    assert layerkit("plot", "roc", str(model), str(table), "--output", output).code == 0
    same_lines(drawn[-1], plots.roc_curve(y, kit.load(model).predict(x)))
    assert layerkit("plot", "regions", str(model), str(table), "--output", output, "--resolution", "20").code == 0
    assert [text.get_text() for text in drawn[-1].get_legend().get_texts()] == ["ill", "well"]
    assert layerkit("plot", "confusion", str(model), str(table), "-o", output, "--normalize", "true").code == 0
    assert [text.get_text() for text in drawn[-1].get_xticklabels()] == ["ill", "well"]


def test_dark_ground(layerkit: Command, file: Path, tmp_path: Path, drawn: list[Any]) -> None:
    assert layerkit("plot", "weights", str(file), "-o", str(tmp_path / "w.svg"), "--dark", "--count", "3").code == 0
    assert drawn[-1].figure.get_facecolor()[:3] == (0, 0, 0)
    assert len(drawn[-1].images) == 3
    assert ElementTree.parse(tmp_path / "w.svg").getroot().tag.endswith("svg")


def test_runs_that_differ_in_the_seed_are_one_line(layerkit: Command, tmp_path: Path, drawn: list[Any]) -> None:
    def report(name: str, seed: int, rate: float, costs: list[float]) -> str:
        settings = {"seed": seed, "optimizer": {"learning_rate": rate}}
        epochs = [{"epoch": n, "cost": cost, "test_cost": cost, "seconds": 1} for n, cost in enumerate(costs, 1)]
        (tmp_path / name).write_text(json.dumps({"experiment": "digits", "settings": settings, "epochs": epochs}))
        return str(tmp_path / name)

    runs = (
        report("a.json", 1, 0.1, [4.0, 2.0]),
        report("b.json", 2, 0.1, [2.0, 1.0]),
        report("c.json", 1, 0.5, [1.0, 0.5]),
    )
    log = tmp_path / "log.csv"
    log.write_text("epoch,cost\n1,3\n2,1\n")
    assert layerkit("plot", "curves", *runs, str(log), "-o", str(tmp_path / "x.svg")).code == 0
    lines = {line.get_label(): line.get_ydata().tolist() for line in drawn[-1].lines}
    assert lines == {
        f"{runs[0]}, 2 runs: cost": [3.0, 1.5],
        f"{runs[0]}, 2 runs: test cost": [3.0, 1.5],
        f"{runs[2]}: cost": [1.0, 0.5],
        f"{runs[2]}: test cost": [1.0, 0.5],
        "log: cost": [3.0, 1.0],
    }


def test_what_a_run_wrote_is_read(layerkit: Command, tmp_path: Path, drawn: list[Any]) -> None:
    run = tmp_path / "run.json"
    assert layerkit("run", "digits", "--epochs", "2", "--quiet", "--json", str(run)).code == 0
    assert layerkit("plot", "curves", str(run), "--metric", "accuracy", "-o", str(tmp_path / "x.png")).code == 0
    [line] = drawn[-1].lines
    expected = [record["test_accuracy"] for record in json.loads(run.read_text())["epochs"]]
    assert (line.get_label(), line.get_ydata().tolist()) == ("digits: test accuracy", expected)


def test_schedules_and_statistics(layerkit: Command, tmp_path: Path, drawn: list[Any]) -> None:
    table = "{component = 'step', initial = 0.5, factor = 0.1, every = 1}"
    assert layerkit("plot", "schedule", table, "--steps", "4", "--epochs", "2", "-o", str(tmp_path / "s.svg")).code == 0
    np.testing.assert_allclose(drawn[-1].lines[0].get_ydata(), [0.5, 0.5, 0.05, 0.05])
    log = tmp_path / "log.jsonl"
    log.write_text('{"epoch": 1, "step": 5, "0.mean": 2.0, "0.deviation": 1.0, "0.gradient": 0.5}\n')
    options = ("--of", "gradients", "--layer", "0", "-o", str(tmp_path / "d.png"))
    assert layerkit("plot", "distributions", str(log), *options).code == 0
    assert drawn[-1].child_axes[0].lines[0].get_xydata().tolist() == [[5.0, 0.5]]


def test_a_diagram_is_printed_or_written_and_replaced(layerkit: Command, file: Path, tmp_path: Path) -> None:
    from layerkit.plots import diagram

    model = kit.load(file)
    assert layerkit("plot", "diagram", str(file)).out == diagram(model)
    for ending, form in ((".svg", "svg"), (".mmd", "mermaid"), (".txt", "text")):
        output = tmp_path / f"network{ending}"
        for _ in range(2):
            assert layerkit("plot", "diagram", str(file), "--output", str(output)).code == 0
            assert output.read_text() == diagram(model, form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("a.pdf", "--output must end in .png, .svg; got"),
        ("model.safetensors", "--output must end in .png, .svg; got"),
        ("none/a.png", "there is no folder"),
        ("precious.svg", "it holds something other than a picture"),
        ("folder.svg", "it is a folder"),
    ],
)
@pytest.mark.parametrize("what", ["roc", "weights"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(
    layerkit: Command, tmp_path: Path, what: str, output: str, message: str
) -> None:
    (tmp_path / "precious.svg").write_text("a diary")
    (tmp_path / "folder.svg").mkdir()
    # the model is not there either
    arguments = [str(tmp_path / "none.safetensors"), *(["digits"] if what == "roc" else [])]
    result = layerkit("plot", what, *arguments, "--output", str(tmp_path / output))
    assert result.code == 2
    assert message in result.err
    assert (tmp_path / "precious.svg").read_text() == "a diary"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["roc", "MODEL", "none.csv"], "none.csv"),
        (["roc", "none.safetensors", "digits"], "none.safetensors"),
        (["regions", "MODEL", "digits"], "must take 2 features"),
        (["weights", "MODEL", "--layer", "7"], "layer '7' does not exist"),
        (["weights", "MODEL", "--shape", "8"], "--shape: height and width are wanted"),
        (["curves", "MODEL"], "records of a run are .json"),
        (["curves", "none.json"], "No such file"),
        (["curves", "EMPTY"], "no epochs"),
        (["curves", "WORDS"], "no records of a run"),
        (["schedule", "cosine", "--steps", "3"], "give a table"),
    ],
)
def test_wrong_input_is_one_clear_error(
    layerkit: Command, file: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty.json").write_text('{"epochs": []}')
    (tmp_path / "words.json").write_text('["no", "run"]')
    places = {"MODEL": file, "EMPTY": tmp_path / "empty.json", "WORDS": tmp_path / "words.json"}
    given = [str(places.get(each, each)) for each in arguments]
    result = layerkit("plot", *given, "--output", str(tmp_path / "a.png"))
    assert result.code in (1, 2)
    assert message in result.err
    assert result.err.count("Error:") == 1
    assert not (tmp_path / "a.png").exists()


def test_its_commands_are_made_when_they_are_asked_for(layerkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("layerkit.cli.plot", "layerkit.cli.picture_commands"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    told = layerkit("--help").out
    assert "  plot " in told
    assert "layerkit.cli.plot" not in sys.modules
    for arguments in (["plot", "--help"], ["plot", "roc", "--help"]):
        result = layerkit(*arguments)
        assert result.code == 0
        assert result.out.startswith(f"Usage: layerkit {' '.join(arguments[:-1])} ")
    assert layerkit("plot", "rock").code == 2
