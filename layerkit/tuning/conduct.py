"""A search from its first trial to the winner's figures, whatever it is that is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from math import ceil
from typing import Any

from layerkit.errors import SearchError
from layerkit.tuning.needed import require_optuna, require_sampler
from layerkit.tuning.outcome import FinalRun
from layerkit.tuning.plan import Conditions, Plan, Silent
from layerkit.tuning.processes import Processes, Workers
from layerkit.tuning.record import Record
from layerkit.tuning.result import Result, median_run
from layerkit.tuning.rounds import Rounds
from layerkit.tuning.samplers import final_seeds
from layerkit.tuning.search import Search
from layerkit.tuning.shared_search import SharedSearch

_MARGIN = 1.3


def require_packages(search: Search) -> None:
    """Refuse what cannot begin, before any work.

    Raises:
        SearchError: a package is missing.
    """
    require_optuna()
    require_sampler(search.sampler)


def conduct(plan: Plan, search: Search, conditions: Conditions, *, began: float) -> Result:
    """Perform trials, then train the winner with several seeds and look at the test data.

    Raises:
        SearchError: the storage cannot be used, or no trial is complete.
    """
    watcher = conditions.watcher or Silent()
    # the processes start, and import what they need, while the study is made
    workers = conditions.workers
    with closing(Processes(conditions.jobs)) if workers is None else nullcontext(workers) as at_work:
        if conditions.join:
            shared = SharedSearch(plan, search, conditions, watcher)
            return _shared(plan, search, conditions, shared, at_work, began)
        if conditions.storage is None:
            return _alone(plan, search, conditions, Rounds(plan, search, record=None, watcher=watcher), at_work, began)
        with closing(Record(conditions.storage, plan, way=conditions.way)) as record:
            rounds = Rounds(plan, search, record=record, watcher=watcher)
            return _alone(plan, search, conditions, rounds, at_work, began)


def _alone(
    plan: Plan, search: Search, conditions: Conditions, rounds: Rounds, at_work: Workers, began: float
) -> Result:
    def perform() -> list[FinalRun]:
        rounds.run(at_work, trials=search.trials, until=_until(rounds, search, conditions, began))
        if rounds.best is None or not plan.tested:
            return []
        drawn = rounds.params[rounds.best.number]
        _share_final_data(at_work, plan, drawn)
        seeds = final_seeds(search.seed, search.final_seeds)
        tasks = [plan.final(number, seed, drawn) for number, seed in enumerate(seeds)]
        return sorted(at_work.results(tasks), key=lambda run: run.number)

    return _performed(plan, search, rounds, at_work, perform)


def _shared(
    plan: Plan, search: Search, conditions: Conditions, shared: SharedSearch, at_work: Workers, began: float
) -> Result:
    def perform() -> list[FinalRun] | None:
        last = shared.run(at_work, until=_until(shared, search, conditions, began))
        if shared.best is None or not plan.tested:
            return []
        if not last:
            return None
        return shared.finals(at_work, lambda drawn: _share_final_data(at_work, plan, drawn))

    return _performed(plan, search, shared, at_work, perform)


def _performed(
    plan: Plan,
    search: Search,
    trials: Rounds | SharedSearch,
    at_work: Workers,
    perform: Callable[[], list[FinalRun] | None],
) -> Result:
    """The result of what workers perform; None in place of the winner's runs leaves them to other commands."""
    interrupted = False
    finals: list[FinalRun] | None = []
    at_work.share("parts", list(plan.parts))
    try:
        finals = perform()
    except KeyboardInterrupt:
        interrupted = True
    best = trials.best
    if best is None and not interrupted:
        reasons = [outcome.reason for _, outcome in sorted(trials.outcomes.items()) if outcome.reason]
        why = f"the first reason: {reasons[0]}" if reasons else "the time limit came first"
        raise SearchError(f"no trial of {len(trials.outcomes)} is complete; {why}")
    settings = None
    if best is not None and plan.settings is not None:
        chosen = median_run(finals or [], plan.objective.name)
        seed = chosen.seed if chosen is not None else final_seeds(search.seed, 1)[0]
        settings = plan.settings(trials.params[best.number], seed)
    return Result(
        name=plan.name,
        objective=plan.objective,
        outcomes=[outcome for _, outcome in sorted(trials.outcomes.items())],
        params=trials.params,
        best=best,
        settings=settings,
        finals=finals or [],
        interrupted=interrupted,
        left_to_others=finals is None,
        study=trials.study,
    )


def _until(
    trials: Rounds | SharedSearch, search: Search, conditions: Conditions, began: float
) -> Callable[[], float | None]:
    """When the last trial must end, so that the winner's training does before the limit."""

    def until() -> float | None:
        if conditions.time_limit is None:
            return None
        best = trials.best
        whole = 1.0 if search.folds is not None else 1 / (1 - search.validation_fraction)
        one = 0.0 if best is None else best.seconds * whole
        return began + conditions.time_limit - _MARGIN * one * ceil(search.final_seeds / conditions.jobs)

    return until


def _share_final_data(workers: Workers, plan: Plan, drawn: Mapping[str, Any]) -> None:
    """What the winner is trained on, and the test data: the one time that they are looked at."""
    for name, value in plan.final_data(drawn).items():
        workers.share(name, value)
