"""Makes scikit_learn.npz beside it: what scikit-learn computes of what layerkit does with data, too.

Run it in an environment of its own that has scikit-learn: ``python tests/reference/make_scikit_learn.py``. The test
suite only reads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.datasets import make_friedman2
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

Values = dict[str, Any]


def scaler() -> Values:
    """Features of many sizes, one constant, with and without sample weights."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)) * [1, 1e4, 1e-3, 0, 30] + [0, 1e6, 5, 7, -3]
    weights = rng.integers(0, 4, 200).astype(float)
    plain, weighted = StandardScaler().fit(x), StandardScaler().fit(x, sample_weight=weights)
    return {
        "x": x,
        "weights": weights,
        "mean": plain.mean_,
        "deviation": plain.scale_,
        "y": plain.transform(x),
        "weighted_mean": weighted.mean_,
        "weighted_deviation": weighted.scale_,
    }


def balanced() -> Values:
    """Class 2 of 0 to 3 does not occur; then examples have weights, too."""
    rng = np.random.default_rng(1)
    y = rng.choice([0, 1, 3], p=[0.7, 0.25, 0.05], size=120)
    weights = rng.uniform(0.2, 3, 120)
    classes = np.unique(y)
    return {
        "y": y,
        "weights": weights,
        "classes": classes,
        "of_classes": compute_class_weight("balanced", classes=classes, y=y),
        "of_weighted": compute_class_weight("balanced", classes=classes, y=y, sample_weight=weights),
    }


def splits() -> Values:
    """How many examples of each class are in the test part, and in each fold's."""
    rng = np.random.default_rng(2)
    y = rng.choice(4, p=[0.6, 0.25, 0.1, 0.05], size=203)
    found: Values = {"y": y}
    for fraction in (0.1, 0.25, 0.5):
        _, test = train_test_split(np.arange(len(y)), test_size=fraction, stratify=y, random_state=0)
        found[f"test/{fraction}"] = np.bincount(y[test], minlength=4)
    for k in (2, 5, 10):
        folds = StratifiedKFold(k, shuffle=True, random_state=0).split(y, y)
        found[f"folds/{k}"] = np.array([np.bincount(y[test], minlength=4) for _, test in folds])
        found[f"sizes/{k}"] = np.array([len(test) for _, test in KFold(k).split(y)])
    return found


def friedman() -> Values:
    """Friedman's second function, without noise."""
    x, y = make_friedman2(50, random_state=0)
    return {"x": x, "y": y}


def main() -> None:
    values = {
        f"{make.__name__}/{name}": value
        for make in (scaler, balanced, splits, friedman)
        for name, value in make().items()
    }
    path = Path(__file__).with_name("scikit_learn.npz")
    np.savez_compressed(path, scikit_learn=np.array(sklearn.__version__), **values)


if __name__ == "__main__":
    main()
