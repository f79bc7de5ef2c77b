"""What is taken for what, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from layerkit.arguments import check_choice
from layerkit.errors import ArgumentError, DataError
from layerkit.metrics.confusion import Confusion
from layerkit.plots.drawing import PALETTE, axes_for, cut, plain, reading_on
from layerkit.plots.scored import checked_weights
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELLED = 25
"""Of so many classes at most, cells have numbers that can be read."""


def confusion_matrix(
    targets: Any,
    predictions: Any = None,
    *,
    classes: Sequence[str] | None = None,
    normalize: Literal["true", "predicted", "all"] | None = None,
    weights: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """How often each class was taken for each: a row for each true class, a column for each predicted one.

    The cells hold counts, or per cent where they are shares; of more than 25 classes the colours alone. Of labels, of
    which an example may have several, there is a row for each label.

    Args:
        targets: the ``Confusion`` that ``evaluate`` gives (``metrics=[ConfusionMatrix()]``); or the true classes
            ``(n,)``, numbers from 0 or names.
        predictions: the predicted classes, ``(n,)``, as ``classify`` gives them; None with a ``Confusion``.
        classes: the names, in their order; of names, those that are found, sorted, if left out.
        normalize: shares of each true class, of each predicted one, or of all, in place of counts.
        weights: of the examples, ``(n,)``.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: arguments do not go together.
        DataError: the classes cannot be told, or there are none.

    >>> ax = confusion_matrix(["cat", "dog", "dog"], ["cat", "cat", "dog"])
    >>> [text.get_text() for text in ax.texts], ax.images[0].get_array().tolist()
    (['1', '0', '1', '1'], [[1.0, 0.0], [1.0, 1.0]])
    """
    ax = axes_for("confusion_matrix", ax)
    if normalize is not None:
        check_choice("confusion_matrix", "normalize", normalize, ("true", "predicted", "all"))
    if isinstance(targets, Confusion):
        if predictions is not None or weights is not None:
            raise ArgumentError("confusion_matrix: a Confusion has all counts: leave predictions and weights out")
        confusion = targets if classes is None else Confusion(targets.counts, classes)
    else:
        if predictions is None:
            raise ArgumentError("confusion_matrix: predictions are missing: give the predicted classes, or a Confusion")
        confusion = counted(targets, predictions, classes, weights)
    if not confusion.counts.size:
        raise DataError("confusion_matrix: there are no classes to draw")
    values = confusion.counts if normalize is None else confusion.normalized(normalize)
    columns: Sequence[str] = confusion.classes
    if confusion.multi_label:
        values = values.reshape(len(values), 4)
        columns = ("rightly left out", "false alarm", "missed", "found")
    rows, across = ([plain(cut(name)) for name in names] for names in (confusion.classes, columns))
    _draw(ax, values, rows, across, shares=normalize is not None)
    ax.set_xlabel("taken for")
    ax.set_ylabel("label" if confusion.multi_label else "true class")
    return ax


def counted(targets: Any, predictions: Any, classes: Sequence[str] | None, weights: Any) -> Confusion:
    """The counts of true and predicted classes.

    Raises:
        DataError: they are no classes, differ in length, or there are none.
    """
    both = [np.asarray(targets), np.asarray(predictions)]
    for name, given in zip(("targets", "predictions"), both, strict=True):
        if given.ndim != 1 or not len(given):
            raise DataError(
                f"confusion_matrix: {name} must be the classes of at least one example, (n,), got shape {given.shape}"
            )
        if given.dtype.kind not in "iubUO":
            raise DataError(f"confusion_matrix: {name} must be class numbers or names, got {given.dtype}")
    if len(both[0]) != len(both[1]):
        raise DataError(f"confusion_matrix: there are {len(both[0])} targets and {len(both[1])} predictions")
    if any(given.dtype.kind in "UO" for given in both):
        words = [given.astype(str) for given in both]
        names = list(classes) if classes is not None else sorted({*words[0].tolist(), *words[1].tolist()})
        places = {name: place for place, name in enumerate(names)}
        lacking = sorted({*words[0].tolist(), *words[1].tolist()} - set(places))
        if lacking:
            raise DataError(f"confusion_matrix: {lacking[0]!r} is none of the classes {', '.join(names)}")
        numbers = [np.array([places[word] for word in each.tolist()]) for each in words]
    else:
        numbers = [given.astype(np.int64) for given in both]
        names = list(classes or ())
    if min(each.min() for each in numbers) < 0:
        raise DataError("confusion_matrix: classes are counted from 0, and a number is below 0")
    count = max(len(names), *(int(each.max()) + 1 for each in numbers))
    if count > 10_000:
        raise DataError(f"confusion_matrix: class numbers reach {count - 1:,}: are the targets no classes?")
    found = np.bincount(numbers[0] * count + numbers[1], checked_weights(weights, len(both[0])), minlength=count**2)
    return Confusion(found.reshape(count, count), names)


def _draw(ax: Axes, values: Array, rows: Sequence[str], columns: Sequence[str], *, shares: bool) -> None:
    highest = 1.0 if shares else max(float(values.max()), 1e-300)
    image = ax.imshow(values, cmap=PALETTE, vmin=0, vmax=highest, aspect="auto" if len(columns) == 4 else "equal")
    numbered = max(values.shape) <= _LABELLED
    if numbered:
        small = 10 if max(values.shape) <= 5 else 8 if max(values.shape) <= 10 else 6
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.0%}".replace("%", " %") if shares else f"{value:,.4g}" if value % 1 else f"{int(value):,}"
            colour = reading_on(image.cmap(image.norm(value)))
            ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=small)
        ax.set_xticks(range(len(columns)), columns, rotation=45 if max(map(len, columns)) > 3 else 0)
        ax.set_yticks(range(len(rows)), rows)
    else:
        ax.figure.colorbar(image, ax=ax, label="share" if shares else "count")
