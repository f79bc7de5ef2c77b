"""Memory that is reused from step to step."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np

from layerkit.memory import aligned
from layerkit.types import Array, DType


def _same(array: Array) -> Array:
    return array


@final
class Scratch:
    """Hands out uninitialized arrays by name, the same memory again as long as shape and dtype stay the same.

    ``wrap`` is given each new array once, and what it makes of it is handed out: for engines that record operations.
    """

    __slots__ = ("_arrays", "_first", "_full", "_scalars", "_wrap", "dtype")

    def __init__(self, dtype: DType, *, wrap: Callable[[Array], Array] = _same) -> None:
        self.dtype = dtype
        self._wrap = wrap
        self._arrays: dict[str, Array] = {}
        self._first: float | None = None
        self._full: dict[tuple[int, float], Array] = {}
        self._scalars: dict[str, tuple[float, Array]] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: DType | None = None) -> Array:
        """An array of this shape and dtype (the model's, unless said), with any content."""
        array = self._arrays.get(name)
        if array is not None and array.shape == shape and (dtype is None or array.dtype == dtype):
            return array
        array = self._arrays[name] = self._wrap(aligned(shape, self.dtype if dtype is None else dtype))
        if self._first is not None:
            array.fill(self._first if array.dtype.kind == "f" else 1)
        return array

    def begin_with(self, value: float) -> None:
        """Fill new memory with ``value``, which elsewhere holds anything: for tests, that must not depend on it."""
        self._first = value

    def overwrite(self, value: float) -> None:
        """Fill the memory that is reused with ``value``: for tests, since nobody may rely on what it holds."""
        for array in self._arrays.values():
            array.fill(value if array.dtype.kind == "f" else 1)

    def full(self, length: int, value: float) -> Array:
        """A read-only vector that holds ``value`` everywhere."""
        vector = self._full.get((length, value))
        if vector is None:
            vector = aligned((length,), self.dtype)
            vector.fill(value)
            vector.flags.writeable = False
            vector = self._full[length, value] = self._wrap(vector)
        return vector

    def ones(self, length: int) -> Array:
        """A read-only vector of ones: ``np.dot(ones, rows)`` is the fastest sum over a batch."""
        return self.full(length, 1.0)

    def scalar(self, name: str, value: float) -> Array:
        """``value`` as a read-only array without axes: NumPy takes it faster than a Python number."""
        known = self._scalars.get(name)
        if known is not None and known[0] == value:
            return known[1]
        scalar = np.array(value, self.dtype)
        scalar.flags.writeable = False
        scalar = self._wrap(scalar)
        self._scalars[name] = (value, scalar)
        return scalar
