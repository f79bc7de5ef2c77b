"""What ``TensorBoard`` writes, read back by TensorBoard's own reader."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Checkpoint, Dense, Flatten, GradientDescent, Quadratic, Sequential, StepDecay, TensorBoard, Trainer
from layerkit.callbacks.weight_picture import weight_picture
from layerkit.errors import ArgumentError, MissingExtraError
from layerkit.files.checkpoints import resume
from layerkit.testing import check
from tests.callbacks.conftest import Data, MakeTrainer


def read(folder: Path) -> Any:
    pytest.importorskip("tensorboardX")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "histograms": 0})
    found.Reload()
    return found


def scalars(folder: Path, name: str) -> Any:
    return [(event.step, event.value) for event in read(folder).Scalars(name)]


def test_without_tensorboardx_the_extra_is_named_before_the_first_step(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    trainer = make_trainer()
    with pytest.raises(MissingExtraError, match=r'pip install "layerkit\[tensorboard\]"'):
        trainer.fit(data, epochs=2, callbacks=[TensorBoard(tmp_path / "run")])
    assert len(trainer.history) == 0


def test_without_tensorboardx_the_kit_leaves_fits_out_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    report = check(TensorBoard, arguments={"folder": "runs"})
    assert report.ok, report
    assert report.ran
    assert any(note.check == "calls-survived" and "layerkit[tensorboard]" in note.reason for note in report.skipped)


def test_filters_and_units_stand_side_by_side() -> None:
    units = np.zeros((6, 3))
    units[:, 1] = 1
    picture = weight_picture(units, (2, 3))
    assert picture is not None
    assert picture.tolist()[0] == [0, 0, 0, 0, 255, 255, 255]
    filters = weight_picture(np.arange(2 * 2 * 2 * 3.0).reshape(2, 2, 2, 3), (9, 9, 2))
    assert filters is not None
    assert filters.shape == (5, 8)
    assert weight_picture(np.zeros(3), (3,)) is None
    assert weight_picture(np.full((2, 2), np.nan), (2,)) is None


@pytest.mark.extra
def test_measures_are_scalars_by_the_count_of_steps(data: Data, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    optimizer = GradientDescent(StepDecay(0.1, factor=0.5, every=2))
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=optimizer, seed=0)
    history = trainer.fit(data, epochs=3, batch_size=8, validation=data, callbacks=[TensorBoard(tmp_path / "run")])
    for name in ("cost", "validation_cost"):
        assert scalars(tmp_path / "run", name) == [
            (5 * epoch, pytest.approx(value)) for epoch, value in enumerate(history[name], 1)
        ]
    assert scalars(tmp_path / "run", "learning_rate") == [
        (step, pytest.approx(rate)) for step, rate in ((5, 0.1), (10, 0.1), (15, 0.05))
    ]


@pytest.mark.extra
def test_parameters_are_histograms_and_images(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    model = Sequential([Flatten(), Dense(4), Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    x, y = rng.normal(size=(20, 5, 7)), rng.normal(size=(20, 2))
    trainer.fit((x, y), epochs=5, batch_size=10, callbacks=[TensorBoard(tmp_path, every_epochs=2)])
    found = read(tmp_path)
    assert sorted(found.Tags()["histograms"]) == ["1/bias", "1/weight", "2/bias", "2/weight"]
    assert [event.step for event in found.Histograms("1/weight")] == [4, 8, 10]
    last = found.Histograms("1/weight")[-1].histogram_value
    weight = model.parameters["1.weight"]
    assert (last.num, last.sum) == (weight.size, pytest.approx(float(weight.sum()), rel=1e-3))
    (tmp_path / "weight.png").write_bytes(found.Images("1/weight")[-1].encoded_image_string)
    with image.open(tmp_path / "weight.png") as shown:
        assert np.array(shown.convert("L")).tolist() == np.asarray(weight_picture(weight, (5, 7))).tolist()


@pytest.mark.extra
def test_hyperparameters_are_those_of_the_run(data: Data, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    plugin = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.25, momentum=0.5), seed=7)
    trainer.fit(data, epochs=1, batch_size=8, callbacks=[TensorBoard(tmp_path)])
    content = read(tmp_path).SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    given = plugin.HParamsPluginData.FromString(content).session_start_info.hparams
    assert given["optimizer.learning_rate"].number_value == 0.25
    assert given["optimizer.momentum"].number_value == 0.5
    assert (given["batch_size"].number_value, given["seed"].number_value) == (8, 7)
    assert given["cost"].string_value == "Quadratic()"


@pytest.mark.extra
def test_a_resumed_run_adds_to_the_folder_and_later_steps_are_forgotten(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboardX")
    folder = tmp_path / "run"
    first = make_trainer()
    checkpoint = Checkpoint(tmp_path / "c.safetensors")
    first.fit(data, epochs=2, batch_size=8, callbacks=[TensorBoard(folder), checkpoint])
    first.fit(data, epochs=2, batch_size=8, callbacks=[TensorBoard(folder)])
    whole = scalars(folder, "cost")
    assert [step for step, _ in whole] == [5, 10, 15, 20]
    second = make_trainer()
    resume(second, tmp_path / "c.safetensors")
    second.fit(data, epochs=3, batch_size=8, callbacks=[TensorBoard(folder)])
    assert scalars(folder, "cost") == whole[:3]


@pytest.mark.extra
def test_a_folder_that_cannot_be_made_is_refused(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    (tmp_path / "file").touch()
    with pytest.raises(ArgumentError, match=r"folder .* cannot be written to"):
        make_trainer().fit(data, epochs=1, callbacks=[TensorBoard(os.fspath(tmp_path / "file" / "run"))])
