"""Classes that keep something for all of their components."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from itertools import count
from typing import Any, ClassVar

import numpy as np

from layerkit import Context, Optimizer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum, Scale, Squares

_TABLES: dict[Any, Array] = {}
_calls = 0
_NUMBERS = count()


class CachesInTheClass(Scale):
    """Memory of each, by shape, for all of them: none of them ever goes."""

    cache: ClassVar[dict[Any, Array]] = {}

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = self.cache.setdefault((self, x.shape, x.dtype.str), np.empty(x.shape, x.dtype))
        return np.multiply(x, self.factor, out=y).copy()


class CachesInTheModule(Scale):
    """A table of each, by width, in the module."""

    def forward(self, x: Array, ctx: Context) -> Array:
        key = (self, x.shape[1:], x.dtype.str)
        if key not in _TABLES:
            _TABLES[key] = np.ones(x.shape[1:], x.dtype)
        return super().forward(x, ctx) * _TABLES[key]


class CountsInTheModule(Squares):
    """Counts its calls in the module."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        global _calls  # noqa: PLW0603
        _calls += 1
        return super().forward(prediction, target, ctx)


class CachedMethod(Scale):
    """What a method gives is kept for all of them, and each of them with it."""

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def ones(self, shape: tuple[int, ...]) -> Array:
        return np.ones(shape)

    def build(self, input_shape: Shape) -> Shape:
        self.ones(tuple(axis or 1 for axis in input_shape if not isinstance(axis, tuple)))
        return super().build(input_shape)


class RemembersInADefault(Momentum):
    """A default argument of a method holds what was used last."""

    def update(self, parameters: Array, gradient: Array, ctx: Any, seen: list[int] = []) -> None:  # noqa: B006
        seen.append(gradient.size)
        super().update(parameters, gradient, ctx)


class NumbersItself(Scale):
    """Each one that is made gets a number."""

    def __init__(self) -> None:
        self._number = next(_NUMBERS)


class CountsOnAFunction(Optimizer):
    """Plain descent that counts its updates on the function itself."""

    def __init__(self, learning_rate: float = 0.1) -> None:
        Momentum(learning_rate)
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: Any) -> None:
        parameters -= ctx.learning_rate * gradient
        CountsOnAFunction.update.count = getattr(CountsOnAFunction.update, "count", 0) + 1  # type: ignore[attr-defined]


class CachesAmongBases(CachesInTheClass):
    """Memory by shape, in a dictionary of its base class."""

    cache: ClassVar[Any] = OrderedDict()


SHARED = "instances-share-no-state"

BUGS = [
    Bug(CachesInTheClass, SHARED, "CachesInTheClass.cache"),
    Bug(CachesInTheModule, SHARED, "_TABLES"),
    Bug(CountsInTheModule, SHARED, "_calls"),
    Bug(CachedMethod, SHARED, "ones"),
    Bug(RemembersInADefault, SHARED, "update"),
    Bug(NumbersItself, SHARED, "_NUMBERS"),
    Bug(CountsOnAFunction, SHARED, "update"),
    Bug(CachesAmongBases, SHARED, "cache"),
]
