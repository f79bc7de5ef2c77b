"""Makes metrics.npz: what scikit-learn measures in 1,000 random cases of two classes, of several, and of labels, and in
1,000 of numbers.

Run it in an environment of its own that has scikit-learn and NumPy: ``python tests/reference/make_metrics.py``. The
test suite only reads the file. Many cases lack a class, or predict one alone; many scores are equal; in half of those
of numbers the targets of an output are all the same.
"""

from __future__ import annotations

import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

CASES = 1000
KINDS = ("binary", "classes", "labels")
AVERAGES = ("binary", "macro", "micro", "weighted")
OVER = ("counts", "true", "predicted", "all")
NUMBERS = {
    "r2": metrics.r2_score,
    "mean_absolute_error": metrics.mean_absolute_error,
    "mean_squared_error": metrics.mean_squared_error,
    "root_mean_squared_error": metrics.root_mean_squared_error,
}
SCORES = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}


def main() -> None:
    rng = np.random.default_rng(6)
    columns: dict[str, list[Any]] = {"kind": [], "rows": [], "outputs": [], "threshold": []}
    flat: dict[str, list[np.ndarray]] = {"scores": [], "targets": [], "weights": []}
    measured: list[dict[str, Any]] = []
    for number in range(CASES):
        kind = KINDS[number % 3]
        rows = int(rng.integers(1, 25))
        outputs = {"binary": 1, "classes": int(rng.integers(3, 6)), "labels": int(rng.integers(2, 5))}[kind]
        # hundredths: of so few values many are equal
        low, high = rng.uniform(0.3, 3, 2).tolist()
        scores = (rng.beta(low, high, (rows, outputs)) * 100).astype(np.uint8)
        share = rng.choice([0.0, 0.1, 0.4, 0.7, 1.0], p=[0.08, 0.2, 0.4, 0.24, 0.08])
        if kind == "classes":
            targets = rng.integers(0, rng.integers(1, outputs + 1), rows)
        elif kind == "binary":
            targets = (rng.random(rows) < share).astype(int)
        else:
            targets = (rng.random((rows, outputs)) < share).astype(int)
        weights = rng.integers(1, 33, rows) if number % 2 else np.full(rows, 8)
        threshold = 0.5 if kind == "classes" or number % 4 < 2 else round(float(rng.uniform(0.1, 0.9)), 2) + 0.005
        measured.append(measure(kind, scores / 100, targets, weights / 8, threshold))
        for name, value in zip(columns, (KINDS.index(kind), rows, outputs, threshold), strict=True):
            columns[name].append(value)
        for name, array in zip(flat, (scores, targets, weights), strict=True):
            flat[name].append(array.ravel().astype(np.uint8))
    values: dict[str, Any] = {
        f"matrix/{over}": np.concatenate([each.pop(f"matrix/{over}").ravel() for each in measured]).astype(np.float32)
        for over in OVER
    }
    names = sorted({name for each in measured for name in each})
    values |= {name: np.array(column) for name, column in columns.items()}
    values |= {name: np.concatenate(arrays) for name, arrays in flat.items()}
    values |= {f"measured/{name}": np.array([each.get(name, np.nan) for each in measured]) for name in names}
    np.savez_compressed(
        Path(__file__).with_name("metrics.npz"),
        sklearn=np.array(sklearn.__version__),
        **values,
        **regression(),
    )


def measure(
    kind: str, scores: np.ndarray, targets: np.ndarray, weights: np.ndarray, threshold: float
) -> dict[str, Any]:
    """Each measure by its name, and that of its average."""
    predicted = scores.argmax(axis=1) if kind == "classes" else (scores > threshold).astype(int)
    found: dict[str, Any] = {}
    if kind == "binary":
        predicted = predicted[:, 0]
    found |= areas(scores, targets, weights, exclusive=kind == "classes")
    if kind == "labels":
        found["binary_accuracy"] = 1 - metrics.hamming_loss(targets, predicted, sample_weight=weights)
    else:
        found["accuracy"] = metrics.accuracy_score(targets, predicted, sample_weight=weights)
    found |= probabilities(kind, scores, targets, weights)
    if kind == "labels":
        # scikit-learn has no shares of these
        matrix = metrics.multilabel_confusion_matrix(targets, predicted, sample_weight=weights)
        found |= {f"matrix/{over}": matrix if over == "counts" else np.empty(0) for over in OVER}
    else:
        labels = range(max(scores.shape[1], 2))
        with warnings.catch_warnings():
            # classes that are predicted and never there
            warnings.simplefilter("ignore")
            found["balanced_accuracy"] = metrics.balanced_accuracy_score(targets, predicted, sample_weight=weights)
            found["matthews_correlation"] = metrics.matthews_corrcoef(targets, predicted, sample_weight=weights)
            for over in OVER:
                normalize = None if over == "counts" else over.replace("predicted", "pred")
                found[f"matrix/{over}"] = metrics.confusion_matrix(
                    targets, predicted, labels=labels, sample_weight=weights, normalize=normalize
                )
    for name, score in SCORES.items():
        for average in AVERAGES[kind != "binary" :]:
            found[f"{name}/{average}"] = score(
                targets, predicted, average=average, sample_weight=weights, zero_division=0
            )
    return found


def areas(scores: np.ndarray, targets: np.ndarray, weights: np.ndarray, *, exclusive: bool) -> dict[str, float]:
    """Areas under the ROC curve: each by scikit-learn, which gives no mean where one of them is NaN."""

    def area(truth: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
        return metrics.roc_auc_score(truth, score, sample_weight=weight) if len(set(truth.tolist())) > 1 else np.nan

    def mean(of: list[float], weighed: list[float]) -> float:
        pairs = [(one, weight) for one, weight in zip(of, weighed, strict=True) if not np.isnan(one)]
        if not pairs:
            return np.nan
        numbers, parts = np.transpose(pairs)
        return np.average(numbers, weights=parts)

    outputs = scores.shape[1]
    truth = np.eye(outputs, dtype=int)[targets] if exclusive else targets.reshape(len(scores), outputs)
    every = [area(truth[:, output], scores[:, output], weights) for output in range(outputs)]
    found = {
        "roc_auc": mean(every, [1.0] * outputs),
        "roc_auc_weighted": mean(every, (weights @ truth).tolist()),
        "roc_auc_micro": area(truth.ravel(), scores.ravel(), weights.repeat(outputs)),
    }
    if exclusive:
        both, shares = [], []
        for one, other in combinations(sorted(set(targets.tolist())), 2):
            rows = (targets == one) | (targets == other)
            ways = [area(targets[rows] == of, scores[rows, of], weights[rows]) for of in (one, other)]
            both.append(sum(ways) / 2)
            shares.append(weights[rows].sum())
        found |= {"roc_auc_ovo": mean(both, [1.0] * len(both)), "roc_auc_ovo_weighted": mean(both, shares)}
    return found


def probabilities(kind: str, scores: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """Measures of the scores as they are."""
    found: dict[str, float] = {}
    if kind == "labels":
        for name, score in (("log_loss", metrics.log_loss), ("brier_score", metrics.brier_score_loss)):
            more = {"labels": [0, 1]} if name == "log_loss" else {}
            columns = [
                score(target, column, sample_weight=weights, **more)
                for target, column in zip(targets.T, scores.T, strict=True)
            ]
            found[name] = float(np.mean(columns))
        repeated = np.repeat(weights, targets.shape[1])
        found["calibration_error"] = calibration(targets.ravel(), scores.ravel(), repeated)
        return found
    if kind == "binary":
        chance, truth = scores[:, 0], targets
        found["log_loss"] = metrics.log_loss(targets, chance, labels=[0, 1], sample_weight=weights)
        found["brier_score"] = metrics.brier_score_loss(targets, chance, sample_weight=weights, pos_label=1)
    else:
        labels = range(scores.shape[1])
        with warnings.catch_warnings():
            # rows that do not add up to 1
            warnings.simplefilter("ignore")
            found["log_loss"] = metrics.log_loss(targets, scores, labels=labels, sample_weight=weights)
            found["brier_score"] = metrics.brier_score_loss(targets, scores, labels=labels, sample_weight=weights)
        chance, truth = scores.max(axis=1), (scores.argmax(axis=1) == targets).astype(int)
        # of equal scores scikit-learn takes the last: the classes the other way round
        backwards = scores.shape[1] - 1 - targets
        for k in (1, 2):
            found[f"top_{k}_accuracy"] = metrics.top_k_accuracy_score(
                backwards, scores[:, ::-1], k=k, labels=labels, sample_weight=weights
            )
    found["calibration_error"] = calibration(truth, chance, weights)
    return found


def calibration(truth: np.ndarray, chance: np.ndarray, weights: np.ndarray) -> float:
    """The distances of scikit-learn's calibration curve from the diagonal, each bin by what it weighs."""
    # the curve takes no weights: an example of so many eighths is there so many times
    times = np.rint(weights * 8).astype(int)
    truth, chance = np.repeat(truth, times), np.repeat(chance, times)
    true, predicted = calibration_curve(truth, chance, n_bins=10, pos_label=1)
    held = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], chance), minlength=10)
    return float(np.abs(true - predicted) @ held[held > 0] / held.sum())


def regression() -> dict[str, Any]:
    """1,000 cases of numbers, and what is measured of them."""
    rng = np.random.default_rng(7)
    columns: dict[str, list[Any]] = {f"regression/{name}": [] for name in ("rows", "outputs", "unit", "origin")}
    flat: dict[str, list[np.ndarray]] = {f"regression/{name}": [] for name in ("found", "wanted", "weights")}
    measured: dict[str, list[float]] = {f"regression/measured/{name}": [] for name in NUMBERS}
    for number in range(CASES):
        rows, outputs = int(rng.integers(2, 25)), int(rng.integers(1, 4))
        wanted = (rng.normal(0, 100, (rows, outputs))).astype(np.int16)
        found = (wanted + rng.normal(0, 100, wanted.shape) * rng.choice([0.0, 0.1, 1.0, 3.0])).astype(np.int16)
        if number % 2:
            # whole, for scikit-learn takes the rounding of a mean for variance
            wanted[:, 0] = 0
            if number % 4 == 1:
                found[:, 0] = 0
        weights = rng.integers(1, 33, rows).astype(np.uint8) if number % 3 else np.full(rows, 8, np.uint8)
        unit, origin = 10.0 ** rng.integers(-5, 3), float(rng.choice([0, 0, 1e3]))
        for name, value in zip(columns, (rows, outputs, unit, origin), strict=True):
            columns[name].append(value)
        for name, array in zip(flat, (found, wanted, weights), strict=True):
            flat[name].append(array.ravel())
        numbers = wanted * unit + origin, found * unit + origin
        for name, measure_of in NUMBERS.items():
            measured[f"regression/measured/{name}"].append(measure_of(*numbers, sample_weight=weights / 8))
    return {
        **{name: np.array(column) for name, column in (columns | measured).items()},
        **{name: np.concatenate(arrays) for name, arrays in flat.items()},
    }


if __name__ == "__main__":
    main()
