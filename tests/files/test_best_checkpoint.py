"""Which epoch's checkpoint counts as the best."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import layerkit
from layerkit import Checkpoint, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError
from tests.callbacks.scripted import Scripted

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "mode", "values", "best"),
    [
        ("score", "highest", [1.0, 3.0, 2.0, 3.0], 2),
        ("score", "lowest", [2.0, 1.0, 1.0, 3.0], 2),
        ("score", "lowest", [NAN, 2.0, NAN, 3.0], 2),
        ("error", "auto", [3.0, 2.0, 1.0, 2.0], 3),
        ("accuracy", "auto", [0.1, 0.2, 0.9, 0.3], 3),
    ],
)
def test_the_first_of_the_best_is_kept(
    tmp_path: Path, name: str, mode: Literal["auto", "lowest", "highest"], values: list[float], best: int
) -> None:
    def new_trainer() -> Trainer:
        return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)

    checkpoint = Checkpoint(tmp_path / "run.safetensors", best=name, mode=mode)
    data = np.ones((4, 2)), np.ones((4, 1))
    new_trainer().fit(data, epochs=4, callbacks=[Scripted(name, values), checkpoint])
    resumed = new_trainer()
    layerkit.resume(resumed, tmp_path / "run.best.safetensors")
    assert len(resumed.history) == best


def test_the_name_of_the_best_is_tried_before_the_first_step(tmp_path: Path) -> None:
    saved = Checkpoint(tmp_path / f"{'b' * 240}.safetensors", best="cost")
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(ArgumentError, match=r"best\.safetensors could not be written: File name too long"):
        trainer.fit((np.ones((4, 2)), np.ones((4, 1))), epochs=1, callbacks=[saved])
    assert trainer.state()["position"]["step"] == 0
