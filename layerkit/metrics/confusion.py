"""What is taken for what, as an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, final

import numpy as np

from layerkit.arguments import check_choice
from layerkit.calls import Explained
from layerkit.notebook import html_table
from layerkit.types import Array

_LONGEST_NAME = 12
_LISTED = 10
_WIDTH = 80
_MOST_SHOWN = 30


@final
class Confusion(metaclass=Explained):
    """How often each class was taken for each.

    ``counts`` are weights of examples or positions: of classes that exclude each other ``(classes, classes)``, rows the
    true classes, columns the predicted ones; of labels, of which an example may have several, ``(labels, 2, 2)``, for
    each label ``[[true negatives, false positives], [false negatives, true positives]]``. ``classes`` are the names, or
    the numbers where nothing named them. Printed, it is a table, or the most frequent mistakes where that is too wide.

    >>> found = Confusion(np.array([[3, 1], [0, 4]]), ["cat", "dog"])
    >>> print(found)
    rows: the true class, columns: taken for
         cat  dog     right
    cat    3    1   75.00 %
    dog    .    4  100.00 %
    >>> found.normalized("predicted").tolist()
    [[1.0, 0.2], [0.0, 0.8]]
    """

    def __init__(self, counts: Array, classes: Sequence[str] | None = None) -> None:
        self.counts = counts
        names = tuple(classes or ())[: len(counts)]
        self.classes = (*names, *map(str, range(len(names), len(counts))))

    @property
    def multi_label(self) -> bool:
        """Whether these are labels, each with a table of its own."""
        return self.counts.ndim == 3

    def normalized(self, over: Literal["true", "predicted", "all"] = "true") -> Array:
        """Shares in place of counts: of each true class (rows add up to 1), of each predicted one, or of all; 0 where
        there is nothing to share.

        Raises:
            ArgumentError: ``over`` is none of these.
        """
        check_choice(self, "over", over, ("true", "predicted", "all"))
        axes = {"true": (-1,), "predicted": (-2,), "all": (-2, -1)}[over]
        whole = self.counts.sum(axis=axes, keepdims=True, dtype=np.float64)
        return np.divide(self.counts, whole, out=np.zeros(self.counts.shape), where=whole > 0)

    def as_json(self) -> dict[str, Any]:
        """The names and the counts as values that JSON has."""
        return {"classes": list(self.classes), "counts": _plain(self.counts).tolist()}

    def lines(self, width: int = _WIDTH) -> list[str]:
        """The table, of at most ``width`` columns, or the most frequent mistakes where that does not do."""
        names = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in self.classes]
        if self.multi_label:
            return _of_labels(names, self.counts)
        title = max(map(len, names), default=0)
        cells = [[_shown(count) for count in row] for row in self.counts.tolist()]
        cell = max(title, *(len(each) for row in cells for each in row), 2)
        if title + (cell + 2) * len(names) + 12 > width:
            return self._mistakes()
        lines = [
            "rows: the true class, columns: taken for",
            f"{'':{title}}" + "".join(f"  {name:>{cell}}" for name in names) + "     right",
        ]
        for name, row, right in zip(names, cells, _right(self.counts), strict=True):
            lines.append(f"{name:<{title}}{''.join(f'  {count:>{cell}}' for count in row)}  {right:>8}")
        return lines

    def _repr_html_(self) -> str:
        """The table for a notebook, darker where more of a class are; the most frequent mistakes of many classes."""
        if self.multi_label:
            rows = _label_rows(self.classes, self.counts)
            return html_table(rows[0], rows[1:], left=1)
        if len(self.classes) > _MOST_SHOWN:
            return html_table(["the most frequent mistakes"], [[line.strip()] for line in self._mistakes()[1:]], left=1)
        rows = [
            [name, *map(_shown, row), right]
            for name, row, right in zip(self.classes, self.counts.tolist(), _right(self.counts), strict=True)
        ]
        titles = ["", *self.classes, "right"]
        below = "rows: the true class, columns: taken for"
        return html_table(titles, rows, left=1, shades=self.normalized().tolist(), below=below)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"Confusion({_plain(self.counts).tolist()}, {list(self.classes)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Confusion):
            return NotImplemented
        return self.classes == other.classes and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]

    def _mistakes(self) -> list[str]:
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:_LISTED]
        found = [(int(true), int(taken)) for true, taken in zip(*np.unravel_index(order, wrong.shape), strict=True)]
        lines = [
            f"  {self.classes[true]} taken for {self.classes[taken]}: {_shown(wrong[true, taken])} of "
            f"{_shown(self.counts[true].sum())}"
            for true, taken in found
            if wrong[true, taken]
        ]
        return ["the most frequent mistakes", *lines] if lines else ["there is no mistake"]


def _label_rows(names: Sequence[str], counts: Array) -> list[list[str]]:
    titles = ["", "found", "missed", "false alarms", "rightly left out"]
    rows = [titles]
    for name, ((negatives, alarms), (missed, found)) in zip(names, counts.tolist(), strict=True):
        rows.append([name, *map(_shown, (found, missed, alarms, negatives))])
    return rows


def _of_labels(names: Sequence[str], counts: Array) -> list[str]:
    rows = _label_rows(names, counts)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _plain(counts: Array) -> Array:
    """Whole numbers where all counts are whole."""
    whole = counts.astype(np.int64)
    return whole if (whole == counts).all() else counts


def _shown(count: float) -> str:
    return "." if not count else f"{int(count):,}" if count == int(count) else f"{count:,.2f}"


def _right(counts: Array) -> list[str]:
    totals = counts.sum(axis=1)
    return [
        f"{right / total:.2%}".replace("%", " %") if total else "no examples"
        for right, total in zip(counts.diagonal().tolist(), totals.tolist(), strict=True)
    ]
