"""What a search has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from layerkit.interfaces.metric import lower_is_better
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import FinalRun, Outcome


@final
@dataclass(frozen=True, kw_only=True)
class Result:
    """Trials by number, what was drawn for each, the winner, and what the test data say of it.

    ``settings``: the winner's table, as ``layerkit.experiments.parse_experiment`` takes it, with the seed of the run
    whose figure is the median; None where no trial is complete. ``finals``: the winner trained with several seeds;
    empty after an interruption, without test data, and where they are ``left_to_others``: other commands were at work
    on a shared search when this one's time was over. ``study``: Optuna's.
    """

    name: str
    objective: Objective
    outcomes: Sequence[Outcome]
    params: Sequence[Mapping[str, Any]]
    best: Outcome | None
    settings: Mapping[str, Any] | None
    finals: Sequence[FinalRun]
    interrupted: bool
    left_to_others: bool = False
    study: Any

    @property
    def figures(self) -> list[float]:
        """The measure that decided, on the test data, for each seed that did not fail."""
        return [each.measured[self.objective.name] for each in self.finals if self.objective.name in each.measured]

    @property
    def median(self) -> float | None:
        """The median over the seeds, of an even number the worse of the two in the middle, so that one run has it.

        None where the test data was not looked at.
        """
        run = median_run(self.finals, self.objective.name)
        return None if run is None else float(run.measured[self.objective.name])

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the greatest over the seeds."""
        return (min(self.figures), max(self.figures)) if self.figures else None

    @property
    def best_params(self) -> Mapping[str, Any]:
        """What was drawn for the winner; empty without one."""
        return {} if self.best is None else self.params[self.best.number]

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON-safe values."""
        return {
            "name": self.name,
            "metric": self.objective.name,
            "direction": "minimize" if self.objective.minimised else "maximize",
            "best": None if self.best is None else {"number": self.best.number, "value": self.best.value},
            "best_params": dict(self.best_params),
            "settings": self.settings,
            "test": {
                "median": self.median,
                "spread": self.spread,
                "runs": [{"seed": each.seed, **each.measured, "reason": each.reason} for each in self.finals],
            },
            "trials": [
                {
                    "number": outcome.number,
                    "state": outcome.state,
                    "value": outcome.value,
                    "params": dict(self.params[outcome.number]),
                    "curve": list(outcome.curve),
                    "seconds": outcome.seconds,
                    "reason": outcome.reason,
                }
                for outcome in self.outcomes
            ],
            "interrupted": self.interrupted,
            "left_to_others": self.left_to_others,
        }


def median_run(finals: Sequence[FinalRun], name: str) -> FinalRun | None:
    """The run whose figure is the median, of an even number the worse of the two; None where all have failed."""
    done = sorted((each for each in finals if name in each.measured), key=lambda each: float(each.measured[name]))
    return done[len(done) // 2 if lower_is_better(name) else (len(done) - 1) // 2] if done else None
