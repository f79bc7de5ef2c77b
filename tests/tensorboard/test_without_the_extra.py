"""What is said where tensorboardX is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, Quadratic, Sequential, TensorBoard, Trainer
from layerkit.errors import ArgumentError, MissingExtraError


@pytest.mark.parametrize("package", ["tensorboardX", "tensorboardX.summary"])
def test_it_is_told_before_the_first_step_which_extra_brings_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(MissingExtraError, match=r'tensorboardX.*: pip install "layerkit\[tensorboard\]"'):
        trainer.fit((np.ones((4, 1)), np.ones((4, 1))), epochs=1, callbacks=[TensorBoard(tmp_path / "run")])
    assert trainer.history.records == []
    assert not os.listdir(tmp_path)


def test_arguments_are_checked_when_it_is_made() -> None:
    with pytest.raises(ArgumentError, match="TensorBoard: histograms_every must be an integer of at least 1, got 0"):
        TensorBoard("runs/1", histograms_every=0)
    with pytest.raises(ArgumentError, match="TensorBoard: folder must be a path"):
        TensorBoard(3)  # type: ignore[arg-type]
