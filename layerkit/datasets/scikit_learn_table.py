"""The small tables that scikit-learn brings, as a dataset."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Dataset

_TABLES = ("breast-cancer", "diabetes", "iris", "wine")


@final
class ScikitLearnTable(Dataset):
    """A table that comes with scikit-learn: ``"breast-cancer"``, ``"diabetes"``, ``"iris"`` or ``"wine"``.

    ``x``: float64 ``(n, features)``, in its own units, with the features' names. ``y``: of the diabetes table how far
    the disease went in a year, ``(n, 1)`` float64, 25 to 346; of the others labels ``(n,)`` with the classes' names, in
    scikit-learn's order: a benign tumour is class 1. Split in two by ``seed``, always in the same way:
    ``test_fraction`` of each class, or of the rows, is for testing.

    | name | rows | features | target |
    |---|---|---|---|
    | ``breast-cancer`` | 569 | 30 | 2 classes (Wolberg, Street, Mangasarian 1995) |
    | ``diabetes`` | 442 | 10 | a number (Efron, Hastie, Johnstone, Tibshirani 2004) |
    | ``iris`` | 150 | 4 | 3 classes (Fisher 1936) |
    | ``wine`` | 178 | 13 | 3 classes (Aeberhard, Forina 1992) |

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): scikit-learn, an extra (``layerkit[sklearn]``), is not installed.

    >>> ScikitLearnTable("wine")
    ScikitLearnTable('wine')
    """

    def __init__(self, name: str, *, test_fraction: float = 0.25, seed: int = 0) -> None:
        check_choice(self, "name", name, _TABLES)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        self.name = name
        self.test_fraction = test_fraction
        self.seed = seed

    def load(self, split: str) -> Examples:
        """One part of the table: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        try:
            from sklearn import datasets
        except ImportError:
            raise DatasetError(
                f'{self!r}: the table comes with scikit-learn, which is not installed: pip install "layerkit[sklearn]"'
            ) from None
        table = getattr(datasets, f"load_{self.name.replace('-', '_')}")()
        names = tuple(table.feature_names)
        if self.name == "diabetes":
            examples = Examples(
                table.data, table.target[:, None], names=names, target_name="disease progression", labels=False
            )
        else:
            examples = Examples(table.data, table.target, names=names, classes=tuple(map(str, table.target_names)))
        return split_part(self.name, examples, split, test_fraction=self.test_fraction, seed=self.seed)
