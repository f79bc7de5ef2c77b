"""Tables by layerkit's core and by scikit-learn's own networks: ``python -m benchmarks.tables``.

Breast cancer, wine and diabetes as scikit-learn ships them, and 20,000 drawn impedances; 5 folds, of the three small
tables with 5 seeds. Features are scaled, targets of a regression too, on both sides. scikit-learn's networks are as
they are when nobody sets anything but the seed. Prints a table in Markdown: the median accuracy or R² with the standard
error of the mean, and the time of training as a multiple of scikit-learn's, on one thread.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from layerkit import Examples, Friedman, ScikitLearnTable, folds
from layerkit.experiments import Experiment, find
from layerkit.experiments.building import built, trained
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

FOLDS = 5


@dataclass(frozen=True)
class Table:
    """A dataset, all of whose rows are used, and the example whose network learns it."""

    example: str
    dataset: Dataset
    regression: bool = False
    seeds: int = 5


TABLES = {
    "breast cancer": Table("breast-cancer", ScikitLearnTable("breast-cancer")),
    "wine": Table("wine", ScikitLearnTable("wine")),
    "diabetes": Table("diabetes", ScikitLearnTable("diabetes"), regression=True),
    "impedances": Table("impedance", Friedman(rows=20_000, noise=20.0), regression=True, seeds=1),
}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*TABLES, []], metavar="TABLE", help=", ".join(TABLES))
    chosen = parser.parse_args().only or list(TABLES)
    warnings.simplefilter("ignore")
    print("| table | | scikit-learn | layerkit | time: times scikit-learn's |\n|---|---|---|---|---|")
    with threadpool_limits(1):
        for name in chosen:
            print(line(name, TABLES[name]), flush=True)


def line(name: str, table: Table) -> str:
    """A row of the printed table; it begins with a mark where layerkit's median is below."""
    experiment = find(table.example)
    assert isinstance(experiment, Experiment)
    theirs, ours, ratios = [], [], []
    for seed in range(table.seeds):
        for train, test in folds(rows_of(table.dataset), k=FOLDS, seed=seed):
            score, seconds = timed(scikit_learn, table.regression, train, test, seed)
            own_score, own_seconds = timed(layerkit, experiment.with_settings(seed=seed), train, test)
            theirs.append(score)
            ours.append(own_score)
            ratios.append(own_seconds / seconds)
    mark = " (missed)" if np.median(ours) < np.median(theirs) else ""
    measure = "R²" if table.regression else "accuracy"
    return f"| {name}{mark} | {measure} | {told(theirs)} | {told(ours)} | {np.median(ratios):.2f} |"


def rows_of(dataset: Dataset) -> Examples:
    """All rows of a dataset, in one piece."""
    train, test = dataset.load("train"), dataset.load("test")
    assert isinstance(train, Examples)
    assert isinstance(test, Examples)
    x, y = (np.concatenate([getattr(train, part), getattr(test, part)]) for part in "xy")
    return Examples(x, y, classes=train.classes, labels=train.labels)


def timed(function: Callable[..., float], *arguments: Any) -> tuple[float, float]:
    """What it gives, and the seconds of a processor that it takes."""
    began = time.process_time()
    return function(*arguments), time.process_time() - began


def scikit_learn(regression: bool, train: Examples, test: Examples, seed: int) -> float:
    """Accuracy or R² of scikit-learn's network."""
    network: Any
    if regression:
        network = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
    else:
        network = MLPClassifier(random_state=seed)
    pipeline = make_pipeline(StandardScaler(), network).fit(train.x, flat(train.y))
    return float(pipeline.score(test.x, flat(test.y)))


def layerkit(experiment: Experiment, train: Examples, test: Examples) -> float:
    """Accuracy or R² of the example's network."""
    trainer = built(experiment, train)
    trained(trainer, experiment, train, validation=None, callbacks=())
    if train.labels is False:
        return float(r2_score(flat(test.y), flat(trainer.model.predict(test.x))))
    return float((trainer.model.classify(test.x) == np.array(test.classes)[test.y]).mean())


def flat(y: Array | None) -> Array:
    """Targets as scikit-learn wants them."""
    assert y is not None
    return y.reshape(-1)


def told(scores: list[float]) -> str:
    """The median, and the standard error of the mean."""
    return f"{np.median(scores):.4f} ± {np.std(scores, ddof=1) / len(scores) ** 0.5:.4f}"


if __name__ == "__main__":
    main()
