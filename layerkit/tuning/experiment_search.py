"""A search over an experiment: trials on validation rows, then the winner, once, on the test data."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing, nullcontext
from math import ceil
from typing import Any, final

from layerkit.arguments import check_instance, check_integer, check_number
from layerkit.calls import explained
from layerkit.errors import ArgumentError, SearchError
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.experiment_file import settings_of
from layerkit.registry.host import PluginHost, default_host
from layerkit.tuning.fitted_space import fitted
from layerkit.tuning.needed import require_optuna, require_sampler
from layerkit.tuning.objective import Objective, objective_of
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.processes import Processes, Workers
from layerkit.tuning.record import Record
from layerkit.tuning.result import Result, median_run
from layerkit.tuning.rounds import Rounds, Watcher
from layerkit.tuning.samplers import final_seeds, trial_seed
from layerkit.tuning.search import Search
from layerkit.tuning.split_data import final_part, parts_of, training_data, winning_fraction
from layerkit.tuning.tasks import FinalTask, TrialTask, seeded

_MARGIN = 1.3


@final
class Silent:
    """A watcher who says nothing."""

    def began(self, objective: Objective) -> None:
        pass

    def drawn(self, number: int, params: dict[str, Any]) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        pass


@explained
def tune_experiment(
    experiment: Experiment,
    search: Search,
    *,
    jobs: int = 1,
    time_limit: float | None = None,
    storage: str | None = None,
    resume: bool = False,
    watcher: Watcher | None = None,
    workers: Workers | None = None,
    host: PluginHost | None = None,
) -> Result:
    """Search, and try the winner on the test data.

    Args:
        experiment: what is trained; its components must have names in the registry.
        search: the space, and how much of it is tried.
        jobs: how many processes train; the trials are the same for any number.
        time_limit: after so many seconds, with the training of the winner among them, there are no more trials.
        storage: a file, or the URL of a database, in which Optuna keeps the trials.
        resume: whether to go on with the search of this name that is there.
        watcher: who is told of each trial.
        workers: who trains, in place of ``jobs`` processes; the caller closes them.

    Ctrl-C ends it in order: the result is that so far.

    Raises:
        ArgumentError: the search does not fit the experiment.
        DataError: the data leaves no rows to judge by.
        SearchError: a package is missing, the storage cannot be used, or all trials of the first round have failed.
    """
    check_instance("tune_experiment", "experiment", experiment, Experiment)
    check_instance("tune_experiment", "search", search, Search)
    check_integer("tune_experiment", "jobs", jobs, minimum=1, maximum=1000)
    if time_limit is not None:
        check_number("tune_experiment", "time_limit", time_limit, above=0)
    if resume and storage is None:
        raise ArgumentError("tune_experiment: to resume a search, name the storage that it is in: storage=…")
    began = time.monotonic()
    require_optuna()
    require_sampler(search.sampler)
    host = host or default_host()
    # callbacks that only write would write over each other
    kept = [callback for callback in experiment.callbacks if callback.changes_training]
    experiment = experiment.with_settings(target={}, quick={}, search={}, callbacks=kept, training_metrics=False)
    space = fitted(search.space, experiment, host=host)
    experiment, objective = objective_of(experiment, search.metric, space, host=host)
    points = list(space.points()) if search.sampler == "grid" else None
    train = training_data(experiment)
    parts = parts_of(train, search)
    fraction = winning_fraction(experiment, search)
    settings = settings_of(experiment.with_settings(validation_fraction=fraction), host=host)
    record = None
    if storage is not None:
        identity = _identity(settings, search, objective.name)
        record = Record(storage, experiment.name, identity=identity, minimised=objective.minimised, resume=resume)

    def task(number: int, drawn: dict[str, Any]) -> TrialTask:
        return TrialTask(
            number=number,
            seed=trial_seed(search.seed, number),
            settings=space.applied(settings, drawn),
            name=experiment.name,
            measure=objective.measure,
        )

    rounds = Rounds(
        draw=space.draw,
        task=task,
        objective=objective,
        sampler=search.sampler,
        points=points,
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
        at_work.share("parts", parts)
        try:
            rounds.run(at_work, trials=search.trials, until=until)
            if rounds.best is not None:
                won = space.applied(settings, rounds.params[rounds.best.number])
                finals = _finals(at_work, experiment, won, search, train)
        except KeyboardInterrupt:
            interrupted = True
    best = rounds.best
    if best is None and not interrupted:
        reasons = [outcome.reason for _, outcome in sorted(rounds.outcomes.items()) if outcome.reason]
        why = f"the first reason: {reasons[0]}" if reasons else "the time limit came first"
        raise SearchError(f"no trial of {len(rounds.outcomes)} is complete; {why}")
    winner = None
    if best is not None:
        winner = space.applied(settings, rounds.params[best.number])
        chosen = median_run(finals, objective.name)
        seed = chosen.seed if chosen is not None else final_seeds(search.seed, 1)[0]
        winner["training"] = {**winner["training"], "seed": seed}
    return Result(
        name=experiment.name,
        objective=objective,
        outcomes=[outcome for _, outcome in sorted(rounds.outcomes.items())],
        params=rounds.params,
        best=best,
        settings=winner,
        finals=finals,
        interrupted=interrupted,
        study=rounds.study,
    )


def _finals(
    workers: Workers, experiment: Experiment, settings: Mapping[str, Any], search: Search, train: Any
) -> list[FinalRun]:
    """The winner, trained with each seed: the one time that the test data is looked at."""
    if "test" not in experiment.dataset.splits:
        return []
    won = seeded(settings, experiment.name, 0)
    workers.share("final", final_part(train, won, search))
    workers.share("test", experiment.dataset.load("test"))
    tasks = [
        FinalTask(number=number, seed=seed, settings=settings, name=experiment.name)
        for number, seed in enumerate(final_seeds(search.seed, search.final_seeds))
    ]
    return sorted(workers.results(tasks), key=lambda run: run.number)


def _identity(settings: Mapping[str, Any], search: Search, metric: str) -> dict[str, Any]:
    """What makes a search this one: with the same, another command goes on to the same trials."""
    return {
        "experiment": {key: value for key, value in settings.items() if key != "summary"},
        "space": {path: [repr(each) for each in several] for path, several in search.space.dimensions.items()},
        "metric": metric,
        "sampler": search.sampler,
        "round": search.round,
        "seed": search.seed,
        "validation_fraction": None if search.folds else search.validation_fraction,
        "folds": search.folds,
    }
