"""What a model knows of its data: the names of columns, target and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from layerkit.calls import Explained
from layerkit.data.class_names import labels_of_numbers, places_of
from layerkit.data.names import different_names
from layerkit.errors import ArgumentError, DataError
from layerkit.shapes import fits
from layerkit.types import Array, Shape

_MOST_NAMES = 2**15
_MOST_CHARACTERS = 2**20
_TOLD = 10

TargetName: TypeAlias = str | tuple[str, ...] | None
"""What a target is called: by one name, or, where it has several columns, by one for each."""


@final
@dataclass(frozen=True, slots=True)
class Schema(metaclass=Explained):
    """The names of the columns of ``x``, in the model's order, of the target, and of the classes, in that of labels.

    ``target`` is one name, or, for targets of several columns, a tuple with the name of each, in the model's order.
    Each is None where the data named nothing, or nothing that could be matched (names that occur twice, more than
    32,768 of them, more than 1 MiB): then places count, as in arrays.

    Raises:
        ArgumentError: these are no names, or one occurs twice.

    >>> Schema(columns=("width", "height")).order(("height", "width", "price"), extra=("price",))
    array([1, 0])
    """

    columns: tuple[str, ...] | None = None
    target: TargetName = None
    classes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("columns", "classes", "target"):
            given = getattr(self, name)
            if given is not None and not (name == "target" and isinstance(given, str)):
                object.__setattr__(self, name, different_names("Schema", name, given))

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all columns of the target."""
        return () if self.target is None else (self.target,) if isinstance(self.target, str) else self.target

    def plain(self) -> dict[str, Any]:
        """The same as JSON-safe values."""
        target = self.target
        return {
            "classes": None if self.classes is None else list(self.classes),
            "columns": None if self.columns is None else list(self.columns),
            "target": list(target) if isinstance(target, tuple) else target,
        }

    @classmethod
    def of_plain(cls, told: Any) -> Schema:
        """What ``plain`` gave.

        Raises:
            ArgumentError: it is none.
        """
        if not isinstance(told, dict) or set(told) != {"classes", "columns", "target"}:
            raise ArgumentError("its description of names lacks something, or has something that is unknown")
        for name, given in told.items():
            listed = isinstance(given, list) and all(isinstance(each, str) for each in given)
            if not (given is None or listed or (name == "target" and isinstance(given, str))):
                raise ArgumentError(f"its {name}: {given!r:.200} is no list of names")
        return cls(**told)

    def fitting(self, input_shape: Shape) -> Schema:
        """The same for a model of this input shape: without names of columns that it cannot have."""
        fitting = self.columns is None or fits((len(self.columns),), input_shape)
        return self if fitting else Schema(target=self.target, classes=self.classes)

    def require_fitting(self, input_shape: Shape) -> None:
        """Refuse names of columns that a model of this input shape cannot have.

        Raises:
            ArgumentError: there are more of them, or fewer.
        """
        if self.columns is not None and self != self.fitting(input_shape):
            raise ArgumentError(
                f"the schema names {len(self.columns)} columns, and the model takes inputs of shape {input_shape}"
            )

    def completed(self, *, columns: Sequence[str] | None, target: TargetName, classes: Sequence[str] | None) -> Schema:
        """The same, with what data names where nothing is known yet."""
        return Schema(
            columns=self.columns or _distinct(columns),
            target=self.target or (_distinct(target) if isinstance(target, tuple) else target or None),
            classes=self.classes or _distinct(classes),
        )

    def order(self, names: Sequence[str] | None, *, extra: Sequence[str] = ()) -> Array | None:
        """The places of the model's columns among ``names``, ``extra`` ones allowed; None where there are no names.

        Raises:
            DataError: a column is missing, or one is there that the model does not know.
        """
        return _order("columns", self.columns, names, extra=extra)

    def target_order(self, name: TargetName) -> Array | None:
        """The places of the columns of the model's target among those of a target; None where there are no names.

        Raises:
            DataError: a column is missing, or one is there that the model does not know.
        """
        if not isinstance(self.target, tuple) or not isinstance(name, tuple):
            return None
        hint = ""
        if self.classes is not None:
            hint = "; a class that does not occur has a column of 0"
        return _order("columns of targets", self.target, name, hint=hint)

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
        if rows:
            raise DataError(
                f"the model knows the classes {_listed(self.classes)}, and the data has a column for each of "
                f"{_listed(classes)}: call the columns of the targets by the names of the classes, or give an array "
                "without names, to go by position"
            )
        raise self._foreign(foreign)

    def named(self, y: Array) -> Array | None:
        """The labels of numbers or booleans ``(n,)`` or ``(n, 1)``, where these name the classes; else None.

        Raises:
            DataError: one is no class that the model knows.
        """
        labels = None if self.classes is None else labels_of_numbers(y, self.classes)
        if labels is not None and (labels < 0).any():
            raise self._foreign([f"{value:g}" for value in np.unique(y.reshape(-1)[labels < 0]).tolist()])
        return labels

    def _foreign(self, names: Sequence[str]) -> DataError:
        return DataError(
            f"the model knows the classes {_listed(self.classes or ())}, and the data holds {_listed(names)}: leave "
            "such examples out, or train a model on all classes"
        )


def _order(
    what: str, known: Sequence[str] | None, names: Sequence[str] | None, *, extra: Sequence[str] = (), hint: str = ""
) -> Array | None:
    if known is None or names is None:
        return None
    wanted, place = set(known), {name: position for position, name in enumerate(names)}
    if wanted.isdisjoint(place) and list(names) == list(map(str, range(len(known)))):
        # the numbers by which pandas counts columns that nobody named
        return None
    missing = [name for name in known if name not in place]
    foreign = [name for name in names if name not in wanted and name not in extra]
    double = sorted({name for position, name in enumerate(names) if place[name] != position and name in wanted})
    told = [
        f"{verb} {_listed(found)}"
        for verb, found in (("lacks", missing), ("has, beside those,", foreign), ("has twice", double))
        if found
    ]
    if told:
        raise DataError(
            f"the model knows its {what} by name ({_listed(known)}), and the data {' and '.join(told)}: give the "
            f"columns that it was trained with, in any order, or an array without names, to go by position{hint}"
        )
    return np.array([place[name] for name in known], np.intp)


def _distinct(names: Sequence[str] | None) -> tuple[str, ...] | None:
    if not names or len(set(names)) < len(names) or len(names) > _MOST_NAMES:
        return None
    return tuple(names) if sum(map(len, names)) <= _MOST_CHARACTERS else None


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(repr(name[:60]) for name in names[:_TOLD]) + more
