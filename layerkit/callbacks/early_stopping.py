"""Stopping when nothing gets better any more."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer, check_number, check_table
from layerkit.callbacks.improvement import Mode, check_followed, is_new_best
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView, require_follows
from layerkit.interfaces.metric import require_measured
from layerkit.types import Array


@final
class EarlyStopping(Callback):
    """Ends a fit after ``patience`` epochs in a row without a new best value of one measure.

    Args:
        monitor: a name in the history's records, such as ``"validation_cost"`` or ``"validation_accuracy"``.
        patience: how many epochs may pass without a new best, at least 1.
        minimum_change: by how much a value must be better to count as a new best, at least 0.
        mode: ``"lowest"`` or ``"highest"`` is best; ``"auto"`` knows by the name (costs and errors: lowest).
        restore_best: whether the model ends with the values that it had after its best epoch, whatever ends the fit;
            but after an error or an interruption (``fit.stop(…, now=True)``) it is to go on, and keeps what it has.

    Each fit starts with a clean memory, unless it is one that is resumed.

    Raises:
        ArgumentError: an argument is out of range, or (after the first epoch) nothing of that name is measured.

    >>> import numpy as np
    >>> from layerkit import Dense, EarlyStopping, GradientDescent, Quadratic, Sequential, Trainer
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.5), seed=0)
    >>> stopping = EarlyStopping("cost", patience=3, minimum_change=1e-4)
    >>> len(trainer.fit((x, 2 * x), epochs=500, batch_size=5, callbacks=[stopping])) < 100
    True
    """

    def __init__(
        self,
        monitor: str = "validation_cost",
        *,
        patience: int = 5,
        minimum_change: float = 0.0,
        mode: Mode = "auto",
        restore_best: bool = False,
    ) -> None:
        check_followed(self, monitor=monitor, patience=patience, minimum_change=minimum_change, mode=mode)
        check_boolean(self, "restore_best", restore_best)
        self.monitor = monitor
        self.patience = patience
        self.minimum_change = minimum_change
        self.mode = mode
        self.restore_best = restore_best
        self._resumed = False
        self._forget()

    def _forget(self) -> None:
        self._best: float | None = None
        self._best_epoch = 0
        self._waited = 0
        self._values: dict[str, dict[str, Array]] | None = None
        self._last: dict[str, dict[str, Array]] | None = None
        self._reason: str | None = None

    @property
    def best(self) -> float | None:
        """The best value so far; None before the first."""
        return self._best

    @property
    def best_epoch(self) -> int:
        """The epoch of the best value, counted from 1; 0 before the first."""
        return self._best_epoch

    def fit_started(self, fit: FitView) -> None:
        require_follows(self, "monitor", self.monitor, fit)
        if not self._resumed:
            self._forget()
        elif any(_shapes(known) != _shapes(_values(fit.model)) for known in (self._values, self._last) if known):
            self._forget()
            raise ArgumentError("EarlyStopping: the best values that it remembered are those of another model")
        elif self._last is not None:
            # a run that is over is asked to go on, from where its last epoch left it
            fit.model.structure.gate.writing(_put, fit.model, self._last)
        self._resumed, self._last = False, None

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        require_measured(self, "monitor", self.monitor, record)
        value = float(record[self.monitor])
        change = self.minimum_change
        if is_new_best(value, self._best, monitor=self.monitor, mode=self.mode, minimum_change=change):
            self._best, self._best_epoch, self._waited = value, record["epoch"], 0
            if self.restore_best:
                self._values = _values(fit.model)
            return
        self._waited += 1
        if self._waited >= self.patience:
            best = "no finite value yet" if self._best is None else f"best {self._best:.6g} in epoch {self._best_epoch}"
            epochs = "1 epoch" if self._waited == 1 else f"{self._waited} epochs"
            self._reason = f"{self.monitor} has not improved for {epochs} ({best})"
            fit.stop(self._reason)

    def fit_ended(self, fit: FitView) -> None:
        # a fit that was interrupted, or failed, is to go on later, from the values that it had
        if fit.outcome not in ("finished", "stopped") or self._values is None:
            return
        others = [each for each in fit.callbacks if isinstance(each, EarlyStopping) and each.restore_best]
        stopped_by = [each for each in others if each._reason == fit.stop_reason]
        # of several, the one that ended the fit has its way
        able = [each for each in stopped_by or others if each._values is not None]
        if able and self is able[-1]:
            self._last = _values(fit.model)
            fit.model.structure.gate.writing(_put, fit.model, self._values)

    def state(self) -> dict[str, Any]:
        return {
            "best": self._best,
            "best_epoch": self._best_epoch,
            "waited": self._waited,
            "values": self._values,
            "last": self._last,
            "reason": self._reason,
        }

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "best", "best_epoch", "waited", "values", "reason")
        if state["best"] is not None:
            check_number(self, "best", state["best"])
        for name in ("best_epoch", "waited"):
            check_integer(self, name, state[name], minimum=0)
        check_instance(self, "reason", state["reason"], str, optional=True)
        # files of before have no values of the last epoch
        last = state.get("last")
        for name, values in (("values", state["values"]), ("last", last)):
            if values is not None:
                check_table(self, name, values, "parameters", "states")
                for kind, arrays in values.items():
                    check_table(self, f"{name}.{kind}", arrays)
                    for path, array in arrays.items():
                        check_instance(self, f"{name}.{kind}.{path}", array, np.ndarray)
        self._forget()
        self._best = state["best"]
        self._best_epoch = state["best_epoch"]
        self._waited = state["waited"]
        self._values, self._last = state["values"], last
        # a run may be resumed from after its end, and then ends as it would have
        self._reason = state["reason"]
        self._resumed = True


def _shapes(values: dict[str, dict[str, Array]]) -> list[dict[str, tuple[int, ...]]]:
    return [{path: array.shape for path, array in values[kind].items()} for kind in ("parameters", "states")]


def _put(model: Any, values: dict[str, dict[str, Array]]) -> None:
    for kind, live in (("parameters", model.parameters), ("states", model.states)):
        for path, array in live.items():
            array[...] = values[kind][path]


def _values(model: Any) -> dict[str, dict[str, Array]]:
    return {
        "parameters": {path: array.copy() for path, array in model.parameters.items()},
        "states": {path: array.copy() for path, array in model.states.items()},
    }
