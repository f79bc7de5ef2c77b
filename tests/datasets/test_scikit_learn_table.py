from __future__ import annotations

import sys

import numpy as np
import pytest

from layerkit import ScikitLearnTable
from layerkit.errors import DatasetError


@pytest.mark.extra
@pytest.mark.parametrize(
    ("name", "rows", "features", "classes"),
    [
        ("breast-cancer", 569, 30, ("malignant", "benign")),
        ("diabetes", 442, 10, None),
        ("iris", 150, 4, ("setosa", "versicolor", "virginica")),
        ("wine", 178, 13, ("class_0", "class_1", "class_2")),
    ],
)
def test_a_table_is_what_scikit_learn_has(name: str, rows: int, features: int, classes: tuple[str, ...] | None) -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    train, test = (ScikitLearnTable(name, seed=3).load(split) for split in ("train", "test"))
    whole = getattr(datasets, f"load_{name.replace('-', '_')}")()
    x, y = np.concatenate([train.x, test.x]), np.concatenate([train.y, test.y])
    assert x.shape == (rows, features)
    assert len(test) == int(rows / 4 + 0.5)
    assert train.classes == test.classes == classes
    assert train.names == tuple(whole.feature_names)
    # the same rows, in another order
    both, own = ([*map(tuple, np.column_stack(each))] for each in ((whole.data, whole.target), (x, y)))
    assert sorted(both) == sorted(own)
    if classes is None:
        assert train.y is not None
        assert train.y.shape[1:] == (1,)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(DatasetError, match=r"ScikitLearnTable\('wine'\): .* pip install \"layerkit\[sklearn\]\""):
        ScikitLearnTable("wine").load("train")
