"""Files that were written by older versions load, for as long as the project lives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit.errors import ModelFileError
from layerkit.files.format import document
from layerkit.files.models import load_with_cost
from layerkit.models.schema import Schema
from tests.files.forging import sound_file
from tests.files.golden.make import FOLDER, model, scaled

X = np.linspace(0, 4, 12).reshape(3, 2, 2)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("model-*.safetensors")), ids=lambda path: path.stem)
def test_a_model_of_any_format_loads(path: Path) -> None:
    loaded, cost = load_with_cost(path)
    assert repr(loaded) == repr(model())
    assert repr(cost) == "CrossEntropy()"
    np.testing.assert_allclose(loaded.predict(X), model().predict(X), rtol=1e-6)
    assert {path: array.tolist() for path, array in loaded.parameters.items()} == {
        path: array.tolist() for path, array in model().parameters.items()
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("scaled-*.safetensors")), ids=lambda path: path.stem)
def test_what_a_model_has_learned_of_its_data_loads(path: Path) -> None:
    loaded, cost = load_with_cost(path)
    assert repr(loaded) == repr(scaled())
    assert repr(loaded.readout) == repr(scaled().readout)
    assert repr(cost) == "Quadratic()"
    assert loaded.states["0.adapted"] == 1
    np.testing.assert_allclose(loaded.predict(X[:, 0, :1] * [1, 2, 3]), scaled().predict(X[:, 0, :1] * [1, 2, 3]))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("checkpoint-*.safetensors")), ids=lambda path: path.stem)
def test_the_model_of_a_checkpoint_of_any_format_loads(path: Path) -> None:
    loaded = layerkit.load(path)
    assert repr(loaded) == repr(model())
    assert np.isfinite(loaded.predict(X)).all()


def test_there_is_a_golden_file_of_each_format() -> None:
    for version in range(1, document.FORMAT + 1):
        assert (FOLDER / f"model-{version}.safetensors").exists()
        assert (FOLDER / f"checkpoint-{version}.safetensors").exists()
        assert version == document.FORMAT or version in document.MIGRATIONS


def test_an_older_description_is_brought_up_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two formats that never were: in the first the model stood under another name, in the second all was as now."""
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    content = anatomy.envelope["content"]
    content["network"] = content.pop("model")
    content["format"] = 1
    anatomy.sign()
    path.write_bytes(anatomy.assemble())

    def renamed(old: dict[str, Any]) -> dict[str, Any]:
        return {**{name: value for name, value in old.items() if name != "network"}, "model": old["network"]}

    monkeypatch.setattr(document, "FORMAT", 3)
    monkeypatch.setattr(document, "MIGRATIONS", {})
    with pytest.raises(ModelFileError, match="in format 1, which this version of layerkit no longer reads"):
        layerkit.load(path)
    monkeypatch.setattr(document, "MIGRATIONS", {1: renamed, 2: dict})
    assert layerkit.load(path).output_shape == (2,)


def test_a_model_of_the_first_format_knows_no_names() -> None:
    assert layerkit.load(FOLDER / "model-1.safetensors").schema == Schema()
    assert layerkit.load(FOLDER / "model-2.safetensors").schema == model().schema != Schema()


def test_a_model_before_the_third_format_says_yes_above_one_half() -> None:
    for version, threshold in ((1, 0.5), (2, 0.5), (3, 0.375)):
        assert layerkit.load(FOLDER / f"model-{version}.safetensors").threshold == threshold


def test_a_target_of_several_columns_has_their_names_since_the_fourth_format() -> None:
    assert layerkit.load(FOLDER / "scaled-2.safetensors").schema == Schema()
    assert layerkit.load(FOLDER / "scaled-4.safetensors").schema == scaled().schema != Schema()
