"""Callbacks that keep too much, take too much for granted, or say too little of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.testing.gallery.bug import Bug
from tests.testing.gallery.callbacks import Best


class KeepsTheModel(Best):
    """Has the model in its state."""

    def forget(self) -> None:
        super().forget()
        self.model: Any = None

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        self.model = fit.model

    def state(self) -> dict[str, Any]:
        return {**super().state(), "model": self.model}


class DropsTheLastRecord(Best):
    """Takes the last epoch out of the history when the fit ends."""

    def fit_ended(self, fit: Any) -> None:
        if fit.outcome != "failed":
            fit.trainer.history.records.pop()


class RoundsHistory(Best):
    """Rounds what the history holds of earlier epochs."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        for earlier in fit.trainer.history.records[:-1]:
            earlier["cost"] = round(earlier["cost"], 3)


class LooksInFloat32(Best):
    """Takes the parameters to float32 and back, as if it read them from a file."""

    def fit_started(self, fit: Any) -> None:
        super().fit_started(fit)
        parameters = fit.model.structure.parameters
        parameters[...] = parameters.astype("float32")


class ForgetsMomentum(Best):
    """Has the trainer begin anew from its own state, with the optimizer's memory emptied."""

    every_steps = 6

    def steps_ended(self, fit: Any) -> None:
        for context in fit.job.contexts:
            context.reset()


class SharePerEpoch(Best):
    """Divides by the length of an epoch, which a stream may not have."""

    def progress(self, fit: Any) -> None:
        self.share = fit.batch / fit.batches_per_epoch


class Innocent(Best):
    """Says that no run ends otherwise because of it, and ends runs."""

    changes_training = False

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        if len(self.costs) == 3:
            fit.stop("three epochs are enough")


class NeedsACost(Best):
    """Relies on a best cost when it is restored."""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.best = min(self.costs)


class LetsGoOfItsFile(Best):
    """Closes its file after the last epoch, and forgets it whatever ends the fit."""

    file: Any = None

    def fit_started(self, fit: Any) -> None:
        super().fit_started(fit)
        self.file = Path("costs.txt").open("a", encoding="utf-8")  # noqa: SIM115 - not closed when an error ends the fit

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        self.file.write(f"{record['cost']}\n")

    def fit_ended(self, fit: Any) -> None:
        if fit.outcome != "failed":
            self.file.close()
        self.file = None


class TellsTheCost(Best):
    """Puts the cost so far in words, also where there is none."""

    def progress(self, fit: Any) -> None:
        self.words = f"{fit.cost:.4f}"


BUGS = [
    Bug(KeepsTheModel, "state-is-plain", "of type Sequential"),
    Bug(DropsTheLastRecord, "disturbs-nothing", "history"),
    Bug(RoundsHistory, "disturbs-nothing", "copy it first"),
    Bug(LooksInFloat32, "disturbs-nothing", "parameters are others"),
    Bug(ForgetsMomentum, "disturbs-nothing", "parameters are others"),
    Bug(SharePerEpoch, "fits-a-stream", "batches_per_epoch"),
    Bug(Innocent, "changes-training-declared", "changes_training"),
    Bug(LetsGoOfItsFile, "errors-pass", "without close()"),
    Bug(TellsTheCost, "fits-weights-of-zero", "fit.cost is None"),
    Bug(NeedsACost, "resumed-to-the-same", "before the first step"),
]
