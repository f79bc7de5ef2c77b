"""Trials a minute on the same grid and data: digits, one hidden layer, ten epochs, from the first import's end on.

Every contender trains on four fifths of the rows and is judged by the others, in single precision; the start of its
workers counts. layerkit scales bytes within the network, the others are given numbers that are scaled already.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from layerkit import Digits, Engine, NumpyEngine

EPOCHS = 10
WIDTHS = (16, 32, 64, 128)
BATCHES = (16, 32, 64)
_SLOW = 12


def rates(trials: int) -> tuple[float, ...]:
    """Learning rates such that the grid has about so many points, twelve at least: more of the same kind.

    >>> rates(48)
    (0.0003, 0.0009655, 0.003107, 0.01)
    """
    count = max(1, trials // (len(WIDTHS) * len(BATCHES)))
    return tuple(float(f"{rate:.4g}") for rate in np.geomspace(0.0003, 0.01, count))


@dataclass(frozen=True)
class Pace:
    """Trials a minute, and the processor's seconds that each took, what comes before the first included."""

    trials_a_minute: float
    processor_seconds: float


def paces(trials: int, jobs: int) -> dict[str, Pace | None]:
    """By contender, each in a process of its own; None where what it needs is not installed."""
    return {
        name: None if find_spec(package) is None else _pace(name, trials, jobs)
        for name, (package, _) in CONTENDERS.items()
    }


def _pace(name: str, trials: int, jobs: int) -> Pace:
    before = os.times()
    command = [sys.executable, "-m", "benchmarks.searches.pace", name, str(trials), str(jobs)]
    done, seconds = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1])
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Pace(60 * done / seconds, used / done)


def _data() -> tuple[Any, Any]:
    train = Digits().load("train")
    assert isinstance(train.x, np.ndarray)
    assert train.y is not None
    return train.x.reshape(len(train), -1).astype(np.float32) / 16, train.y.astype(np.int64)


def _layerkit(trials: int, jobs: int, *, compiled: bool) -> int:
    from layerkit import Accuracy, Adam, CrossEntropy, Dense, Flatten, ReLU, Rescale
    from layerkit.experiments import Experiment
    from layerkit.tuning import Choice, Search, Space, tune_experiment

    engine: Engine = NumpyEngine()
    if compiled:
        from layerkit_numba import NumbaEngine

        engine = NumbaEngine()
    experiment = Experiment(
        name="pace",
        dataset=Digits(),
        layers=[Flatten(), Rescale(1 / 16), Dense(32, activation=ReLU()), Dense(10)],
        cost=CrossEntropy(),
        optimizer=Adam(0.001),
        metrics=[Accuracy()],
        epochs=EPOCHS,
        engine=engine,
    )
    space = Space(
        {
            "layers.2.units": Choice(WIDTHS),
            "optimizer.learning_rate": Choice(rates(trials)),
            "training.batch_size": Choice(BATCHES),
        }
    )
    # a grid learns nothing from rounds
    search = Search(space=space, trials=trials, sampler="grid", round=trials, final_seeds=1)
    return len(tune_experiment(experiment, search, jobs=jobs).outcomes)


def _scikit_learn(trials: int, jobs: int) -> int:
    from sklearn.model_selection import GridSearchCV, ShuffleSplit
    from sklearn.neural_network import MLPClassifier

    x, y = _data()
    grid = {
        "hidden_layer_sizes": [(width,) for width in WIDTHS],
        "learning_rate_init": rates(trials),
        "batch_size": BATCHES,
    }
    search = GridSearchCV(
        MLPClassifier(max_iter=EPOCHS, n_iter_no_change=EPOCHS),
        grid,
        cv=ShuffleSplit(1, test_size=0.2, random_state=0),
        n_jobs=jobs,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(x, y)
    return len(search.cv_results_["params"])


def _optuna_pytorch(trials: int, jobs: int) -> int:
    """Processes on one storage, which Optuna recommends for what keeps the interpreter busy."""
    with tempfile.TemporaryDirectory() as folder:
        journal = str(Path(folder, "journal"))
        share = -(-trials // jobs)
        context = multiprocessing.get_context("spawn")
        with context.Pool(jobs) as pool:
            return sum(pool.map(partial(_share_of_optuna, journal, trials), [share] * jobs))


def _share_of_optuna(journal: str, trials: int, share: int) -> int:
    import optuna
    import torch

    x, y = _data()
    held = len(x) // 5
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    torch.set_num_threads(1)

    def objective(trial: Any) -> float:
        width = trial.suggest_categorical("width", WIDTHS)
        rate = trial.suggest_categorical("rate", rates(trials))
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
    backend = optuna.storages.journal.JournalFileBackend(journal)
    study = optuna.create_study(
        study_name="pace",
        storage=optuna.storages.JournalStorage(backend),
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(),
        load_if_exists=True,
    )
    study.optimize(objective, n_trials=share)
    return share


def _keras_tuner(trials: int, jobs: int) -> int:
    """Twelve trials at most, in one process: several need a service of their own."""
    import keras
    import keras_tuner

    x, y = _data()

    class Model(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, choices: Any) -> Any:
            model = keras.Sequential(
                [keras.layers.Dense(choices.Choice("width", list(WIDTHS)), "relu"), keras.layers.Dense(10)]
            )
            model.compile(
                keras.optimizers.Adam(choices.Choice("rate", list(rates(trials)))),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"],
            )
            return model

        def fit(self, choices: Any, model: Any, *arguments: Any, **options: Any) -> Any:
            return model.fit(*arguments, batch_size=choices.Choice("batch", list(BATCHES)), **options)

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            Model(), objective="val_accuracy", max_trials=min(trials, _SLOW), directory=folder, overwrite=True
        )
        tuner.search(x, y, epochs=EPOCHS, validation_split=0.2, verbose=0)
        return len(tuner.oracle.trials)


OWN = ("layerkit, compiled engine", "layerkit, numpy engine")
CONTENDERS: dict[str, tuple[str, Callable[[int, int], int]]] = {
    OWN[0]: ("layerkit_numba", partial(_layerkit, compiled=True)),
    OWN[1]: ("optuna", partial(_layerkit, compiled=False)),
    "GridSearchCV, MLPClassifier": ("sklearn", _scikit_learn),
    "Optuna, PyTorch": ("torch", _optuna_pytorch),
    "Keras Tuner": ("keras_tuner", _keras_tuner),
}
"""By name: the package that it needs, and what makes so many trials with so many workers."""


def main() -> None:
    """Run the contender that the command line names; how many trials it made, and the seconds."""
    name, trials, jobs = sys.argv[1], *map(int, sys.argv[2:])
    run = CONTENDERS[name][1]
    began = time.perf_counter()
    done = run(trials, jobs)
    print(json.dumps([done, time.perf_counter() - began]))


if __name__ == "__main__":
    main()
