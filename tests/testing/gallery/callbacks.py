"""Callbacks with one bug each, derived from ``Best``, which has none."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from layerkit import Callback
from layerkit.arguments import check_integer
from tests.testing.gallery.bug import Bug


class Best(Callback):
    """Remembers the costs so far and the best parameters, and stops after a number of epochs without a better cost."""

    def __init__(self, patience: int = 2) -> None:
        check_integer(self, "patience", patience, minimum=1)
        self.patience = patience
        self._resumed = False
        self.forget()

    def forget(self) -> None:
        self.costs: list[float] = []
        self.waited = 0
        self.parameters: Any = None

    def fit_started(self, fit: Any) -> None:
        if not self._resumed:
            self.forget()
        self._resumed = False

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        better = not self.costs or record["cost"] < 0.97 * min(self.costs)
        self.waited = 0 if better else self.waited + 1
        if better:
            self.parameters = fit.model.structure.parameters.copy()
        self.costs.append(record["cost"])
        if self.waited >= self.patience:
            fit.stop(f"no better cost for {self.waited} epochs")

    def state(self) -> dict[str, Any]:
        return {"costs": list(self.costs), "waited": self.waited, "parameters": self.parameters}

    def restore(self, state: dict[str, Any]) -> None:
        self._resumed = True
        self.costs = list(state["costs"])
        self.waited = state["waited"]
        self.parameters = state["parameters"]


class OneFitOnly(Best):
    """Takes away in fit_ended what it made in the constructor."""

    def fit_ended(self, fit: Any) -> None:
        del self.patience


class HalfSteps(Best):
    """Asks to be called every half step."""

    every_steps = 0.5  # type: ignore[assignment]


class WrongSignature(Best):
    """Takes no record."""

    def epoch_ended(self, fit: Any) -> None:  # type: ignore[override]
        pass


class NeedsAnEpoch(Best):
    """Relies on an epoch when the fit ends."""

    def fit_ended(self, fit: Any) -> None:
        self.last = self.costs[-1]


class NeedsASecondStep(Best):
    """Relies on steps when the fit ends."""

    def progress(self, fit: Any) -> None:
        self.seen = fit.step

    def fit_ended(self, fit: Any) -> None:
        self.total = self.seen


class TakesAStepForAnEpoch(Best):
    """Takes it that where there was a step, there was an epoch."""

    seen = False

    def progress(self, fit: Any) -> None:
        self.seen = True

    def fit_ended(self, fit: Any) -> None:
        self.last = self.costs[-1] if self.seen else 0.0


class Nudges(Best):
    """Rounds the parameters as it looks at them."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        fit.model.structure.parameters[...] = np.round(fit.model.structure.parameters, 3)


class NudgesBetweenSteps(Best):
    """Changes a parameter in the middle of an epoch."""

    def progress(self, fit: Any) -> None:
        fit.model.structure.parameters[0] += 1e-9


class EditsTheRecord(Best):
    """Rounds the numbers that it is given to show."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        record["cost"] = round(record["cost"], 3)


class AddsToTheRecord(Best):
    """Writes a column of its own into the history."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        record["norm"] = 1.0


class StateOfASet(Best):
    """Its state has a set in it."""

    def state(self) -> dict[str, Any]:
        return {**super().state(), "costs": set(self.costs)}


class StateWithNumbersForKeys(Best):
    """Its state has keys that are numbers."""

    def state(self) -> dict[str, Any]:
        return {**super().state(), "costs": dict(enumerate(self.costs))}


class LiveState(Best):
    """Gives the very list that it goes on writing to."""

    def forget(self) -> None:
        if hasattr(self, "costs"):
            self.costs.clear()
        else:
            super().forget()

    def state(self) -> dict[str, Any]:
        return {**super().state(), "costs": self.costs}


class RestoresHalf(Best):
    """Does not take the count back."""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore({**state, "waited": 0})


class RestoresNothing(Best):
    """Implements state, and no restore."""

    def restore(self, state: dict[str, Any]) -> None:
        pass


class ForgetsAtTheStart(Best):
    """Begins anew in fit_started, also when it was restored."""

    def fit_started(self, fit: Any) -> None:
        self.forget()


class CountsBesides(Best):
    """Stops after four epochs that it has seen, and has no state."""

    def __init__(self, patience: int = 2) -> None:
        super().__init__(patience)
        self.seen = 0

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.seen += 1
        if self.seen == 4:
            fit.stop("four epochs are enough")

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass


class CountsSteps(Best):
    """Counts the steps of this process instead of asking for fit.step."""

    every_steps = 1

    def __init__(self, patience: int = 2) -> None:
        super().__init__(patience)
        self.steps = 0

    def steps_ended(self, fit: Any) -> None:
        self.steps += 1

    def state(self) -> dict[str, Any]:
        return {**super().state(), "steps": self.steps}


class SavesInsideAnEpochOnly(Best):
    """Gives a state that is empty where an epoch has just ended."""

    inside = False

    def progress(self, fit: Any) -> None:
        self.inside = True

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        super().epoch_ended(fit, record)
        self.inside = False

    def state(self) -> dict[str, Any]:
        return super().state() if self.inside else {"costs": [], "waited": 0, "parameters": None}


class GlobalDraws(Best):
    """Draws from the global generator."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        random.random()


BUGS = [
    Bug(OneFitOnly, "calls-survived", "the second fit raised AttributeError"),
    Bug(HalfSteps, "calls-survived", "every_steps is 0.5"),
    Bug(WrongSignature, "calls-survived", "the first fit raised ArgumentError: WrongSignature.epoch_ended"),
    Bug(NeedsAnEpoch, "errors-pass", "IndexError"),
    Bug(NeedsASecondStep, "errors-pass", "AttributeError"),
    Bug(TakesAStepForAnEpoch, "errors-pass", "before step 1"),
    Bug(Nudges, "disturbs-nothing", "after epoch 2 the parameters are others"),
    Bug(NudgesBetweenSteps, "disturbs-nothing", "after epoch 1 the parameters are others"),
    Bug(EditsTheRecord, "disturbs-nothing", "copy it first"),
    Bug(AddsToTheRecord, "disturbs-nothing", "'norm'"),
    Bug(StateOfASet, "state-is-plain", "of type set"),
    Bug(StateWithNumbersForKeys, "state-is-plain", "of type dict"),
    Bug(LiveState, "state-is-plain", "changes while training goes on"),
    Bug(RestoresHalf, "state-restored", "leaves something out"),
    Bug(RestoresNothing, "state-restored", "'costs': []"),
    Bug(ForgetsAtTheStart, "resumed-to-the-same", "fit_started forgets"),
    Bug(CountsBesides, "resumed-to-the-same", "its history"),
    Bug(CountsSteps, "state-restored", "leaves something out"),
    Bug(SavesInsideAnEpochOnly, "resumed-to-the-same", "cut before step 12"),
    Bug(GlobalDraws, "global-generators-untouched", "random"),
]
