"""Arrays, or tuples of them, as a component receives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.shapes import is_many
from layerkit.testing.case import Case
from layerkit.types import Array, DType, Shape, Value

VARYING = 3
"""What stands for an axis that varies from batch to batch."""


def each(change: Callable[[Array], Array], value: Value) -> Value:
    """The same change made to an array, or to each of a tuple's; None stays None."""
    if value is None:
        return None
    return tuple(each(change, part) for part in value) if isinstance(value, tuple) else change(value)


def parts(value: Value) -> list[Array]:
    """The arrays of a value, Nones left out."""
    if value is None:
        return []
    return [array for part in value for array in parts(part)] if isinstance(value, tuple) else [value]


def read_only(value: Value) -> Value:
    """Copies that cannot be written to."""
    return each(_locked, value)


def owned(value: Value) -> Value:
    """Copies."""
    return each(np.array, value)


def rows_of(value: Value, rows: Any) -> Value:
    """Some rows, as read-only copies."""
    return each(lambda array: _locked(array[rows]), value)


def strided(value: Value) -> Value:
    """The same numbers, each axis with a gap between its places."""
    return each(_with_gaps, value)


def fortran(value: Value) -> Value:
    """The same numbers in column-major order."""
    return each(lambda array: _flagged(np.asfortranarray(array)), value)


def concrete(shape: Shape, varying: int = VARYING) -> Shape:
    """A shape with a length in the place of each axis that varies."""
    if is_many(shape):
        return tuple(concrete(part, varying) for part in shape)
    return tuple(varying if axis is None else axis for axis in shape)


def draw_inputs(
    case: Case, shape: Shape, rows: int, rng: np.random.Generator, dtype: DType, *, varying: int = VARYING
) -> Value:
    """Read-only inputs for a layer, normally distributed unless the case draws them itself."""
    shape = concrete(shape, varying)
    if not is_many(shape):
        draw = case.inputs if callable(case.inputs) else None
        return _drawn(draw, rng, (rows, *shape), dtype)
    draws = case.inputs if isinstance(case.inputs, (list, tuple)) else [case.inputs] * len(shape)
    return tuple(_drawn(draw, rng, (rows, *part), dtype) for draw, part in zip(draws, shape, strict=True))


def draw_like(value: Value, rng: np.random.Generator) -> Value:
    """Read-only numbers of a value's shapes, none alike: gradients for a backward pass. None for integers."""
    return each(lambda array: _flagged(rng.normal(size=array.shape).astype(array.dtype)), value)


def is_value(value: Any, *, nothing: bool = False) -> bool:
    """Whether something is an array or a tuple of arrays, with None among them where that may be."""
    if isinstance(value, tuple):
        return all(is_value(part) or (nothing and part is None) for part in value)
    return isinstance(value, np.ndarray)


def is_floating(value: Value) -> bool:
    """Whether every array holds floating numbers."""
    return all(array.dtype.kind == "f" for array in parts(value))


def _drawn(draw: Any, rng: np.random.Generator, shape: tuple[int, ...], dtype: DType) -> Array:
    # drawn in float64 whatever the dtype, so that float32 and float64 see the same numbers
    array = np.asarray(rng.normal(size=shape) if draw is None else draw(rng, shape))
    return _flagged(array.astype(dtype) if array.dtype.kind == "f" else array)


def _with_gaps(array: Array) -> Array:
    wide = np.full([2 * length for length in array.shape], 7, array.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return _flagged(view)


def _locked(array: Array) -> Array:
    return _flagged(np.array(array))


def _flagged(array: Array) -> Array:
    array.flags.writeable = False
    return array
