"""A search over a function that builds a model or a trainer for a trial of Optuna."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, final

from layerkit.arguments import check_collection, check_instance, check_integer
from layerkit.calls import explained
from layerkit.data.examples import Examples, examples_of
from layerkit.errors import ArgumentError, DataError, LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Dataset
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.models.model import Model
from layerkit.training.trainer import Trainer
from layerkit.tuning.conduct import conduct, require_packages
from layerkit.tuning.halving import Stage
from layerkit.tuning.here import Here
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.plan import Conditions, Plan, Watcher
from layerkit.tuning.processes import Workers
from layerkit.tuning.pruning import Pruning
from layerkit.tuning.result import Result
from layerkit.tuning.samplers import trial_seed
from layerkit.tuning.search import Search, identity_of
from layerkit.tuning.split_data import parts_of
from layerkit.tuning.tasks import Data, Fitted, final_run, outcome_of_fits, reason_of, watch_of

_OF_FIT = ("epochs", "batch_size")
_CHOICES = 10
Build = Callable[[Any], Any]


@final
@dataclass(frozen=True, kw_only=True)
class Building:
    """How a trial's choices become a fit: the function, and what it may leave out."""

    build: Build
    epochs: int
    batch_size: int
    cost: Cost | None
    optimizer: Optimizer | None
    metrics: Sequence[Metric]

    def trainer(self, drawn: Mapping[str, Any], seed: int) -> Trainer:
        """The trainer of these choices.

        Raises:
            ArgumentError: the function gives something else, or a model where cost or optimizer are missing.
        """
        with quiet_optuna() as optuna:
            made = self.build(optuna.trial.FixedTrial(dict(drawn), number=seed))
        if isinstance(made, Trainer):
            if made.seed_drawn:
                raise ArgumentError(
                    "tune: the trainer that is built has no seed, so nobody could have this trial again: "
                    "Trainer(…, seed=trial.number)"
                )
            if len(made.history):
                raise ArgumentError("tune: the trainer that is built is trained already; the search trains it")
            return made
        if not isinstance(made, Model):
            raise ArgumentError(f"tune: the function must return a model or a trainer, got {type(made).__name__}")
        if self.cost is None or self.optimizer is None:
            raise ArgumentError("tune: where the function returns a model, give cost=… and optimizer=…")
        return Trainer(
            made, cost=self.cost, optimizer=self.optimizer, metrics=self.metrics, silence=("all",), seed=seed
        )

    def fit(self, trainer: Trainer, drawn: Mapping[str, Any], train: Any, **options: Any) -> Any:
        """The history of a fit with the epochs and the batch size that were chosen, if they were."""
        of_fit = {name: drawn.get(name, getattr(self, name)) for name in _OF_FIT}
        return trainer.fit(train, **of_fit, **options)


@final
@dataclass(frozen=True)
class FunctionTrial:
    """Build and train on each part in turn."""

    number: int
    seed: int
    building: Building
    drawn: Mapping[str, Any]
    measure: str
    judge: Pruning | Stage | None = None

    def perform(self, data: Data) -> Outcome:
        """What came of it."""

        def fit(train: Any, validation: Any) -> Fitted:
            trainer = self.building.trainer(self.drawn, self.seed)
            watch = watch_of(self.judge, trainer, self.number, self.measure)
            callbacks = [] if watch is None else [watch]
            self.building.fit(trainer, self.drawn, train, validation=validation, callbacks=callbacks)
            return [float(value) for value in trainer.history[self.measure]], watch

        return outcome_of_fits(self.number, self.measure, data, fit)

    def lost(self, reason: str) -> Outcome:
        return Outcome(number=self.number, state="failed", reason=reason)


@final
@dataclass(frozen=True)
class FunctionFinal:
    """Build and train the winner on all training data with one seed, and look at the test data."""

    number: int
    seed: int
    building: Building
    drawn: Mapping[str, Any]

    def perform(self, data: Data) -> FinalRun:
        """What the test data say."""

        def fit() -> Trainer:
            trainer = self.building.trainer(self.drawn, self.seed)
            self.building.fit(trainer, self.drawn, data["final"])
            return trainer

        return final_run(self, fit, data["test"])

    def lost(self, reason: str) -> FinalRun:
        return FinalRun(number=self.number, seed=self.seed, reason=reason)


@explained
def tune(
    build: Build,
    data: Any,
    *,
    test: Any = None,
    search: Search | None = None,
    epochs: int = 10,
    batch_size: int = 32,
    cost: Cost | None = None,
    optimizer: Optimizer | None = None,
    metrics: Sequence[Metric] = (),
    name: str = "search",
    jobs: int = 1,
    time_limit: float | None = None,
    storage: str | None = None,
    resume: bool = False,
    join: bool = False,
    watcher: Watcher | None = None,
    workers: Workers | None = None,
) -> Result:
    """Search over what ``build(trial)`` asks of the trial, ``trial.suggest_float("rate", 0.01, 1.0, log=True)``.

    Args:
        build: returns an unbuilt model, or a ``Trainer`` with ``seed=trial.number``, which is the trial's seed where it
            trains. It is called several times for each trial, so it asks for the same each time and changes nothing
            else. With more than one job it is sent to other processes, so it must stand in a module.
        data: what is trained on and judged by: arrays ``(x, y)``, Examples, or a Dataset, whose test part is looked at
            in the end.
        test: what the winner is tried on; None without a Dataset: nothing.
        search: how much is tried, without a space; its metric is accuracy, or else the cost, of what is built.
        epochs, batch_size: those of a fit; where the function asks for a choice of one of these names, that one's.
        cost, optimizer, metrics: those of the trainer, where the function returns a model.
        name: what the search is called in a storage.
        jobs: how many processes train; 1 trains in this one.

    The other arguments are those of ``tune_experiment``.

    Raises:
        ArgumentError: an argument cannot be used, or the function does not give what it must.
        SearchError: as ``tune_experiment``.
    """
    began = time.monotonic()
    if not callable(build):
        raise ArgumentError(f"tune: build must be a function that takes a trial, got {build!r}")
    search = search or Search()
    check_instance("tune", "search", search, Search)
    check_integer("tune", "epochs", epochs, minimum=1)
    check_integer("tune", "batch_size", batch_size, minimum=1)
    check_instance("tune", "cost", cost, Cost, optional=True)
    check_instance("tune", "optimizer", optimizer, Optimizer, optional=True)
    check_collection("tune", "metrics", metrics, Metric)
    if search.space is not None or search.sampler == "grid":
        raise ArgumentError("tune: the function asks for what is chosen, so the search has no space, and no grid")
    at_work = workers if workers is not None or jobs > 1 else Here()
    conditions = Conditions(jobs, time_limit, storage, resume, join, watcher, at_work)
    require_packages(search)
    train = _examples("data", data.load("train") if isinstance(data, Dataset) else data)
    tried = None if test is None else _fitting(_examples("test", test), train)
    building = Building(
        build=build, epochs=epochs, batch_size=batch_size, cost=cost, optimizer=optimizer, metrics=tuple(metrics)
    )
    if jobs > 1 and workers is None:
        _require_sendable(build)
    objective = _objective(building, search)

    def draw(trial: Any) -> dict[str, Any]:
        # what it raises, the trial itself meets again, and is recorded with the reason
        with suppress(Exception, SystemExit):
            build(trial)
        return dict(trial.params)

    plan = Plan(
        name=name,
        objective=objective,
        draw=draw,
        points=None,
        trial=lambda number, drawn, judge: FunctionTrial(
            number, trial_seed(search.seed, number), building, dict(drawn), objective.measure, judge
        ),
        final=lambda number, seed, drawn: FunctionFinal(number, seed, building, dict(drawn)),
        parts=parts_of(train, search),
        tested=tried is not None or (isinstance(data, Dataset) and "test" in data.splits),
        final_data=lambda drawn: {"final": train, "test": data.load("test") if tried is None else tried},
        settings=None,
        identity={"build": getattr(build, "__qualname__", repr(type(build))), **identity_of(search, objective.name)},
        epochs=epochs,
    )
    return conduct(plan, search, conditions, began=began)


def _objective(building: Building, search: Search) -> Objective:
    """What is measured of what a first, discarded trial builds.

    Raises:
        ArgumentError: nothing of the metric's name is; or the function asks for nothing, or for what cannot be kept.
    """
    params = _asked(building.build, search.seed)
    try:
        metrics = building.trainer(params, 0).metrics
    except LayerkitError:
        raise
    except Exception as error:
        raise ArgumentError(
            f"tune: asked again with the same choices, the function fails ({reason_of(error)}): it must ask for the "
            "same each time, whatever it did before"
        ) from error
    if not params:
        raise ArgumentError(
            "tune: the function asks nothing of the trial, so trials would differ by luck alone: let it ask, "
            'trial.suggest_float("rate", 0.01, 1.0, log=True) say'
        )
    known = ["cost", *(metric.name for metric in metrics if metric.in_history)]
    wanted = search.metric or next((each for each in ("accuracy", "binary_accuracy") if each in known), "cost")
    if wanted not in known:
        there = ", ".join(known)
        raise ArgumentError(f"tune: {wanted!r} is not measured; what is built measures {there}: give metrics=[…]")
    return Objective(wanted)


def _asked(build: Build, seed: int) -> dict[str, Any]:
    """What the function asks for, at the first choice with which it does not fail."""
    with quiet_optuna() as optuna:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        failures: list[BaseException] = []
        for _ in range(_CHOICES):
            trial = study.ask()
            try:
                build(trial)
            except (Exception, SystemExit) as error:
                failures.append(error)
            else:
                _require_plain(trial.distributions)
                return dict(trial.params)
    raise ArgumentError(f"tune: the function fails at {_CHOICES} choices: {reason_of(failures[-1])}") from failures[-1]


def _require_plain(distributions: Mapping[str, Any]) -> None:
    for name, distribution in distributions.items():
        values = getattr(distribution, "choices", ())
        if not all(value is None or isinstance(value, (bool, int, float, str)) for value in values):
            raise ArgumentError(
                f"tune: {name} is chosen from {values!r}: give numbers, words, booleans or None, by which trials are "
                "recorded, and let the function make of them what it likes"
            )


def _examples(name: str, given: Any) -> Examples:
    found = given if isinstance(given, Examples) else examples_of(given)
    if not isinstance(found, Examples):
        kinds = "arrays (x, y), Examples or a Dataset of them" if name == "data" else "arrays (x, y) or Examples"
        raise DataError(f"tune: {name} must be {kinds}, got {type(given).__name__}")
    return found


def _fitting(test: Examples, train: Examples) -> Examples:
    shapes = [getattr(each.x, "shape", (None,))[1:] for each in (test, train)]
    if shapes[0] != shapes[1]:
        raise DataError(f"tune: the rows of test have the shape {shapes[0]}, those of data {shapes[1]}")
    return test


def _require_sendable(build: Build) -> None:
    try:
        pickle.dumps(build)
    except Exception as error:
        raise ArgumentError(
            f"tune: the function cannot be sent to other processes ({error}): define it in a module, at its outermost "
            "level, or leave jobs at 1"
        ) from error
