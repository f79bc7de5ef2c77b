"""Signed files whose arrays lie where nothing should, or hold what is no value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import Callback, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.errors import ModelFileError
from layerkit.interfaces.callback import FitView
from tests.files.forging import sound_file


@pytest.mark.parametrize("at", ["front", "middle"])
def test_bytes_that_belong_to_no_array_are_refused(tmp_path: Path, at: str) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    places = sorted(entry["data_offsets"][0] for entry in anatomy.header.values())
    cut = places[0] if at == "front" else places[1]
    anatomy.data = anatomy.data[:cut] + b"hidden.." + anatomy.data[cut:]
    for entry in anatomy.header.values():
        entry["data_offsets"] = [
            place + 8 if entry["data_offsets"][0] >= cut else place for place in entry["data_offsets"]
        ]
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match="does not begin where the one before ends"):
        layerkit.load(path)


class Remembers(Callback):
    """Has booleans for a state."""

    def state(self) -> dict[str, object]:
        return {"seen": np.array([True, False, True])}


class Saves(Callback):
    """Writes a checkpoint after the first epoch, while the other callback's state is there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def epoch_ended(self, fit: FitView, record: object) -> None:
        layerkit.save_checkpoint(fit.trainer, self.path)


def new_trainer() -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)


def test_booleans_that_are_neither_true_nor_false_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    new_trainer().fit((np.ones((4, 2)), np.ones((4, 1))), epochs=2, callbacks=[Remembers(), Saves(path)])
    layerkit.resume(new_trainer(), path)
    anatomy = Anatomy.of(path.read_bytes())
    [place] = [entry["data_offsets"][0] for entry in anatomy.header.values() if entry["dtype"] == "BOOL"]
    anatomy.data = anatomy.data[:place] + b"\x02" + anatomy.data[place + 1 :]
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match="holds booleans that are neither true nor false"):
        layerkit.resume(new_trainer(), path)
