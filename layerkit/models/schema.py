"""What a model knows of its data: the names of columns, target and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.calls import Explained
from layerkit.data.class_names import class_values, labels_of_numbers, places_of
from layerkit.errors import DataError
from layerkit.types import Array

_MOST_NAMES = 2**15
_MOST_CHARACTERS = 2**20
_TOLD = 10


@final
@dataclass(frozen=True, slots=True)
class Schema(metaclass=Explained):
    """The names of the columns of ``x``, in the model's order, of the target, and of the classes, in that of labels.

    Each is None where the data named nothing, or nothing that could be matched (names that occur twice, more than
    32,768 of them, more than 1 MiB): then places count, as in arrays.

    >>> Schema(columns=("width", "height")).order(("height", "width", "price"), extra=("price",))
    array([1, 0])
    """

    columns: tuple[str, ...] | None = None
    target: str | None = None
    classes: tuple[str, ...] | None = None

    def completed(self, *, columns: Sequence[str] | None, target: str | None, classes: Sequence[str] | None) -> Schema:
        """The same, with what data names where nothing is known yet."""
        return Schema(
            columns=self.columns or _distinct(columns),
            target=self.target or target,
            classes=self.classes or _distinct(classes),
        )

    def order(self, names: Sequence[str] | None, *, extra: Sequence[str] = ()) -> Array | None:
        """The places of the model's columns among ``names``, ``extra`` ones allowed; None where there are no names.

        Raises:
            DataError: a column is missing, or one is there that the model does not know.
        """
        if self.columns is None or names is None:
            return None
        known = set(self.columns)
        if known.isdisjoint(names) and list(names) == list(map(str, range(len(self.columns)))):
            # the numbers by which pandas counts columns that nobody named
            return None
        missing = [name for name in self.columns if name not in names]
        foreign = [name for name in names if name not in known and name not in extra]
        double = sorted({name for name in names if names.count(name) > 1 and name in known})
        told = [
            f"{what} {_listed(found)}"
            for what, found in (("lacks", missing), ("has, beside those,", foreign), ("has twice", double))
            if found
        ]
        if told:
            raise DataError(
                f"the model knows its columns by name ({_listed(self.columns)}), and the data {' and '.join(told)}: "
                "give the columns that it was trained with, in any order, or an array without names, to go by position"
            )
        place = {name: position for position, name in enumerate(names)}
        return np.array([place[name] for name in self.columns], np.intp)

    def labels(self, y: Array, classes: Sequence[str] | None, *, rows: bool = False) -> Array:
        """Labels, or ``rows`` with a column a class, of data whose classes are ``classes``, in the model's own order.

        Raises:
            DataError: one is of a class that the model does not know.
        """
        if self.classes is None or classes is None or tuple(classes) == self.classes:
            return y
        order = np.array(places_of(classes, self.classes), np.int64)
        if y.dtype.kind in "iu" and not rows:
            sound = (y >= 0) & (y < len(order))
            # what is no label at all is told where labels are checked
            labels = np.where(sound, order[np.where(sound, y, 0)], y)
            unknown = np.flatnonzero(np.bincount(y[sound].ravel(), minlength=len(order))[: len(order)] * (order < 0))
            if not len(unknown):
                return labels
            foreign = [classes[label] for label in unknown.tolist()]
        elif y.shape[-1] == len(classes) == len(self.classes) and (order >= 0).all():
            return y[..., np.argsort(order)]
        elif (order >= 0).all():
            raise DataError(
                f"the data names its classes in the order {_listed(classes)}, the model {_listed(self.classes)}, and "
                f"targets of shape {y.shape} and dtype {y.dtype} cannot be put in that order: give integer labels"
            )
        else:
            foreign = [name for name, label in zip(classes, order, strict=True) if label < 0] or list(classes)
        raise self._foreign(foreign)

    def named(self, y: Array) -> Array | None:
        """The labels of numbers ``(n,)`` or ``(n, 1)``, where numbers name the classes; None where they do not.

        Raises:
            DataError: one is no class that the model knows.
        """
        if self.classes is None or not class_values(self.classes) or y.dtype.kind not in "fiu":
            return None
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.ndim != 1:
            return None
        labels = labels_of_numbers(y, self.classes)
        if (labels < 0).any():
            raise self._foreign([f"{value:g}" for value in np.unique(y[labels < 0]).tolist()])
        return labels

    def _foreign(self, names: Sequence[str]) -> DataError:
        return DataError(
            f"the model knows the classes {_listed(self.classes or ())}, and the data holds {_listed(names)}: leave "
            "such examples out, or train a model on all classes"
        )


def _distinct(names: Sequence[str] | None) -> tuple[str, ...] | None:
    if not names or len(set(names)) < len(names) or len(names) > _MOST_NAMES:
        return None
    return tuple(names) if sum(map(len, names)) <= _MOST_CHARACTERS else None


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(repr(name[:60]) for name in names[:_TOLD]) + more
