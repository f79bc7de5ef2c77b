"""Classes whose names are numbers are found by the number, in whatever file or DataFrame it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import layerkit
from layerkit import Accuracy, Adam, CrossEntropy, CsvFile, Dense, Examples, NpzFile, Sequential, Tanh, Trainer
from layerkit.cli.main import app
from layerkit.data.class_names import places_of
from layerkit.errors import DataError, DatasetError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 2))
GRADES = 1 + np.digitize(X[:, 0], (-0.5, 0.5))
LOW = GRADES < 3


def table(path: Path, x: Any, y: Any) -> str:
    path.write_text("a,b,grade\n" + "".join(f"{a:.6f},{b:.6f},{t}\n" for (a, b), t in zip(x, y, strict=True)))
    return str(path)


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    path = table(tmp_path_factory.mktemp("grades") / "g.csv", X, GRADES)
    model = Sequential([Dense(16, activation=Tanh()), Dense(3)])
    own = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.05), metrics=[Accuracy()], seed=0)
    own.fit(CsvFile(path, classes=["1", "2", "3"]), epochs=20)
    assert own.evaluate((X[LOW], GRADES[LOW] - 1))["accuracy"] > 0.95
    return own


@pytest.mark.parametrize("write", [int, float, "{:02d}".format])
def test_tables(trainer: Trainer, tmp_path: Path, write: Any) -> None:
    place = table(tmp_path / "low.csv", X[LOW], [write(grade) for grade in GRADES[LOW].tolist()])
    layerkit.save(trainer.model, tmp_path / "g.safetensors", cost=CrossEntropy())
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path / "g.safetensors"), place])
    assert result.exit_code == 0, result.output
    assert float(result.output.split()[-1]) == pytest.approx(trainer.evaluate((X[LOW], GRADES[LOW] - 1))["accuracy"])
    for dataset in (CsvFile(place), CsvFile(place, classes=["1", "2", "3"]), CsvFile(place, classes=["3", "2", "1"])):
        assert trainer.evaluate(dataset)["accuracy"] > 0.9


@pytest.mark.parametrize("dtype", [int, float, str])
def test_frames(trainer: Trainer, dtype: Any) -> None:
    library = pytest.importorskip("pandas")
    frame = library.DataFrame({"a": X[LOW, 0], "b": X[LOW, 1], "grade": GRADES[LOW].astype(dtype)})
    wanted = trainer.evaluate((X[LOW], GRADES[LOW] - 1))
    assert trainer.evaluate((frame, "grade")) == wanted
    assert trainer.evaluate(Examples(frame, "grade", classes=["1", "2", "3"])) == wanted
    assert trainer.evaluate(Examples(frame, "grade", classes=["3", "2", "1"])) == wanted
    with pytest.raises(DataError, match="the data holds '4'"):
        trainer.evaluate((frame.assign(grade=[4] * len(frame)), "grade"))
    with pytest.raises(DataError, match="'4', which is none of the classes"):
        Examples(frame.assign(grade=[4] * len(frame)), "grade", classes=["1", "2", "3"])


@pytest.mark.parametrize("dtype", [int, float, str])
@pytest.mark.parametrize("named", [True, False])
def test_archives(trainer: Trainer, tmp_path: Path, dtype: Any, named: bool) -> None:
    more: dict[str, Any] = {"classes": np.array([1, 2, 3])} if named else {}
    np.savez(tmp_path / "low.npz", x=X[LOW], y=GRADES[LOW].astype(dtype), **more)
    assert trainer.evaluate(NpzFile(tmp_path / "low.npz"))["accuracy"] > 0.9


def test_arrays_go_by_place(trainer: Trainer) -> None:
    with pytest.raises(DataError, match="labels must be 0 to 2"):
        trainer.evaluate((X, GRADES))


@pytest.mark.parametrize("cells", [("0", "1"), ("0.0", "1.0"), ("0", "1.0")])
def test_a_cell_that_is_written_otherwise_means_the_same_class(tmp_path: Path, cells: tuple[str, str]) -> None:
    path = table(tmp_path / "v.csv", X[:20], [cells[row % 2] for row in range(20)])
    examples = CsvFile(path, classes=["1", "0"]).load("train")
    wanted = CsvFile(table(tmp_path / "w.csv", X[:20], [("0", "1")[row % 2] for row in range(20)])).load("train")
    assert examples.y is not None
    assert wanted.y is not None
    np.testing.assert_array_equal(examples.y, 1 - wanted.y)


def test_a_number_that_is_no_class_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "v.csv", X[:20], [row % 3 for row in range(20)])
    with pytest.raises(DatasetError, match="'0', which is none of the classes '1', '2', '3'"):
        CsvFile(path, classes=["1", "2", "3"]).load("train")


def test_names_that_say_one_number_twice_are_told_apart_as_text() -> None:
    assert places_of(["01", "1", "1.0"], ["1", "01"]) == [1, 0, -1]
    assert places_of(["nan", "inf", "1e0", "-1"], ["inf", "1", "-1.0"]) == [-1, 0, 1, 2]
