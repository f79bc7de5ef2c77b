"""Makes metrics.npz: what scikit-learn measures in 1,000 random cases of two classes, of several, and of labels.

Run it in an environment of its own that has scikit-learn and NumPy: ``python tests/reference/make_metrics.py``. The
test suite only reads the file. Many cases lack a class, or predict one alone; many scores are equal.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics

CASES = 1000
KINDS = ("binary", "classes", "labels")
AVERAGES = ("binary", "macro", "micro", "weighted")
SCORES = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}


def main() -> None:
    rng = np.random.default_rng(6)
    columns: dict[str, list[Any]] = {"kind": [], "rows": [], "outputs": [], "threshold": []}
    flat: dict[str, list[np.ndarray]] = {"scores": [], "targets": [], "weights": []}
    measured: list[dict[str, float]] = []
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
    names = sorted({name for each in measured for name in each})
    values: dict[str, Any] = {name: np.array(column) for name, column in columns.items()}
    values |= {name: np.concatenate(arrays) for name, arrays in flat.items()}
    values |= {f"measured/{name}": np.array([each.get(name, np.nan) for each in measured]) for name in names}
    np.savez_compressed(
        Path(__file__).with_name("metrics.npz"),
        sklearn=np.array(sklearn.__version__),
        **values,
    )


def measure(
    kind: str, scores: np.ndarray, targets: np.ndarray, weights: np.ndarray, threshold: float
) -> dict[str, float]:
    """Each measure by its name, and that of its average."""
    predicted = scores.argmax(axis=1) if kind == "classes" else (scores > threshold).astype(int)
    found: dict[str, float] = {}
    if kind == "binary":
        predicted = predicted[:, 0]
        with warnings.catch_warnings():
            # one class alone: NaN
            warnings.simplefilter("ignore")
            found["roc_auc"] = metrics.roc_auc_score(targets, scores[:, 0], sample_weight=weights)
    if kind == "labels":
        found["binary_accuracy"] = 1 - metrics.hamming_loss(targets, predicted, sample_weight=weights)
    else:
        found["accuracy"] = metrics.accuracy_score(targets, predicted, sample_weight=weights)
    for name, score in SCORES.items():
        for average in AVERAGES[kind != "binary" :]:
            found[f"{name}/{average}"] = score(
                targets, predicted, average=average, sample_weight=weights, zero_division=0
            )
    return found


if __name__ == "__main__":
    main()
