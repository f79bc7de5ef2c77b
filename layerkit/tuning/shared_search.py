"""A search that several commands share: trials as they come, and the winner's trainings shared out too."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache, partial
from typing import Any, final

from layerkit.tuning.claims import Claims
from layerkit.tuning.halving import Stage, halved
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.plan import Conditions, Plan, Watcher
from layerkit.tuning.processes import Workers
from layerkit.tuning.pruning import Pruning
from layerkit.tuning.record import keep_outcome, outcome_of
from layerkit.tuning.rounds import best_of, require_some
from layerkit.tuning.samplers import final_seeds, sampler_for
from layerkit.tuning.search import Search
from layerkit.tuning.storage import study_in, telling

_TRIALS = "trials"
_RUN = "run"
_STILL, _LOOKS = 2.0, 20
"""For how many seconds, and how often in them, a command looks whether others are at work."""


@final
class SharedSearch:
    """The trials of a search so far, as far as this command has seen them.

    What is drawn depends on what has ended by then, so the sequence is not the one of one command. A trial keeps its
    number, its seed and what was drawn for it, whoever performs it.

    Raises:
        SearchError: as ``study_in``.
    """

    def __init__(self, plan: Plan, search: Search, conditions: Conditions, watcher: Watcher) -> None:
        assert conditions.storage is not None
        self._plan = plan
        self._search = search
        self._storage = conditions.storage
        self._jobs = conditions.jobs
        self._watcher = watcher
        self.objective = plan.objective
        self.outcomes: dict[int, Outcome] = {}
        """By number, those that have ended."""
        self.params: list[dict[str, Any]] = []
        """What was drawn, by number."""
        self.study = self._opened(plan.name, plan.identity)
        self._shown: set[int] = set()
        self._claims = Claims(self._storage, self.study)
        watcher.began(self.objective)

    @property
    def best(self) -> Outcome | None:
        """The best trial that is complete, the first of equals."""
        return best_of(self.outcomes.values(), self.objective)

    def run(self, workers: Workers, *, until: Callable[[], float | None]) -> bool:
        """Perform trials until all have ended, or the time has come; whether nobody performs any then.

        Raises:
            SearchError: every trial of the first round has failed; the message has the first reason.
        """
        with closing(self._claims):
            all_ended = self._claims.work(
                lambda claimed: self._performed(workers, claimed, until()),
                keep_outcome,
                total=self._total,
                size=self._search.round if self._search.pruner == "halving" else self._jobs,
                until=until,
                seen=self._see,
            )
            if all_ended:
                return True
            # another may be between two, whenever one looks
            for _ in range(_LOOKS):
                if self._claims.others():
                    return False
                time.sleep(_STILL / _LOOKS)
            return True

    def finals(self, workers: Workers, share: Callable[[Mapping[str, Any]], None]) -> list[FinalRun]:
        """The winner, trained with each seed by whichever command claims it.

        ``share`` gives the workers what it is trained on and the test data.
        """
        best = self.best
        assert best is not None
        drawn = self.params[best.number]
        seeds = final_seeds(self._search.seed, self._search.final_seeds)
        share_once = cache(partial(share, drawn))

        def perform(claimed: Sequence[Any]) -> Iterator[Any]:
            share_once()
            return workers.results([self._plan.final(each.number, seeds[each.number], drawn) for each in claimed])

        name = f"{self._plan.name}, winner {best.number}"
        study = self._opened(name, {**self._plan.identity, "winner": best.number})
        claims = Claims(self._storage, study)
        with closing(claims):
            claims.work(perform, self._keep_final, total=lambda: len(seeds), size=self._jobs)
            runs = [trial.user_attrs[_RUN] for trial in claims.trials()[: len(seeds)]]
        return [FinalRun(**{**run, "classes": tuple(run["classes"])}) for run in runs]

    def _opened(self, name: str, identity: Mapping[str, Any]) -> Any:
        minimised = self.objective.minimised
        return study_in(self._storage, name, identity=identity, minimised=minimised, way="join")

    def _total(self) -> int:
        """How many trials are wanted: the most that any command has asked for."""
        points, wanted = self._plan.points, self._search.trials
        with telling(self._storage), quiet_optuna():
            known = int(self.study.user_attrs.get(_TRIALS, 0))
            if known < wanted:
                self.study.set_user_attr(_TRIALS, wanted)
        return max(known, wanted) if points is None else min(max(known, wanted), len(points))

    def _see(self, trials: Sequence[Any]) -> None:
        """Take over what others, and this command, have ended, and tell of it."""
        self.params = [dict(trial.params) for trial in trials]
        for trial in trials:
            outcome = outcome_of(trial)
            if outcome is not None and trial.number not in self.outcomes:
                self.outcomes[trial.number] = outcome
                self._show(trial.number)
                self._watcher.ended(outcome)
        first = range(self._search.round)
        if all(number in self.outcomes for number in first):
            require_some([self.outcomes[number] for number in first])

    def _show(self, number: int) -> None:
        if number not in self._shown:
            self._shown.add(number)
            self._watcher.drawn(number, self.params[number])

    def _performed(self, workers: Workers, claimed: Sequence[Any], limit: float | None) -> Iterator[Outcome]:
        from optuna.exceptions import UpdateFinishedTrialError

        numbers = []
        for trial in claimed:
            # another that was taken for dead may have ended it after all
            with suppress(UpdateFinishedTrialError):
                self._draw(trial)
                numbers.append(trial.number)

        def perform(judges: Mapping[int, Pruning | Stage | None]) -> Iterator[Outcome]:
            tasks = [self._plan.trial(number, self.params[number], judge) for number, judge in judges.items()]
            return workers.results(tasks, until=limit)

        if self._search.pruner == "halving":
            return halved(numbers, {}, epochs=self._plan.epochs, objective=self.objective, perform=perform)
        judge = None
        if self._search.pruner != "none":
            earlier = [outcome for _, outcome in sorted(self.outcomes.items())]
            judge = Pruning(self._search.pruner, self.objective.minimised, self._plan.epochs, earlier)
        return perform(dict.fromkeys(numbers, judge))

    def _draw(self, trial: Any) -> None:
        """Let the sampler draw; of what was drawn for the trial before, nothing is drawn again."""
        with telling(self._storage), quiet_optuna() as optuna:
            study = optuna.load_study(study_name=self._plan.name, storage=self.study._storage)
            if self._plan.points is None:
                study.sampler = sampler_for(self._search.sampler, seed=self._search.seed, number=trial.number)
            else:
                point = dict(self._plan.points[trial.number])
                study._storage.set_trial_system_attr(trial._trial_id, "fixed_params", point)
            drawn = self._plan.draw(optuna.trial.Trial(study, trial._trial_id))
        self.params.extend({} for _ in range(len(self.params), trial.number + 1))
        self.params[trial.number] = drawn
        self._show(trial.number)

    def _keep_final(self, study: Any, trial_id: int, run: FinalRun) -> None:
        import optuna

        study._storage.set_trial_user_attr(trial_id, _RUN, dataclasses.asdict(run))
        value = run.measured.get(self.objective.name)
        states = optuna.trial.TrialState
        state, values = (states.FAIL, None) if value is None else (states.COMPLETE, [value])
        study._storage.set_trial_state_values(trial_id, state, values)
