"""layerkit's classifier beside scikit-learn's own network and skorch's: ``python -m benchmarks.estimators``.

Six data sets that scikit-learn ships or generates, scaled in each fold; 5 seeds times 5 stratified folds; every
estimator as it is when nobody sets anything but the seed (skorch: with the network, optimizer, batches and epochs of
MLPClassifier). Prints a table in Markdown: the median of the 25 accuracies and the standard error of their mean, and
the time of fit and predict as a multiple of MLPClassifier's, the median of the 25 ratios. They take turns, fold by
fold. On one thread processor time is measured, so that another program does not count; on several, time.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification, make_moons
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from layerkit.sklearn import LayerkitClassifier

FOLDS = 5
BASE, OWN = "MLPClassifier", "LayerkitClassifier"

DATA: dict[str, Callable[[], tuple[Any, Any]]] = {
    "iris": lambda: load_iris(return_X_y=True),
    "wine": lambda: load_wine(return_X_y=True),
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "digits": lambda: load_digits(return_X_y=True),
    "moons, 1,000 rows": lambda: make_moons(1000, noise=0.3, random_state=0),
    "4 classes, 2,000 rows": lambda: make_classification(
        2000, 20, n_informative=10, n_redundant=2, n_classes=4, random_state=0
    ),
}


@dataclass
class Measured:
    """What one estimator reached on one data set, fold by fold."""

    scores: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median accuracy."""
        return float(np.median(self.scores))

    @property
    def error(self) -> float:
        """The standard error of the mean accuracy."""
        return float(np.std(self.scores, ddof=1) / np.sqrt(len(self.scores)))

    def times(self, other: Measured) -> float:
        """How many times as long as another one it took, the median over the folds."""
        return float(np.median(np.divide(self.seconds, other.seconds)))


Maker: TypeAlias = Callable[[Any, Any, int], Any]


def contenders(threads: int) -> dict[str, Maker]:
    """What makes each estimator, for given data and a seed; skorch only where it is installed."""
    found: dict[str, Maker] = {
        BASE: lambda x, y, seed: MLPClassifier(random_state=seed),
        OWN: lambda x, y, seed: LayerkitClassifier(random_state=seed),
    }
    if find_spec("skorch") is None:
        print("skorch is not installed (it needs PyTorch), so it is left out.\n")
    else:
        found["skorch"] = skorch(threads)
    return found


def skorch(threads: int) -> Maker:
    """skorch's classifier as MLPClassifier is: its network, optimizer, batches, and end of training."""
    import torch
    from skorch import NeuralNetClassifier
    from skorch.callbacks import EarlyStopping

    torch.set_num_threads(threads)

    def make(x: Any, y: Any, seed: int) -> Any:
        torch.manual_seed(seed)
        outputs = len(np.unique(y))
        network = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 100), torch.nn.ReLU(), torch.nn.Linear(100, outputs))
        return NeuralNetClassifier(
            network,
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=0.001,
            batch_size=min(200, len(x)),
            max_epochs=200,
            iterator_train__shuffle=True,
            train_split=None,
            callbacks=[EarlyStopping("train_loss", patience=10, threshold=1e-4, threshold_mode="abs")],
            verbose=0,
        )

    return make


def measure(x: Any, y: Any, makers: dict[str, Maker], *, seeds: int, clock: Callable[[], float]) -> dict[str, Measured]:
    """Every estimator on the same folds, in turn."""
    found = {name: Measured() for name in makers}
    for seed in range(seeds):
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, y):
            scaler = StandardScaler().fit(x[train])
            inputs, others = scaler.transform(x[train]), scaler.transform(x[test])
            for name, make in makers.items():
                # torch takes no other numbers
                dtype = np.float32 if name == "skorch" else np.float64
                own, unseen = inputs.astype(dtype), others.astype(dtype)
                began = clock()
                predicted = make(own, y[train], seed).fit(own, y[train]).predict(unseen)
                found[name].seconds.append(clock() - began)
                found[name].scores.append(float((predicted == y[test]).mean()))
    return found


def line(name: str, measured: dict[str, Measured]) -> str:
    """A row of the table; it begins with a mark where one of the two aims is missed."""
    base, own = measured[BASE], measured[OWN]
    missed = own.median < base.median - base.error or own.times(base) > 0.5
    cells = [f"{each.median:.4f} ± {each.error:.4f}" for each in measured.values()]
    ratios = [f"{each.times(base):.2f}" for each in list(measured.values())[1:]]
    seconds = f"{float(np.median(base.seconds)) * 1e3:,.0f} ms"
    return f"| {name}{' (missed)' if missed else ''} | {' | '.join([*cells, seconds, *ratios])} |"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", help="names of data sets, with commas between them")
    given = parser.parse_args()
    clock = time.process_time if given.threads == 1 else time.perf_counter
    chosen = given.only.split(",") if given.only else list(DATA)
    warnings.simplefilter("ignore")
    with threadpool_limits(given.threads):
        makers = contenders(given.threads)
        others = [name for name in makers if name != BASE]
        print(
            f"| data | {' | '.join(makers)} | time of {BASE} | {' | '.join(f'{name}: times that' for name in others)} |"
        )
        print("|---" * (2 + len(makers) + len(others)) + "|")
        for name in chosen:
            x, y = DATA[name]()
            measured = measure(x, y, makers, seeds=given.seeds, clock=clock)
            print(line(name, measured), flush=True)


if __name__ == "__main__":
    main()
