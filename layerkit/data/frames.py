"""DataFrames and Series of pandas, polars and pyarrow as arrays with names; by narwhals, an extra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from layerkit.data.class_names import labels_of_numbers, places_of
from layerkit.data.names import as_text
from layerkit.errors import DataError
from layerkit.types import Array

_LIBRARIES = ("pandas", "polars", "pyarrow", "modin", "cudf", "narwhals")
_KINDS = ("DataFrame", "LazyFrame", "Series", "Table", "ChunkedArray")


@final
@dataclass(frozen=True, slots=True)
class Named:
    """An array out of a frame, the names of its columns (None: one has none), and its classes if it holds words."""

    array: Array
    names: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    found: bool = False
    """Whether the classes are no more than the words that were found."""


def is_frame(value: Any) -> bool:
    """Whether a value is a DataFrame or a Series of a library that narwhals knows; nothing is imported."""
    kind = type(value)
    return kind.__name__ in _KINDS and kind.__module__.partition(".")[0] in _LIBRARIES


def column_names(frame: Any) -> tuple[str, ...] | None:
    """The names of a DataFrame's columns, numbers as text; None if one has none."""
    return _texts([column.name for column in _columns(frame)])


def column_of(frame: Any, name: str | int) -> Any:
    """One column of a DataFrame, as a Series.

    Raises:
        DataError: there is no such column.
    """
    columns = {str(column.name): column for column in _columns(frame)}
    name = as_text(name) if isinstance(name, str) else name
    if str(name) not in columns:
        raise DataError(
            f"the DataFrame has no column {name!r} to be the target; its columns are "
            f"{', '.join(map(repr, list(columns)[:20]))}"
        )
    return columns[str(name)]


def named_targets(frame: Any, y: Any) -> list[Any] | None:
    """The columns of a DataFrame that ``y`` names, by one name or by a list of them, as Series; None if it is no name.

    Raises:
        DataError: there is no such column, or there are as many rows as names, which may be the targets themselves.
    """
    if isinstance(y, (str, int)) and not isinstance(y, bool):
        return [column_of(frame, y)]
    if is_frame(y) or isinstance(y, str) or not (isinstance(y, (list, tuple)) or getattr(y, "ndim", 0) == 1):
        return None
    # a frame that is yet to be collected has no shape
    if not 0 < len(y) <= getattr(frame, "shape", (0, 0))[1]:
        return None
    columns = _columns(frame)
    names = [as_text(name) if isinstance(name, str) else name for name in y]
    known = {str(column.name) for column in columns}
    if not all(isinstance(name, (str, int, np.integer)) and not isinstance(name, bool) for name in names):
        return None
    found, words = [name for name in names if str(name) in known], any(isinstance(name, str) for name in names)
    if len(names) == len(columns[0]):
        if words and len(found) == len(names):
            raise DataError(
                f"the targets {names!r:.100} are names of columns, and as many as there are rows: for columns write "
                "(frame[[features]], frame[[targets]]); if they are the targets themselves, give a Series"
            )
        return None
    named = found and (words or len(found) == len(names))
    return [column_of(frame, name) for name in names] if named else None


def features(frame: Any, *, columns: Sequence[str] | None = None, without: Sequence[str | int] = ()) -> Named:
    """Columns of a DataFrame as numbers, ``(n, columns)``: those named, in that order, or all but ``without``.

    Raises:
        DataError: a column holds something else than numbers, or misses some; the message names it.
    """
    left_out = set(map(str, without))
    found = [column for column in _columns(frame) if str(column.name) not in left_out]
    if columns is not None:
        named = {str(column.name): column for column in found}
        found = [named[name] for name in columns]
    if not found:
        raise DataError("the DataFrame has no column of features")
    return Named(np.stack([_numbers(column) for column in found], axis=1), _texts([column.name for column in found]))


def targets(given: Any, classes: Sequence[str] | None = None) -> Named:
    """A Series as targets ``(n,)``, words as labels with the names of their classes; several columns, of a DataFrame or
    as a list of Series, as rows of numbers.

    Classes are those given, else those that a categorical type declares, else the words found, sorted. Given for
    several columns, they are their names, and say the order; or they name columns anew.

    Raises:
        DataError: a target is missing, or is none of the classes.
    """
    columns = given if isinstance(given, list) else _columns(given)
    if len(columns) > 1:
        return _rows(columns, classes)
    [column] = columns
    names = _texts([column.name])
    kind = str(column.dtype).partition("(")[0]
    if kind not in ("String", "Categorical", "Enum"):
        array = _numbers(column)
        labels = None if classes is None else labels_of_numbers(array, classes)
        if labels is not None:
            if (labels < 0).any():
                raise _no_class(str(array.reshape(-1)[labels < 0][0]), classes or ())
            return Named(labels, names)
        return Named(array[:, np.newaxis] if type(given).__name__ in ("DataFrame", "Table") else array, names)
    _require_whole(column, "a target")
    words = list(map(as_text, column.to_list()))
    declared = sorted(set(words)) if kind == "String" else list(map(as_text, column.cat.get_categories().to_list()))
    known, found = tuple(classes or declared), sorted(set(words))
    code = dict(zip(found, places_of(found, known), strict=True))
    unknown = [word for word in found if code[word] < 0]
    if unknown:
        raise _no_class(unknown[0], known)
    labels = np.array([code[word] for word in words], np.int64)
    return Named(labels, names, known, found=kind == "String" and classes is None)


def _rows(columns: Sequence[Any], classes: Sequence[str] | None) -> Named:
    names = _texts([column.name for column in columns])
    if names is not None and classes is not None and not set(names).isdisjoint(classes):
        if sorted(names) != sorted(classes):
            raise DataError(
                f"the columns of targets are {', '.join(map(repr, names[:10]))}, and classes name others: "
                f"{', '.join(map(repr, classes[:10]))}; give the columns of the classes, or leave classes out"
            )
        columns = [columns[names.index(name)] for name in classes]
        names = tuple(classes)
    return Named(np.stack([_numbers(column) for column in columns], axis=1), names)


def _no_class(found: str, classes: Sequence[str]) -> DataError:
    return DataError(f"the target holds {found[:40]!r}, which is none of the classes {', '.join(classes)}")


def _columns(frame: Any) -> Sequence[Any]:
    try:
        # the part whose interface stays
        import narwhals.stable.v2 as nw
    except ImportError:
        library = type(frame).__module__.partition(".")[0]
        raise DataError(
            f"a {type(frame).__name__} of {library} is read by narwhals, which is not installed: "
            'pip install "layerkit[dataframe]", or give NumPy arrays'
        ) from None
    try:
        told = nw.from_native(frame, eager_only=True, allow_series=True)
    except TypeError:
        raise DataError(
            f"a {type(frame).__name__} has no rows yet: collect it first, with frame.collect() for instance"
        ) from None
    except Exception as error:
        # narwhals and the libraries below have errors of many kinds
        names = list(map(str, getattr(frame, "columns", ())))
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise DataError(
                f"the {type(frame).__name__} has more than one column named {', '.join(map(repr, double[:10]))}: "
                "rename them, or give an array, frame.to_numpy()"
            ) from error
        raise DataError(f"the {type(frame).__name__} cannot be read: {type(error).__name__}: {error}") from error
    return [told] if isinstance(told, nw.Series) else list(told.iter_columns())


def _numbers(column: Any) -> Array:
    dtype = column.dtype
    if not (dtype.is_numeric() or str(dtype) == "Boolean"):
        raise DataError(
            f"column {column.name!r} holds {dtype}, and no numbers: leave it out, or turn it into numbers, such as "
            "a column of 0 and 1 for each word"
        )
    array = column.to_numpy()
    # what is missing comes as NaN or as an object; to count it takes longer than all the rest
    if array.dtype.kind not in "iub" and (array.dtype.kind != "f" or np.isnan(array).any()):
        _require_whole(column, "a number")
    return array.astype(np.float64) if array.dtype.kind == "O" else array


def _require_whole(column: Any, wanted: str) -> None:
    missing = column.null_count()
    if missing:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise DataError(
            f"column {column.name!r} lacks {wanted} in {missing:,} rows, row {row} first: leave such rows out, or fill "
            "them in"
        )


def _texts(names: list[Any]) -> tuple[str, ...] | None:
    return None if any(name is None or name == "" for name in names) else tuple(map(str, names))
