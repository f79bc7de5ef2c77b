"""``layerkit run --callback`` for TensorBoard, and the same in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.extra
pytest.importorskip("tensorboardX")
pytest.importorskip("tensorboard")

from tests.tensorboard.reading import comparison_of, everything, scalars  # noqa: E402


def test_by_name_on_the_command_line_and_in_a_file_it_writes_the_same(layerkit: Command, tmp_path: Path) -> None:
    callback = '{{ component = "tensorboard", folder = "{}" }}'
    small = tmp_path / "small.toml"
    text = (
        'dataset = "digits"\nlayers = ["flatten", { component = "dense", units = 10 }]\ncost = "cross-entropy"\n'
        'optimizer = "adam"\n{}[training]\nepochs = 2\n'
    )
    options = ("run", str(small), "--quiet", "--silence", "all", "--seed", "0")
    small.write_text(text.replace("{}", ""))
    result = layerkit(*options, "--callback", callback.format(tmp_path / "runs/1"))
    assert (result.code, result.err) == (0, "")
    small.write_text(text.replace("{}", f"callbacks = [{callback.format(tmp_path / 'runs/2')}]\n"))
    assert layerkit(*options).code == 0
    one, other = (everything(tmp_path / "runs" / name) for name in "12")
    assert one == other
    assert [step for step, _ in one["validation:cost"]] == [1, 2]
    assert "weights/1.weight" in "".join(one)
    assert comparison_of(tmp_path / "runs/1")[0]["layers.1.units"] == 10


def test_a_run_that_was_stopped_goes_on_in_the_same_folder(layerkit: Command, tmp_path: Path) -> None:
    board = f'{{ component = "tensorboard", folder = "{tmp_path}/run", histograms_every = 2 }}'
    options = ("run", "digits", "--layers", "10", "--quiet", "--silence", "all", "--callback", board)
    saved = str(tmp_path / "saved.safetensors")
    assert layerkit(*options, "--epochs", "1", "--checkpoint", saved).code == 0
    result = layerkit(*options, "--epochs", "3", "--checkpoint", saved, "--resume", saved)
    assert result.code == 0, result.err
    assert [step for step, _ in scalars(tmp_path / "run")["cost"]] == [1, 2, 3]


def test_a_folder_that_cannot_be_is_told_in_one_line(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    board = f'{{ component = "tensorboard", folder = "{tmp_path}/file" }}'
    result = layerkit("run", "digits", "--layers", "10", "--quiet", "--callback", board)
    assert result.code == 2
    assert "TensorBoard: folder" in result.err
    assert "Traceback" not in result.err
