from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from layerkit import Accuracy, Adam, CrossEntropy, Dense, Digits, Flatten, Model, Sequential, Standardize, Tanh, Trainer
from layerkit.errors import ArgumentError, DataError, SearchError
from layerkit.tuning import Result, Search, tune
from tests.tuning.searches import search_of, told

pytestmark = pytest.mark.extra
optuna = pytest.importorskip("optuna")

FIXED = optuna.trial.FixedTrial({"width": 4})
SEARCH = Search(trials=4, round=2, final_seeds=2)


def layers(trial: Any) -> list[Any]:
    width = trial.suggest_int("width", 4, 16)
    return [Flatten(), Standardize(), Dense(width, activation=Tanh()), Dense(10)]


def model(trial: Any) -> Model:
    trial.suggest_int("batch_size", 16, 64)
    return Sequential(layers(trial))


def trainer(trial: Any) -> Trainer:
    rate = trial.suggest_float("rate", 0.001, 0.1, log=True)
    optimizer = Adam(rate)
    return Trainer(
        Sequential(layers(trial)), cost=CrossEntropy(), optimizer=optimizer, metrics=[Accuracy()], seed=trial.number
    )


def sometimes(trial: Any) -> Trainer:
    if trial.suggest_categorical("kind", ["good", "bad"]) == "bad":
        raise RuntimeError("a bad kind")
    return trainer(trial)


def always(trial: Any) -> Trainer:
    raise RuntimeError("never")


def leaves(trial: Any) -> Trainer:
    if trial.suggest_categorical("kind", ["good", "bad"]) == "bad":
        raise SystemExit(3)
    return trainer(trial)


def trained(trial: Any) -> Trainer:
    built = trainer(trial)
    built.fit(Digits().load("test"), epochs=1, batch_size=64)
    return built


def objects(trial: Any) -> Model:
    return Sequential([Flatten(), Dense(10, activation=trial.suggest_categorical("activation", [Tanh(), Tanh()]))])


class Forgetful:
    """Asks for something else each time."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, trial: Any) -> Trainer:
        self.calls += 1
        trial.suggest_int(f"width{self.calls}", 4, 16)
        return trainer(trial)


def searched(build: Any, **options: Any) -> Result:
    return tune(build, Digits(), epochs=1, **{"search": SEARCH, **options})


def test_a_function_that_builds_a_trainer_is_the_same_for_any_number_of_jobs() -> None:
    alone = searched(trainer)
    assert set(alone.best_params) == {"rate", "width"}
    assert alone.objective.name == "accuracy"
    assert alone.median is not None
    assert len(alone.figures) == 2
    assert told(searched(trainer, jobs=2)) == told(alone)


def test_a_function_may_build_a_model_and_choose_the_batches() -> None:
    train = Digits().load("train")
    result = tune(model, (train.x, train.y), cost=CrossEntropy(), optimizer=Adam(), epochs=1, search=SEARCH)
    assert set(result.best_params) == {"batch_size", "width"}
    assert result.objective.name == "cost"
    assert result.finals == []


@pytest.mark.parametrize(("build", "reason"), [(sometimes, "RuntimeError: a bad kind"), (leaves, "SystemExit: 3")])
def test_what_a_function_raises_is_a_trials_failure(build: Any, reason: str) -> None:
    result = searched(build, search=Search(trials=8, round=4, final_seeds=1, sampler="random", seed=1))
    reasons = {outcome.reason for outcome in result.outcomes if outcome.state == "failed"}
    assert reasons == {reason}
    assert result.best is not None


@pytest.mark.parametrize(
    ("build", "options", "message"),
    [
        (always, {}, "the function fails at 10 choices: RuntimeError: never"),
        (model, {}, r"give cost=… and optimizer=…"),
        (lambda trial: 3, {}, "must return a model or a trainer, got int"),
        (lambda trial: Sequential(layers(trial)), {"jobs": 2}, "cannot be sent to other processes"),
        (lambda trial: Sequential(layers(FIXED)), {"cost": CrossEntropy(), "optimizer": Adam()}, "asks nothing"),
        (trained, {}, "trained already"),
        (objects, {}, r"activation is chosen from \(Tanh.*: give numbers, words"),
        (Forgetful(), {}, "asked again with the same choices.*it must ask for the same each time"),
        (3, {}, "build must be a function"),
        (trainer, {"search": Search(metric="f1")}, "'f1' is not measured; what is built measures cost, accuracy"),
        (trainer, {"search": search_of()}, "has no space"),
        (
            lambda trial: Trainer(Sequential(layers(trial)), cost=CrossEntropy(), optimizer=Adam()),
            {},
            r"seed=trial\.number",
        ),
    ],
)
def test_wrong_usage_is_one_error(build: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises((ArgumentError, SearchError), match=message):
        searched(build, **options)


@pytest.mark.parametrize(
    ("data", "test", "message"),
    [
        ([1, 2, 3], None, "data must be arrays"),
        (Digits(), [1, 2, 3], "test must be arrays"),
        (Digits(), (np.zeros((2, 3)), np.zeros(2)), r"test have the shape \(3,\), those of data \(8, 8\)"),
    ],
)
def test_data_of_another_kind_is_refused_before_any_trial(data: Any, test: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tune(trainer, data, test=test)


def test_a_function_that_other_processes_cannot_find_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = types.FunctionType(trainer.__code__, trainer.__globals__, "hidden")
    hidden.__qualname__ = "hidden"
    monkeypatch.setitem(globals(), "hidden", hidden)
    with pytest.raises(SearchError, match=r"cannot find what it is to do \(.*'hidden'.*outermost level of a module"):
        searched(hidden, jobs=2)
