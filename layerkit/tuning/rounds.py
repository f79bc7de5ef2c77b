"""Trials in rounds: a round is drawn, performed by however many workers, and told in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, final

from layerkit.errors import SearchError
from layerkit.tuning.halving import Stage, halved
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import Outcome
from layerkit.tuning.plan import Plan, Watcher
from layerkit.tuning.processes import Workers
from layerkit.tuning.pruning import Pruning
from layerkit.tuning.record import Record, outcome_of, state_of
from layerkit.tuning.samplers import sampler_for
from layerkit.tuning.search import Search


@final
class Rounds:
    """The trials of a search so far.

    The study in memory is what the sampler sees; the record, if there is one, what is left when the process is gone.
    Both know a trial by the same number. What a round's trials give is told to the sampler when all of them have ended,
    in the order of their numbers, so nothing depends on which worker was the faster.
    """

    def __init__(self, plan: Plan, search: Search, *, record: Record | None, watcher: Watcher) -> None:
        self._draw = plan.draw
        self._task = plan.trial
        self._sampler = search.sampler
        self._pruner = search.pruner
        self._epochs = plan.epochs
        self._points = plan.points
        self._size = search.round
        self._seed = search.seed
        self._record = record
        self._watcher = watcher
        self.objective = plan.objective
        self.outcomes: dict[int, Outcome] = {}
        """By number, those that have ended."""
        self.params: list[dict[str, Any]] = []
        """What was drawn, by number."""
        with quiet_optuna() as optuna:
            self.study = optuna.create_study(direction="minimize" if plan.objective.minimised else "maximize")
            for trial in [] if record is None else record.trials():
                self._take_over(trial)
        watcher.began(plan.objective)
        for number, outcome in sorted(self.outcomes.items()):
            watcher.drawn(number, self.params[number])
            watcher.ended(outcome)

    def run(self, workers: Workers, *, trials: int, until: Callable[[], float | None] = lambda: None) -> None:
        """Perform trials until there are so many, or until the time that ``until`` gives has come.

        Raises:
            SearchError: every trial of the first round has failed; the message has the first reason.
        """
        count = trials if self._points is None else min(trials, len(self._points))
        for first in range(0, count, self._size):
            numbers = range(first, min(first + self._size, count))
            limit = until()
            if limit is not None and time.monotonic() >= limit:
                return
            for number in numbers:
                if number >= len(self.params):
                    self._ask(number)
            left = [number for number in numbers if number not in self.outcomes]
            if self._record is not None:
                self._record.begun(left)
            for number in left:
                self._watcher.drawn(number, self.params[number])
            for outcome in self._performed(workers, numbers, left, limit) if left else ():
                self.outcomes[outcome.number] = outcome
                if self._record is not None:
                    self._record.ended(outcome)
                self._watcher.ended(outcome)
            if any(number not in self.outcomes for number in numbers):
                return
            self._tell(numbers)
            if first == 0:
                require_some([self.outcomes[number] for number in numbers])

    @property
    def best(self) -> Outcome | None:
        """The best trial that is complete, the first of equals."""
        return best_of(self.outcomes.values(), self.objective)

    def _pruning(self, first: int) -> Pruning | None:
        """What the trials of a round may compare themselves with."""
        if self._pruner == "none":
            return None
        earlier = [self.outcomes[number] for number in range(first)]
        return Pruning(self._pruner, self.objective.minimised, self._epochs, earlier)

    def _ask(self, number: int) -> None:
        with quiet_optuna():
            if self._points is None:
                self.study.sampler = sampler_for(self._sampler, seed=self._seed, number=number)
            else:
                self.study.enqueue_trial(dict(self._points[number]))
            drawn = self._draw(self.study.ask())
        self.params.append(drawn)
        if self._record is not None:
            self._record.asked(self.study.get_trials(deepcopy=False)[number])

    def _performed(self, workers: Workers, numbers: range, left: list[int], limit: float | None) -> Iterator[Outcome]:
        """The outcomes of those that are left of a round, as they come."""
        if self._pruner == "halving":

            def perform(stages: Mapping[int, Stage]) -> Iterator[Outcome]:
                tasks = [self._task(number, self.params[number], stage) for number, stage in stages.items()]
                return workers.results(tasks, until=limit)

            known = {number: self.outcomes[number] for number in numbers if number in self.outcomes}
            return halved(numbers, known, epochs=self._epochs, objective=self.objective, perform=perform)
        pruning = self._pruning(numbers.start)
        return workers.results([self._task(number, self.params[number], pruning) for number in left], until=limit)

    def _tell(self, numbers: range) -> None:
        with quiet_optuna() as optuna:
            for number in numbers:
                outcome = self.outcomes[number]
                trial = self.study.get_trials(deepcopy=False)[number]
                if trial.state.is_finished():
                    continue
                storage = self.study._storage
                for step, value in enumerate(outcome.curve):
                    storage.set_trial_intermediate_value(trial._trial_id, step + 1, value)
                # of one that was pruned, Optuna takes the last value that was reported
                told = outcome.value if outcome.state == "complete" else None
                self.study.tell(number, values=told, state=state_of(optuna, outcome.state))

    def _take_over(self, trial: Any) -> None:
        """A trial of the record; it counts for the sampler once its whole round has ended."""
        import optuna

        outcome = outcome_of(trial)
        if outcome is not None:
            self.outcomes[trial.number] = outcome
        self.params.append(dict(trial.params))
        self.study.add_trial(
            optuna.trial.FrozenTrial(
                number=-1,
                trial_id=-1,
                state=optuna.trial.TrialState.RUNNING,
                value=None,
                datetime_start=trial.datetime_start,
                datetime_complete=None,
                params=trial.params,
                distributions=trial.distributions,
                user_attrs={},
                system_attrs=trial.system_attrs,
                intermediate_values={},
            )
        )


def require_some(outcomes: Sequence[Outcome]) -> None:
    """Refuse to go on where every trial of the first round has failed."""
    reasons = [outcome.reason for outcome in outcomes if outcome.state == "failed"]
    if len(reasons) == len(outcomes) and len(reasons) > 1:
        raise SearchError(
            f"all {len(reasons)} trials of the first round have failed, so the search ends. The first: {reasons[0]}"
        )


def best_of(outcomes: Iterable[Outcome], objective: Objective) -> Outcome | None:
    """The best of those that are complete, the first of equals."""
    found: Outcome | None = None
    for outcome in sorted(outcomes, key=lambda each: each.number):
        if outcome.state != "complete" or outcome.value is None:
            continue
        if found is None or found.value is None or objective.better(outcome.value, found.value):
            found = outcome
    return found
