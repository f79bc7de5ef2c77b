"""Trials a minute on the same space and data: digits, one hidden layer, ten epochs, from the first import's end on."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from layerkit import Digits

EPOCHS = 10
WIDTHS = (16, 32, 64, 128)
RATES = (0.0003, 0.001, 0.003, 0.01)
BATCHES = (16, 32, 64)
"""The grid has 48 points; every contender tries as many of them as it is asked for, judged by a fifth of the rows."""


def paces(trials: int, jobs: int) -> dict[str, float | None]:
    """Trials a minute by contender; None where a peer is not installed."""
    found: dict[str, float | None] = {}
    for name, (package, run) in CONTENDERS.items():
        if find_spec(package) is None:
            found[name] = None
            continue
        began = time.perf_counter()
        done = run(trials, jobs)
        found[name] = 60 * done / (time.perf_counter() - began)
    return found


def _data() -> tuple[Any, Any]:
    train = Digits().load("train")
    assert isinstance(train.x, np.ndarray)
    assert train.y is not None
    return train.x.reshape(len(train), -1).astype(np.float32) / 16, train.y.astype(np.int64)


def _layerkit(trials: int, jobs: int) -> int:
    from layerkit import Accuracy, Adam, CrossEntropy, Dense, Flatten, ReLU, Rescale
    from layerkit.experiments import Experiment
    from layerkit.tuning import Choice, Search, Space, tune_experiment

    experiment = Experiment(
        name="pace",
        dataset=Digits(),
        layers=[Flatten(), Rescale(1 / 16), Dense(32, activation=ReLU()), Dense(10)],
        cost=CrossEntropy(),
        optimizer=Adam(0.001),
        metrics=[Accuracy()],
        epochs=EPOCHS,
    )
    space = Space(
        {
            "layers.2.units": Choice(WIDTHS),
            "optimizer.learning_rate": Choice(RATES),
            "training.batch_size": Choice(BATCHES),
        }
    )
    search = Search(space=space, trials=trials, sampler="grid", final_seeds=1)
    return len(tune_experiment(experiment, search, jobs=jobs).outcomes)


def _scikit_learn(trials: int, jobs: int) -> int:
    import warnings

    from sklearn.model_selection import GridSearchCV, ShuffleSplit
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, y = _data()
    grid = [
        {"hidden_layer_sizes": [(width,)], "learning_rate_init": [rate], "batch_size": [batch]}
        for width in WIDTHS
        for rate in RATES
        for batch in BATCHES
    ][:trials]
    search = GridSearchCV(
        MLPClassifier(max_iter=EPOCHS, n_iter_no_change=EPOCHS),
        grid,
        cv=ShuffleSplit(1, test_size=0.2, random_state=0),
        n_jobs=jobs,
    )
    search.fit(x, y)
    return len(search.cv_results_["params"])


def _optuna_pytorch(trials: int, jobs: int) -> int:
    import optuna
    import torch

    x, y = _data()
    held = len(x) // 5
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    torch.set_num_threads(1)

    def objective(trial: Any) -> float:
        width = trial.suggest_categorical("width", WIDTHS)
        rate = trial.suggest_categorical("rate", RATES)
        batch = trial.suggest_categorical("batch", BATCHES)
        model = torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10))
        optimizer = torch.optim.Adam(model.parameters(), rate)
        cost = torch.nn.CrossEntropyLoss()
        for _ in range(EPOCHS):
            order = torch.randperm(len(x) - held) + held
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                optimizer.zero_grad()
                cost(model(inputs[rows]), labels[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            return float((model(inputs[:held]).argmax(1) == labels[:held]).float().mean())

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=trials, n_jobs=jobs)
    return len(study.trials)


def _keras_tuner(trials: int, jobs: int) -> int:
    import tempfile

    import keras
    import keras_tuner

    x, y = _data()

    def build(choices: Any) -> Any:
        model = keras.Sequential(
            [keras.layers.Dense(choices.Choice("width", list(WIDTHS)), "relu"), keras.layers.Dense(10)]
        )
        model.compile(
            keras.optimizers.Adam(choices.Choice("rate", list(RATES))),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            ["accuracy"],
        )
        return model

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            build, objective="val_accuracy", max_trials=trials, directory=folder, overwrite=True
        )
        tuner.search(x, y, epochs=EPOCHS, batch_size=32, validation_split=0.2, verbose=0)
        return len(tuner.oracle.trials)


CONTENDERS: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "layerkit": ("optuna", _layerkit),
    "GridSearchCV, MLP": ("sklearn", _scikit_learn),
    "Optuna, PyTorch": ("torch", _optuna_pytorch),
    "Keras Tuner": ("keras_tuner", _keras_tuner),
}
"""By name: the package that it needs, and what makes so many trials with so many workers."""
