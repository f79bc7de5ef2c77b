"""What a dataset loads, and batches of it, copied as soon as they are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Batch, Dataset, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.testing.case import Case
from layerkit.testing.inputs import owned, read_only
from layerkit.testing.subject import Subject
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

BATCHES = 3
PARTS = ("x", "y", "weights", "mask")


def load(dataset: Dataset, split: str, case: Case) -> RandomAccess | Stream:
    """A split.

    Raises:
        NotApplicable: the data is not here, as the author said it may be.
        Unmet: a file cannot be read, and the dataset leaves it to Python to say so.
    """
    try:
        return dataset.load(split)
    except DatasetError as error:
        if case.needs_data:
            raise NotApplicable(f"the data is not here: {str(error).splitlines()[0]}") from None
        raise
    except OSError as error:
        raise Unmet(
            f"load({split!r}) raises {type(error).__name__}: {error}",
            expected="a DatasetError that names the file and says how to get it",
            cause="a file is read without a look whether it is there: catch OSError, and raise DatasetError from it",
        ) from error


def sources(subject: Subject) -> Iterator[tuple[str, Any]]:
    """Each split of a fresh dataset, loaded."""
    dataset: Dataset = subject.make()
    for split in dataset.splits:
        yield split, load(dataset, split, subject.case)


def rows_of_order(places: Sequence[int], count: int) -> Array:
    """Row numbers as a reader gives them, read-only; negative ones are counted from the end of so many rows."""
    rows: Array = read_only(np.array([place % count for place in places], np.intp))
    return rows


def new_scratch(dtype: Any = np.float32) -> Scratch:
    """Memory that nobody has used."""
    return Scratch(np.dtype(dtype))


def values(batch: Batch) -> Value:
    """All that a batch holds, as copies."""
    return owned(tuple(getattr(batch, name) for name in PARTS))


def first_batches(source: Any) -> Iterator[tuple[Batch, int | None]]:
    """A few batches, each with the number of rows that was asked for (None: a stream chooses)."""
    if isinstance(source, RandomAccess):
        count = len(source)
        for places in (range(min(6, count)), range(max(0, count - 3), count), (-1, 0, 0)):
            rows = rows_of_order(places, count)
            yield source.batch(rows, new_scratch()), len(rows)
    else:
        yield from ((batch, None) for batch in islice(source.open(0, 0), BATCHES))
