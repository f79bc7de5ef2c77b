"""A set of which every class is drawn equally often."""

from __future__ import annotations

from typing import final

from layerkit.data.examples import Examples
from layerkit.datasets.changed_training import ChangedTraining


@final
class Balanced(ChangedTraining):
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

    def changed(self, train: Examples) -> Examples:
        return train.balanced()
