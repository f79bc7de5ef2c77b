"""Datasets of files, named in TOML and trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from layerkit import Accuracy, CrossEntropy, CsvFile, Dense, Examples, Flatten, GradientDescent, Rescale
from layerkit.experiments import Experiment, Session, read_experiment, settings_of
from tests.data.files import idx_bytes

TRAINING = """
layers = ["flatten", { component = "dense", units = 3 }]
cost = "cross-entropy"
optimizer = { component = "gradient-descent", learning_rate = 0.01 }
training = { epochs = 1, batch_size = 4 }
"""


def examples(session: Session) -> Examples:
    assert isinstance(session.train, Examples)
    return session.train


def table(folder: Path) -> Path:
    words = ("cat", "dog", "elk")
    rows = "".join(f"{row % 3}.5;{row};{words[row % 3]}\n" for row in range(30))
    (folder / "table.csv").write_text(f"0;1;kind\n{rows}".replace(".", ","), encoding="utf-16")
    return folder / "table.csv"


def test_a_table_is_found_beside_the_experiment_and_its_names_are_kept(tmp_path: Path) -> None:
    table(tmp_path)
    path = tmp_path / "table.toml"
    dataset = (
        'component = "csv", path = "table.csv", delimiter = ";", decimal = ",", encoding = "utf-16", header = true'
    )
    path.write_text(f'dataset = {{ {dataset}, classes = ["elk", "dog", "cat"] }}\n{TRAINING}', encoding="utf-8")
    session = Session(read_experiment(path))
    assert (examples(session).names, examples(session).target_name) == (("0", "1"), "kind")
    assert examples(session).classes == ("elk", "dog", "cat")
    session.fit()
    assert np.isfinite(session.measure()["test_cost"])


@pytest.mark.filterwarnings("ignore::layerkit.errors.LayerkitWarning")
def test_idx_files_are_found_beside_the_experiment(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(idx_bytes(np.arange(240).astype(np.uint8).reshape(40, 3, 2)))
    (tmp_path / "labels").write_bytes(idx_bytes((np.arange(40) % 3 + 1).astype(np.uint8)))
    path = tmp_path / "letters.toml"
    dataset = 'component = "idx", images = "images", labels = "labels", first_label = 1, transposed = true'
    path.write_text(f"dataset = {{ {dataset} }}\n{TRAINING}", encoding="utf-8")
    session = Session(read_experiment(path))
    assert (len(examples(session)), session.model.input_shape) == (32, (2, 3))
    session.fit()
    assert np.isfinite(session.measure()["test_cost"])


@pytest.mark.parametrize("count", [None, 4])
def test_an_experiment_tells_a_path_as_text(tmp_path: Path, count: int | None) -> None:
    dataset = CsvFile(table(tmp_path), delimiter=";", decimal=",", encoding="utf-16", header=True)
    experiment = Experiment(
        name="table",
        dataset=dataset,
        layers=[Rescale(0.1), Flatten(), Dense(3)],
        cost=CrossEntropy(),
        optimizer=GradientDescent(0.1),
        metrics=[Accuracy()],
        epochs=1,
        batch_size=2,
        training_examples=count,
    )
    told = json.loads(json.dumps(settings_of(experiment)))
    assert told["dataset"]["path"] == str(tmp_path / "table.csv")
    session = Session(experiment)
    assert len(examples(session)) == (count or 24)
    assert examples(session).classes == ("cat", "dog", "elk")
    session.fit()
