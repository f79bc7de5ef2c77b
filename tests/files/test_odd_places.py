"""Names by which a file is written and read alike, and a folder that holds another file than those looked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import layerkit
from layerkit import Adam, Checkpoint, Dense, Quadratic, Sequential, Trainer, resume
from layerkit.errors import LayerkitError, ModelFileError
from layerkit.files.checkpoints import checkpoints_in


@pytest.mark.parametrize(
    "name", ["m.safetensors/", "missing/../m.safetensors", "missing/", "a/../m", ".", "..", "a/.."]
)
def test_a_name_under_which_nothing_could_be_read_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    model = Sequential([Dense(1)]).initialize(1, seed=0)
    for path in (name, f"file/{name}"):
        with pytest.raises(ModelFileError):
            layerkit.save(model, path)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "name", ["m.safetensors", "./m.safetensors", "there/../m.safetensors", "there//m", "there/./m"]
)
def test_what_is_written_is_read_under_the_same_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    layerkit.save(Sequential([Dense(1)]).initialize(1, seed=0), name)
    assert layerkit.load(name).output_shape == (1,)


def test_a_folder_that_holds_the_best_checkpoint_alone_names_it(tmp_path: Path) -> None:
    x = np.linspace(0, 1, 20)[:, None]

    def new_trainer() -> Trainer:
        return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=0)

    new_trainer().fit((x, x), epochs=2, callbacks=[Checkpoint(tmp_path, best="cost")])
    for each in checkpoints_in(tmp_path):
        each.unlink()
    with pytest.raises(LayerkitError, match=r"no checkpoint to resume from.*best\.safetensors.*name it"):
        resume(new_trainer(), tmp_path)
    resume(new_trainer(), tmp_path / "best.safetensors")
