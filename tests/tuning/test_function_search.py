from __future__ import annotations

from typing import Any

import pytest

from layerkit import Accuracy, Adam, CrossEntropy, Dense, Digits, Flatten, Model, Sequential, Standardize, Tanh, Trainer
from layerkit.errors import ArgumentError, DataError, SearchError
from layerkit.tuning import Result, Search, tune
from tests.tuning.searches import search_of, told

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")

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


def test_what_a_function_raises_is_a_trials_failure() -> None:
    result = searched(sometimes, search=Search(trials=8, round=4, final_seeds=1, sampler="random", seed=1))
    reasons = {outcome.reason for outcome in result.outcomes if outcome.state == "failed"}
    assert reasons == {"RuntimeError: a bad kind"}
    assert result.best is not None


@pytest.mark.parametrize(
    ("build", "options", "message"),
    [
        (always, {}, "the function fails at 10 choices: RuntimeError: never"),
        (model, {}, r"give cost=… and optimizer=…"),
        (lambda trial: 3, {}, "must return a model or a trainer, got int"),
        (lambda trial: Sequential(layers(trial)), {"jobs": 2}, "cannot be sent to other processes"),
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


def test_data_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="data must be arrays"):
        tune(trainer, [1, 2, 3])
