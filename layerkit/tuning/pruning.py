"""Hopeless trials end early, by Optuna's pruners, compared with the trials of complete earlier rounds alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

from layerkit.interfaces.callback import Callback, FitView
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.outcome import Outcome

PRUNERS = ("none", "median", "halving", "hyperband")
_STARTUP = 5


@final
@dataclass(frozen=True)
class Pruning:
    """What a trial needs to know to give up: the outcomes of the rounds before its own.

    It is sent to the worker, which asks nobody else: so it does not matter who else is running, nor how fast.
    """

    pruner: str
    minimised: bool
    epochs: int
    earlier: Sequence[Outcome] = field(repr=False)

    def watch(self, number: int, measure: str) -> PruningCallback:
        """A callback for one fit of the trial of this number."""
        with quiet_optuna() as optuna:
            study = optuna.create_study(
                study_name="search",
                direction="minimize" if self.minimised else "maximize",
                pruner=_pruner(optuna, self.pruner, self.epochs),
            )
            for outcome in self.earlier:
                study.add_trial(_frozen(optuna, outcome))
            # others of the round stand where they do, and have said nothing
            while (trial := study.ask()).number < number:
                pass
        return PruningCallback(trial, measure)


@final
class PruningCallback(Callback):
    """Reports every epoch to Optuna's trial, and stops the fit where it is told to."""

    def __init__(self, trial: Any, measure: str) -> None:
        self.trial = trial
        self.measure = measure
        self.pruned = False

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        with quiet_optuna():
            self.trial.report(float(record[self.measure]), fit.epoch)
            if fit.epoch < fit.epochs and self.trial.should_prune():
                self.pruned = True
                fit.stop("pruned")

    @property
    def marks(self) -> dict[str, float]:
        """What the pruner wrote down of this trial, for those after it."""
        storage = self.trial.study._storage
        attrs: dict[str, float] = storage.get_trial_system_attrs(self.trial._trial_id)
        return {name: float(value) for name, value in attrs.items() if name.startswith("completed_rung")}


def _pruner(optuna: Any, name: str, epochs: int) -> Any:
    if name == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=_STARTUP, n_warmup_steps=max(1, epochs // 10))
    return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max(2, epochs), reduction_factor=3)


def _frozen(optuna: Any, outcome: Outcome) -> Any:
    states = optuna.trial.TrialState
    state = {"complete": states.COMPLETE, "pruned": states.PRUNED}.get(outcome.state, states.FAIL)
    return optuna.trial.create_trial(
        state=state,
        value=outcome.value if state != states.FAIL else None,
        intermediate_values={epoch + 1: value for epoch, value in enumerate(outcome.curve)},
        system_attrs=dict(outcome.marks),
    )
