"""A part of the training data that is kept apart, and the callback that ends training by it."""

from __future__ import annotations

from typing import TypeAlias

from layerkit.callbacks.early_stopping import EarlyStopping
from layerkit.data.examples import Examples
from layerkit.data.split import split_rows
from layerkit.errors import DataError
from layerkit.interfaces.metric import Metric
from layerkit.sklearn.sparse_rows import SparseRows
from layerkit.types import Array

Data: TypeAlias = Examples | SparseRows


def kept_apart(owner: str, data: Data, labels: Array | None, *, fraction: float, seed: int) -> tuple[Data, Data]:
    """What is left to train on, and what is kept apart: of each of the ``labels`` its share, to within one row.

    Raises:
        DataError: there are too few rows.
    """
    train, held_out = split_rows(len(data), labels, test_fraction=fraction, seed=seed)
    if not len(train) or not len(held_out):
        raise DataError(
            f"{owner}: {len(data)} rows are too few to keep validation_fraction={fraction:g} of them apart: give more "
            "rows or another fraction, or leave early_stopping out"
        )
    return data.take(train), data.take(held_out)


def early_stopping(metric: Metric, *, patience: int, tolerance: float) -> EarlyStopping:
    """What ends a fit after more than ``patience`` epochs without a better score, and goes back to the best values."""
    return EarlyStopping(
        f"validation_{metric.name}", patience=patience + 1, minimum_change=tolerance, mode="highest", restore_best=True
    )
