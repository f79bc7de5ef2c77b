"""What is kept for testing is not what is trained on."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.interfaces.dataset import RandomAccess
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.sources import new_scratch, rows_of_order, sources
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_ROWS = 2000
_LEAST = 20
_MOST = 0.5
_HELD_OUT = ("test", "valid", "dev", "eval", "holdout")


@told_by("lengths-aligned", "rows-stable", "splits-load")
def splits_apart(subject: Subject) -> None:
    """Not more than half of the different rows of a split for testing or validation stand among those to train on."""
    found = {
        split: _rows(source)
        for split, source in sources(subject)
        if isinstance(source, RandomAccess) and split.startswith(("train", *_HELD_OUT))
    }
    train = set().union(*(rows for split, rows in found.items() if split.startswith("train")))
    others = {split: rows for split, rows in found.items() if not split.startswith("train") and len(rows) >= _LEAST}
    if not train or not others:
        raise NotApplicable("no splits are called train, and test or validation, with rows enough that differ")
    for split, rows in others.items():
        share = len(rows & train) / len(rows)
        if share > _MOST:
            raise Unmet(
                f"{share:.0%} of the rows of the split {split!r} stand among those to train on, too",
                expected="rows that a model was not trained on: else what it knows by heart is measured",
                cause="each split is drawn by a seed of its own, or cut from all rows; draw one order, and cut it",
            )


def _rows(source: Any) -> set[bytes]:
    """The first rows' inputs and targets; none where they are whole numbers of few features, which meet by chance."""
    count = min(len(source), _ROWS)
    batch = source.batch(rows_of_order(range(count), len(source)), new_scratch())
    arrays = [np.ascontiguousarray(array) for array in (*parts(batch.x), *parts(batch.y))]
    inputs = [array for array in parts(batch.x) if array.dtype.kind == "f" and (array != np.round(array)).any()]
    if not inputs and sum(array[0].size for array in parts(batch.x)) <= _LEAST:
        return set()
    return {b"|".join(array[row].tobytes() for array in arrays) for row in range(count)}
