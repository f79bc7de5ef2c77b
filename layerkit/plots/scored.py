"""What curves of scores and probabilities are given, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from layerkit.errors import DataError
from layerkit.types import Array


def checked_weights(weights: Any, rows: int) -> Array:
    """Weights of the examples in float64, 1 for each where none are given.

    Raises:
        DataError: they are none.
    """
    if weights is None:
        return np.ones(rows)
    found = np.asarray(weights)
    if found.shape != (rows,) or found.dtype.kind not in "fiub":
        raise DataError(f"weights must be numbers of shape ({rows},), one an example, got shape {found.shape}")
    if not np.isfinite(found).all() or (found < 0).any() or not found.any():
        raise DataError("weights must be finite numbers of at least 0, and not all 0")
    return found.astype(np.float64)


def checked_scores(picture: str, scores: Any, what: str) -> Array:
    """Scores ``(n, outputs)`` in float64.

    Raises:
        DataError: they are none.
    """
    found = np.asarray(scores)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2 or not found.size or found.dtype.kind not in "fiub":
        raise DataError(f"{picture}: {what} must be numbers (n,) or (n, classes), at least one, got {found.shape}")
    found = found.astype(np.float64)
    if not np.isfinite(found).all():
        raise DataError(
            f"{picture}: {what} must be finite, and row {int(np.argwhere(~np.isfinite(found))[0][0])} is not"
        )
    return found


def truths(picture: str, targets: Any, shape: tuple[int, ...]) -> tuple[Array, bool]:
    """What is true of each class, booleans ``(n, classes)``, two columns of a single output, and whether each column
    is a label of its own.

    Raises:
        DataError: the targets do not fit outputs of ``shape``.
    """
    y = np.asarray(targets)
    rows, outputs = shape
    width = max(outputs, 2)
    if y.shape == (rows, 1):
        y = y[:, 0]
    if y.dtype.kind not in "fiub":
        raise DataError(f"{picture}: targets must be class numbers or rows of 0 and 1, got {y.dtype}")
    if y.shape == (rows,):
        if not np.isin(y, np.arange(width)).all():
            wanted = "0 or 1" if width == 2 else f"class numbers from 0 to {width - 1}"
            raise DataError(f"{picture}: targets must be {wanted} for {outputs} scores an example, got {y.max()!s}")
        return y.astype(np.int64)[:, None] == np.arange(width), False
    if y.shape == shape and np.isin(y, (0, 1)).all():
        return y == 1, not (y.sum(axis=1) == 1).all()
    raise DataError(f"{picture}: targets of shape {y.shape} fit scores of shape {shape} neither as classes nor as rows")


def against_the_rest(
    picture: str, targets: Any, scores: Any, classes: Sequence[str] | None, weights: Any
) -> Iterator[tuple[str, Array, Array]]:
    """Each class by itself: its name, the scores ``(n,)``, and the weights, below 0 where it is not true.

    Of two classes it is class 1 alone. Examples without weight are left out, and so is a class that all examples have,
    or none, as long as there is another one.

    Raises:
        DataError: as ``truths``; or of every class there are only positives, or only negatives.
    """
    chance = checked_scores(picture, scores, "scores")
    truth, labels = truths(picture, targets, chance.shape)
    each = checked_weights(weights, len(chance))
    chance, truth, each = chance[each > 0], truth[each > 0], each[each > 0]
    names = [*(classes or ())][: truth.shape[1]]
    names += [str(place) for place in range(len(names), truth.shape[1])]
    first = 1 if truth.shape[1] == 2 and not labels else 0
    places = range(first, truth.shape[1])
    told = [place for place in places if truth[:, place].any() and not truth[:, place].all()]
    if not told:
        raise DataError(
            f"{picture}: it needs examples that are of class {names[first]} and ones that are not, and there are "
            f"only {'positives' if truth[:, first].all() else 'negatives'}"
        )
    for place in told:
        yield names[place], chance[:, place if chance.shape[1] > 1 else 0], np.where(truth[:, place], each, -each)
