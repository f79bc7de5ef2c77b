"""What a resumed fit recognises again: each of its callbacks, and every end of its data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Callback, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.errors import DataError, ResumeWarning
from layerkit.interfaces.callback import FitView
from layerkit.types import Array


class Numbered(Callback):
    """Remembers a number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.restored: int | None = None

    def state(self) -> dict[str, Any]:
        return {"number": self.number}

    def restore(self, state: dict[str, Any]) -> None:
        self.restored = state["number"]


class Keeps(Callback):
    """Takes the trainer's state after the first epoch."""

    kept: dict[str, Any]

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] == 1:
            self.kept = fit.trainer.state()


def new_trainer() -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.0), seed=0)


def state_of(x: Array, *callbacks: Callback) -> dict[str, Any]:
    keeps = Keeps()
    new_trainer().fit((x, np.zeros((len(x), 1))), epochs=2, batch_size=4096, callbacks=[*callbacks, keeps])
    return keeps.kept


def test_callbacks_of_one_class_get_their_states_back_in_turn() -> None:
    x = np.ones((8, 2))
    trainer = new_trainer()
    trainer.restore(state_of(x, Numbered(1), Numbered(2)))
    again = [Numbered(0), Numbered(0), Numbered(0)]
    with pytest.warns(ResumeWarning, match=r"Numbered\.number: 1 then, 0 now.*Numbered: 2 of them then, 3 now"):
        trainer.fit((x, np.zeros((8, 1))), epochs=2, batch_size=4096, callbacks=again)
    assert [callback.restored for callback in again] == [1, 2, None]


@pytest.mark.parametrize("row", [0, -1])
def test_large_data_that_differ_in_the_first_or_the_last_row_are_told_apart(row: int) -> None:
    x = np.zeros((5000, 1024), np.float32)
    y = np.zeros((5000, 1))
    state = state_of(x)
    trainer = new_trainer()
    trainer.restore(state)
    x[row, 3] = 1
    with pytest.raises(DataError, match="the contents of x differ"):
        trainer.fit((x, y), epochs=2, batch_size=4096)
    x[row, 3] = 0
    trainer.fit((x, y), epochs=2, batch_size=4096)
    assert len(trainer.history) == 2
