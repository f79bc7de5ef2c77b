"""A search over an experiment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from layerkit.arguments import check_instance
from layerkit.calls import explained
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.experiment_file import settings_of
from layerkit.registry.host import PluginHost, default_host
from layerkit.tuning.conduct import conduct, require_packages
from layerkit.tuning.fitted_space import fitted
from layerkit.tuning.halving import Stage
from layerkit.tuning.objective import objective_of
from layerkit.tuning.plan import Conditions, Plan, Watcher
from layerkit.tuning.processes import Workers
from layerkit.tuning.pruning import Pruning
from layerkit.tuning.result import Result
from layerkit.tuning.samplers import trial_seed
from layerkit.tuning.search import Search, identity_of
from layerkit.tuning.split_data import final_part, parts_of, training_data, winning_fraction
from layerkit.tuning.tasks import FinalTask, TrialTask, seeded
from layerkit.tuning.trial_engine import with_engine
from layerkit.tuning.usual_choices import usual_space


@explained
def tune_experiment(
    experiment: Experiment,
    search: Search,
    *,
    jobs: int = 1,
    time_limit: float | None = None,
    storage: str | None = None,
    resume: bool = False,
    join: bool = False,
    watcher: Watcher | None = None,
    workers: Workers | None = None,
    host: PluginHost | None = None,
) -> Result:
    """Search, and try the winner on the test data.

    Args:
        experiment: what is trained; its components must have names in the registry.
        search: the space, and how much of it is tried; without a space, that of ``usual_space``.
        jobs: how many processes train; the trials are the same for any number.
        time_limit: after so many seconds, with the training of the winner among them, there are no more trials.
        storage: a file, or the URL of a database, in which Optuna keeps the trials.
        resume: whether to go on with the search of this name that is there.
        join: whether to share the search of this name with other commands, each of which joins; the first begins it. No
            trial is lost, none counted twice; which are drawn depends on who ends when. All together perform as many
            trials as the search has, or the most that one of them asks for; each ends when all have ended.
        watcher: who is told of each trial.
        workers: who trains, in place of ``jobs`` processes; the caller closes them.

    Ctrl-C ends it in order: the result is that so far.

    Raises:
        ArgumentError: the search does not fit the experiment.
        DataError: the data leaves no rows to judge by.
        SearchError: a package is missing, the storage cannot be used, or all trials of the first round have failed.
    """
    began = time.monotonic()
    check_instance("tune_experiment", "experiment", experiment, Experiment)
    check_instance("tune_experiment", "search", search, Search)
    conditions = Conditions(jobs, time_limit, storage, resume, join, watcher, workers)
    require_packages(search)
    host = host or default_host()
    # callbacks that only write would write over each other
    kept = [callback for callback in experiment.callbacks if callback.changes_training]
    experiment = experiment.with_settings(target={}, quick={}, search={}, callbacks=kept, training_metrics=False)
    own = search.space
    if own is None:
        experiment, own = usual_space(experiment)
    space = fitted(own, experiment, host=host)
    experiment, objective = objective_of(experiment, search.metric, space, host=host)
    train = training_data(experiment)
    experiment = with_engine(experiment, train, host=host)
    fraction = winning_fraction(experiment, search)
    settings = settings_of(experiment.with_settings(validation_fraction=fraction), host=host)

    def trial(number: int, drawn: Mapping[str, Any], judge: Pruning | Stage | None) -> TrialTask:
        return TrialTask(
            number=number,
            seed=trial_seed(search.seed, number),
            settings=space.applied(settings, drawn),
            name=experiment.name,
            measure=objective.measure,
            judge=judge,
        )

    def final(number: int, seed: int, drawn: Mapping[str, Any]) -> FinalTask:
        return FinalTask(number=number, seed=seed, settings=space.applied(settings, drawn), name=experiment.name)

    def final_data(drawn: Mapping[str, Any]) -> dict[str, Any]:
        won = seeded(space.applied(settings, drawn), experiment.name, 0)
        return {"final": final_part(train, won), "test": experiment.dataset.load("test")}

    def told(drawn: Mapping[str, Any], seed: int) -> dict[str, Any]:
        table = space.applied(settings, drawn)
        return {**table, "training": {**table["training"], "seed": seed}}

    plan = Plan(
        name=experiment.name,
        objective=objective,
        draw=space.draw,
        points=space.grid() if search.sampler == "grid" else None,
        trial=trial,
        final=final,
        parts=parts_of(train, search),
        tested="test" in experiment.dataset.splits,
        final_data=final_data,
        settings=told,
        identity={
            "experiment": {key: value for key, value in settings.items() if key != "summary"},
            "space": {path: [repr(each) for each in several] for path, several in space.dimensions.items()},
            **identity_of(search, objective.name),
        },
        epochs=experiment.epochs,
    )
    return conduct(plan, search, conditions, began=began)
