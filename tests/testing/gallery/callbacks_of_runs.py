"""Callbacks that go wrong from one epoch, or one run, to the next."""

from __future__ import annotations

from typing import Any, ClassVar

from layerkit import Callback
from layerkit.arguments import check_integer, check_number
from tests.testing.gallery.bug import Bug


class Costs(Callback):
    """Keeps the costs of a run."""

    changes_training = False

    def __init__(self) -> None:
        self.costs: list[float] = []
        self._resumed = False

    def fit_started(self, fit: Any) -> None:
        if not self._resumed:
            self.costs = []
        self._resumed = False

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.costs.append(float(record["cost"]))

    def state(self) -> dict[str, Any]:
        return {"costs": list(self.costs)}

    def restore(self, state: dict[str, Any]) -> None:
        self.costs = list(state["costs"])
        self._resumed = True


class HandsOutItsList(Costs):
    """Gives the list that it goes on with, and begins another one in the next fit."""

    def state(self) -> dict[str, Any]:
        return {"costs": self.costs}


class Cooling(Callback):
    """Multiplies the learning rate by a factor after each epoch, and sets it again where a run is resumed."""

    sets: ClassVar[tuple[str, ...]] = ("optimizer.learning_rate",)

    def __init__(self, factor: float = 0.5) -> None:
        check_number(self, "factor", factor, above=0, maximum=1)
        self.factor = factor
        self._rate: float | None = None
        self._resumed = False

    def fit_started(self, fit: Any) -> None:
        if self._resumed and self._rate is not None:
            fit.trainer.optimizer.learning_rate = self._rate
        self._resumed = False

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self._rate = fit.trainer.optimizer.learning_rate * self.factor
        fit.trainer.optimizer.learning_rate = self._rate

    def state(self) -> dict[str, Any]:
        return {"rate": self._rate}

    def restore(self, state: dict[str, Any]) -> None:
        self._rate = state["rate"]
        self._resumed = True


class CoolingUnsaid(Cooling):
    """Does not say that it sets the rate."""

    sets = ()


class Shortened(Callback):
    """Ends a fit after so many epochs of it."""

    def __init__(self, epochs: int = 3) -> None:
        check_integer(self, "epochs", epochs, minimum=1)
        self.epochs = epochs
        self.done = 0
        self._resumed = False

    def fit_started(self, fit: Any) -> None:
        if not self._resumed:
            self.begin()
        self._resumed = False

    def begin(self) -> None:
        self.done = 0

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.done += 1
        if self.done >= self.epochs:
            fit.stop(f"{self.epochs} epochs are done")

    def state(self) -> dict[str, Any]:
        return {"done": self.done}

    def restore(self, state: dict[str, Any]) -> None:
        self.done = state["done"]
        self._resumed = True


class GoesOnCounting(Shortened):
    """Counts on in the next run."""

    def begin(self) -> None:
        """Nothing is set back."""


BUGS = [
    Bug(HandsOutItsList, "state-is-plain", "changes while training goes on"),
    Bug(CoolingUnsaid, "sets-declared", "optimizer.learning_rate"),
    Bug(GoesOnCounting, "another-run-begins-anew", "leads elsewhere"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(Costs, {}), (Cooling, {}), (Shortened, {})]
