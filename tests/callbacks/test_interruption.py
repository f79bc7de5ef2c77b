from __future__ import annotations

import os
import signal
from typing import Any

from layerkit import Callback, Interruption
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer


class Ends(Callback):
    """After the first epoch it asks the process to end, and perhaps the fit as well."""

    def __init__(self, reason: str | None) -> None:
        self.reason = reason

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        if self.reason is not None:
            fit.stop(self.reason)


def test_a_fit_ends_before_its_next_step(make_trainer: MakeTrainer, data: Data) -> None:
    with Interruption() as interruption:
        history = make_trainer().fit(data, epochs=3, callbacks=[Ends(None), interruption])
    assert len(history) == 1
    assert history.stop_reason == "interrupted by SIGTERM"
    assert interruption.exit_code == 128 + 15


def test_a_fit_that_is_over_is_not_interrupted(make_trainer: MakeTrainer, data: Data) -> None:
    with Interruption() as interruption:
        history = make_trainer().fit(data, epochs=3, callbacks=[Ends("enough"), interruption])
    assert history.stop_reason == "enough"
    assert interruption.signal is signal.SIGTERM


def test_a_second_fit_in_the_block_does_not_begin(make_trainer: MakeTrainer, data: Data) -> None:
    trainer = make_trainer()
    with Interruption() as interruption:
        trainer.fit(data, epochs=3, callbacks=[Ends(None), interruption])
        assert len(trainer.fit(data, epochs=3, callbacks=[interruption])) == 0
    assert len(trainer.history) == 1
