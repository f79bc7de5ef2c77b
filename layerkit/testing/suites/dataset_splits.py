"""What is kept for testing is not what is trained on, but of the same form and on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.interfaces.dataset import RandomAccess
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.sources import new_scratch, rows_of_order, sources
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ROWS = 2000
_LEAST = 20
_MOST = 0.5
_MANY = 300
_TABLE = 2
_EXACTLY = 1e-4
_SCALE = 50.0
"""How many times the deviation of another split is taken for another unit: bytes are 255 times what they stand for."""
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


@told_by("lengths-aligned", "rows-stable", "splits-load", "values-usable")
def splits_alike(subject: Subject) -> None:
    """A split for testing or validation has the features of that to train on, their scale, and targets of its kind."""
    found = {
        split: source
        for split, source in sources(subject)
        if isinstance(source, RandomAccess) and split.startswith(("train", *_HELD_OUT))
    }
    batches = {
        split: source.batch(rows_of_order(range(min(len(source), _MANY)), len(source)), new_scratch())
        for split, source in found.items()
    }
    train = next((split for split in batches if split.startswith("train")), None)
    others = [split for split in batches if not split.startswith("train")]
    if train is None or not others:
        raise NotApplicable("no splits are called train, and test or validation")
    for split in others:
        ours, theirs = (getattr(found[name], "classes", None) for name in (split, train))
        if ours and theirs and tuple(ours) != tuple(theirs):
            raise Unmet(
                f"the split {split!r} has the classes {_short(ours)}, and {train!r} {_short(theirs)}",
                expected="the classes of the set, in one order, also where one of them does not occur in a split",
                cause="they are taken from what occurs in each split (np.unique): a class that is rare is then missing",
            )
        if all(_fitted_to_itself(found[name]) for name in (split, train)):
            raise Unmet(
                f"in both splits, {train!r} and {split!r}, every feature has the mean 0 and the deviation 1, or "
                "reaches from 0 to 1, exactly",
                expected="one scale: numbers that are the same before are the same in all splits",
                cause="each split is scaled by its own mean, deviation or range: take those of the training split for "
                "all, or leave it to a Standardize layer",
            )
        for name in ("x", "y"):
            ours, theirs = parts(getattr(batches[split], name)), parts(getattr(batches[train], name))
            # targets may be missing where they are to be predicted
            told = _unlike(ours, theirs, labels_or_numbers=name == "y")
            if told is not None and (name == "x" or (ours and theirs)):
                raise Unmet(
                    f"{name} of the split {split!r} {told} of {train!r}",
                    expected="what a network that was trained on one can be tested on: as many features, on one scale, "
                    "and targets of one kind",
                    cause="columns, or classes, are taken from what occurs in each split, or one split alone is scaled",
                )


def _fitted_to_itself(source: RandomAccess) -> bool:
    """Whether all features of a split have, to the last digits, the statistics that scaling by its own ones gives."""
    if not _LEAST <= len(source) <= _ROWS:
        return False
    x = source.batch(np.arange(len(source)), new_scratch()).x
    if isinstance(x, tuple) or x.ndim != _TABLE or x.dtype.kind != "f":
        return False
    columns = x.astype(np.float64)
    columns = columns[:, columns.std(axis=0) > 0]
    means, spreads = columns.mean(axis=0), columns.std(axis=0)
    if means.size and (np.abs(means) < _EXACTLY).all() and (np.abs(spreads - 1) <= 1 / len(x)).all():
        return True
    # each end once: what is cut off at 0 and 1, or is 0 or 1 as an answer is, meets them often
    ends = all(((columns == end).sum(axis=0) == 1).all() for end in (0, 1))
    return means.size > 1 and ends and bool((columns.min(axis=0) == 0).all() and (columns.max(axis=0) == 1).all())


def _short(names: Sequence[object]) -> str:
    shown = ", ".join(map(repr, names[:6]))
    return f"{shown}, …" if len(names) > 6 else shown


def _unlike(ours: Sequence[Array], theirs: Sequence[Array], *, labels_or_numbers: bool) -> str | None:
    """How the arrays of a split differ from those of another, which follow; None if they do not."""
    if len(ours) != len(theirs):
        return f"is {len(ours)} arrays, beside the {len(theirs)}"
    for one, other in zip(ours, theirs, strict=True):
        if labels_or_numbers and (one.dtype.kind == "f") != (other.dtype.kind == "f"):
            return f"is {one.dtype}, beside {other.dtype}"
        if one.ndim != other.ndim or (one.ndim == _TABLE and one.shape[1] != other.shape[1]):
            return f"has the shape {one.shape}, beside {other.shape}"
        spreads = np.std(one), np.std(other)
        if min(spreads) > 0 and max(spreads) > _SCALE * min(spreads) and min(len(one), len(other)) >= _LEAST:
            return f"has a deviation of {spreads[0]:.3g}, beside {spreads[1]:.3g}"
    return None


def _rows(source: Any) -> set[bytes]:
    """The first rows' inputs and targets; none where they are whole numbers of few features, which meet by chance."""
    count = min(len(source), _ROWS)
    batch = source.batch(rows_of_order(range(count), len(source)), new_scratch())
    arrays = [np.ascontiguousarray(array) for array in (*parts(batch.x), *parts(batch.y))]
    inputs = [array for array in parts(batch.x) if array.dtype.kind == "f" and (array != np.round(array)).any()]
    if not inputs and sum(array[0].size for array in parts(batch.x)) <= _LEAST:
        return set()
    return {b"|".join(array[row].tobytes() for array in arrays) for row in range(count)}
