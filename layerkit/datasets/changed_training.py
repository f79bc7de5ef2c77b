"""Datasets that are others, but for their training part."""

from __future__ import annotations

from abc import abstractmethod

from layerkit.arguments import check_instance
from layerkit.data.examples import Examples
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream


class ChangedTraining(Dataset):
    """Another set, whose training part ``changed`` makes into another.

    Args:
        dataset: the other set, whose training part comes in arrays.
    """

    def __init__(self, dataset: Dataset) -> None:
        check_instance(self, "dataset", dataset, Dataset)
        self.dataset = dataset

    @property
    def splits(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the other set."""
        return self.dataset.splits

    def load(self, split: str) -> RandomAccess | Stream:
        """One part of the other set, ``"train"`` as this set changes it.

        Raises:
            DataError: that part does not come in arrays, or cannot be changed in this way.
            DatasetError, ArgumentError: what the other set says.
        """
        source = self.dataset.load(split)
        if split != "train":
            return source
        if not isinstance(source, Examples):
            raise DataError(
                f"{type(self).__name__}: the training part of {type(self.dataset).__name__} must come in arrays, as "
                f"Examples, and is a {type(source).__name__}"
            )
        return self.changed(source)

    @abstractmethod
    def changed(self, train: Examples) -> Examples:
        """The training part of this set.

        Raises:
            DataError: it cannot be made of the other set's.
        """
