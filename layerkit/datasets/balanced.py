"""A set of which every class is drawn equally often."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_instance
from layerkit.data.examples import Examples
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream


@final
class Balanced(Dataset):
    """Another set, of whose training part a fit draws the examples of each class equally often.

    An epoch is as many examples as there are; those of a rare class come again and again, those of a frequent one not
    all. What is drawn depends on the run's seed and the epoch alone. To let each example come once, and count the more
    the rarer its class is, give ``fit(class_weights="balanced")`` instead.

    Args:
        dataset: whose training part holds labels.

    Raises:
        DataError: the training part does not come in arrays with labels; told by ``load``.

    >>> from layerkit import Balanced, Blobs
    >>> blobs = Blobs(centres=[[0, 0], [2, 2]], counts=[90, 10], test_counts=[9, 1])
    >>> train = Balanced(blobs).load("train")
    >>> bool(abs(train.sampling[train.y == 1].sum() - train.sampling[train.y == 0].sum()) < 1e-9)
    True
    """

    def __init__(self, dataset: Dataset) -> None:
        check_instance(self, "dataset", dataset, Dataset)
        self.dataset = dataset

    @property
    def splits(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the other set."""
        return self.dataset.splits

    def load(self, split: str) -> RandomAccess | Stream:
        """One part of the other set, ``"train"`` to be drawn by class.

        Raises:
            DataError: that part does not come in arrays with labels.
            DatasetError, ArgumentError: what the other set says.
        """
        source = self.dataset.load(split)
        if split != "train":
            return source
        if not isinstance(source, Examples):
            raise DataError(
                f"Balanced: the training part of {type(self.dataset).__name__} must come in arrays, as Examples, and "
                f"is a {type(source).__name__}"
            )
        return source.balanced()
