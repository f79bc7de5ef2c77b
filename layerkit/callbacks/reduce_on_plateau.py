"""A lower learning rate when nothing gets better any more."""

from __future__ import annotations

from typing import Any, final

from layerkit.arguments import check_integer, check_number, check_table
from layerkit.callbacks.improvement import Mode, check_followed, is_new_best
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView, require_follows
from layerkit.interfaces.metric import require_measured
from layerkit.interfaces.schedule import Schedule


@final
class ReduceOnPlateau(Callback):
    """Multiplies the learning rate by ``factor`` after ``patience`` epochs in a row without a new best of one measure.

    The rate is that of the trainer's optimizer, which must be a number: what a schedule says step by step, nothing else
    changes. It stays as it is when the fit ends, so a second fit goes on with it. A fit that is resumed with this
    callback goes on with the rate that it had come to, whatever the optimizer was made with: ``resume`` warns that the
    two differ, before it is put right.

    Args:
        monitor: a name in the history's records, such as ``"validation_cost"`` or ``"validation_accuracy"``.
        factor: what the rate is multiplied by, above 0 and below 1.
        patience: how many epochs may pass without a new best, at least 1.
        minimum_change: by how much a value must be better to count as a new best, at least 0.
        cooldown: how many epochs after a reduction do not count as waiting, at least 0.
        minimum_rate: below which the rate never falls, at least 0.
        mode: ``"lowest"`` or ``"highest"`` is best; ``"auto"`` knows by the name (costs and errors: lowest).

    Each fit starts with a clean memory, unless it is one that is resumed.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit, the optimizer has a schedule; after the first
            epoch, nothing of that name is measured.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, ReduceOnPlateau, Sequential, Trainer
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.5), seed=0)
    >>> plateau = ReduceOnPlateau("cost", factor=0.5, patience=2, minimum_change=1e-3)
    >>> history = trainer.fit((x, 2 * x), epochs=60, batch_size=5, callbacks=[plateau])
    >>> trainer.optimizer.learning_rate == 0.5 * 0.5 ** len(plateau.reductions) < 0.5
    True
    """

    sets = ("optimizer.learning_rate",)

    def __init__(
        self,
        monitor: str = "validation_cost",
        *,
        factor: float = 0.1,
        patience: int = 10,
        minimum_change: float = 0.0,
        cooldown: int = 0,
        minimum_rate: float = 0.0,
        mode: Mode = "auto",
    ) -> None:
        check_followed(self, monitor=monitor, patience=patience, minimum_change=minimum_change, mode=mode)
        check_number(self, "factor", factor, above=0, below=1)
        check_integer(self, "cooldown", cooldown, minimum=0)
        check_number(self, "minimum_rate", minimum_rate, minimum=0)
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.minimum_change = minimum_change
        self.cooldown = cooldown
        self.minimum_rate = minimum_rate
        self.mode = mode
        self._resumed = False
        self._forget()

    def _forget(self) -> None:
        self._best: float | None = None
        self._waited = 0
        self._cooling = 0
        self._rate: float | None = None
        self._reductions: list[int] = []

    @property
    def best(self) -> float | None:
        """The best value so far; None before the first."""
        return self._best

    @property
    def reductions(self) -> list[int]:
        """After which epochs of this fit the rate was reduced."""
        return list(self._reductions)

    def fit_started(self, fit: FitView) -> None:
        require_follows(self, "monitor", self.monitor, fit)
        optimizer = fit.trainer.optimizer
        if isinstance(optimizer.learning_rate, Schedule):
            raise ArgumentError(
                f"ReduceOnPlateau: the optimizer's learning rate follows {optimizer.learning_rate!r}, and what a "
                "schedule says nothing else changes: give the optimizer a number, or leave this callback out"
            )
        if not self._resumed:
            self._forget()
            self._rate = float(optimizer.learning_rate)
        elif self._rate is not None:
            optimizer.learning_rate = self._rate
        self._resumed = False

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        require_measured(self, "monitor", self.monitor, record)
        value = float(record[self.monitor])
        change = self.minimum_change
        if is_new_best(value, self._best, monitor=self.monitor, mode=self.mode, minimum_change=change):
            self._best, self._waited = value, 0
        else:
            self._waited += 1
        if self._cooling:
            self._cooling -= 1
            self._waited = 0
        if self._waited >= self.patience:
            self._waited, self._cooling = 0, self.cooldown
            self._reduce(fit)

    def state(self) -> dict[str, Any]:
        return {
            "best": self._best,
            "waited": self._waited,
            "cooling": self._cooling,
            "rate": self._rate,
            "reductions": self.reductions,
        }

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "best", "waited", "cooling", "rate", "reductions")
        if state["best"] is not None:
            check_number(self, "best", state["best"])
        if state["rate"] is not None:
            check_number(self, "rate", state["rate"], minimum=0)
        for name in ("waited", "cooling"):
            check_integer(self, name, state[name], minimum=0)
        if not isinstance(state["reductions"], list):
            raise ArgumentError(f"ReduceOnPlateau: reductions must be a list, got {state['reductions']!r:.100}")
        for place, epoch in enumerate(state["reductions"]):
            check_integer(self, f"reductions[{place}]", epoch, minimum=1)
        self._best, self._waited, self._cooling = state["best"], state["waited"], state["cooling"]
        self._rate, self._reductions = state["rate"], list(state["reductions"])
        self._resumed = True

    def _reduce(self, fit: FitView) -> None:
        optimizer = fit.trainer.optimizer
        before = float(optimizer.learning_rate)
        rate = max(before * self.factor, float(self.minimum_rate))
        if rate < before:
            optimizer.learning_rate = self._rate = rate
            self._reductions.append(fit.epoch)
