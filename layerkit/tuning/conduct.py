"""A search from its first trial to the winner's figures, whatever it is that is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from math import ceil
from typing import Any, final

from layerkit.arguments import check_integer, check_number
from layerkit.errors import ArgumentError, SearchError
from layerkit.tuning.needed import require_optuna, require_sampler
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.processes import Processes, Workers
from layerkit.tuning.record import Record
from layerkit.tuning.result import Result, median_run
from layerkit.tuning.rounds import Draw, MakeTask, Rounds, Watcher
from layerkit.tuning.samplers import final_seeds
from layerkit.tuning.search import Search
from layerkit.tuning.split_data import Part
from layerkit.tuning.tasks import Task

_MARGIN = 1.3


@final
@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a search is over.

    ``final_data`` gives what the winner is trained on and the test data, ``{"final": (train, validation), "test": …}``,
    and is called once, at the end; empty where there is no test data. ``settings`` tells the winner as a table.
    """

    name: str
    objective: Objective
    draw: Draw
    points: Sequence[Mapping[str, Any]] | None
    trial: MakeTask
    final: Callable[[int, int, Mapping[str, Any]], Task]
    parts: Sequence[Part]
    final_data: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    settings: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None
    identity: Mapping[str, Any]
    epochs: int


@final
class Silent:
    """A watcher who says nothing."""

    def began(self, objective: Objective) -> None:
        pass

    def drawn(self, number: int, params: Mapping[str, Any]) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        pass


def require_ready(search: Search, *, jobs: int, time_limit: float | None, storage: str | None, resume: bool) -> None:
    """Refuse what cannot begin, before any work.

    Raises:
        ArgumentError: an argument is out of range, or one lacks another.
        SearchError: a package is missing.
    """
    check_integer("tune", "jobs", jobs, minimum=1, maximum=1000)
    if time_limit is not None:
        check_number("tune", "time_limit", time_limit, above=0)
    if resume and storage is None:
        raise ArgumentError("tune: to resume a search, name the storage that it is in: storage=…")
    require_optuna()
    require_sampler(search.sampler)


def conduct(
    plan: Plan,
    search: Search,
    *,
    jobs: int,
    began: float,
    time_limit: float | None,
    storage: str | None,
    resume: bool,
    watcher: Watcher | None,
    workers: Workers | None,
) -> Result:
    """Perform trials, then train the winner with several seeds and look at the test data.

    Raises:
        SearchError: the storage cannot be used, or no trial is complete.
    """
    record = None
    if storage is not None:
        minimised = plan.objective.minimised
        record = Record(storage, plan.name, identity=plan.identity, minimised=minimised, resume=resume)
    rounds = Rounds(
        draw=plan.draw,
        task=plan.trial,
        objective=plan.objective,
        sampler=search.sampler,
        pruner=search.pruner,
        epochs=plan.epochs,
        points=plan.points,
        size=search.round,
        seed=search.seed,
        record=record,
        watcher=watcher or Silent(),
    )

    def until() -> float | None:
        if time_limit is None:
            return None
        best = rounds.best
        whole = 1.0 if search.folds is not None else 1 / (1 - search.validation_fraction)
        one = 0.0 if best is None else best.seconds * whole
        return began + time_limit - _MARGIN * one * ceil(search.final_seeds / jobs)

    interrupted = False
    finals: list[FinalRun] = []
    with closing(Processes(jobs)) if workers is None else nullcontext(workers) as at_work:
        at_work.share("parts", list(plan.parts))
        try:
            rounds.run(at_work, trials=search.trials, until=until)
            if rounds.best is not None:
                finals = _finals(at_work, plan, search, rounds.params[rounds.best.number])
        except KeyboardInterrupt:
            interrupted = True
    best = rounds.best
    if best is None and not interrupted:
        reasons = [outcome.reason for _, outcome in sorted(rounds.outcomes.items()) if outcome.reason]
        why = f"the first reason: {reasons[0]}" if reasons else "the time limit came first"
        raise SearchError(f"no trial of {len(rounds.outcomes)} is complete; {why}")
    settings = None
    if best is not None and plan.settings is not None:
        chosen = median_run(finals, plan.objective.name)
        seed = chosen.seed if chosen is not None else final_seeds(search.seed, 1)[0]
        settings = plan.settings(rounds.params[best.number], seed)
    return Result(
        name=plan.name,
        objective=plan.objective,
        outcomes=[outcome for _, outcome in sorted(rounds.outcomes.items())],
        params=rounds.params,
        best=best,
        settings=settings,
        finals=finals,
        interrupted=interrupted,
        study=rounds.study,
    )


def _finals(workers: Workers, plan: Plan, search: Search, drawn: Mapping[str, Any]) -> list[FinalRun]:
    """The winner, trained with each seed: the one time that the test data is looked at."""
    data = plan.final_data(drawn)
    for name, value in data.items():
        workers.share(name, value)
    if not data:
        return []
    tasks = [
        plan.final(number, seed, drawn) for number, seed in enumerate(final_seeds(search.seed, search.final_seeds))
    ]
    return sorted(workers.results(tasks), key=lambda run: run.number)
