"""Optimizers and transforms that reckon with parameters of some shapes alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class RowByRow(Momentum):
    """Divides each row of the gradient by its length; a single number has no rows."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            slope = gradient[each.start : each.stop].reshape(self.rows(each.shape), -1)
            lengths = np.linalg.norm(slope, axis=1, keepdims=True) + 1e-6
            parameters[each.start : each.stop] -= ctx.learning_rate * (slope / lengths).ravel()

    def rows(self, shape: tuple[int, ...]) -> int:
        return shape[0]


class RowByRowOrOne(RowByRow):
    """The same, and one row of a single number."""

    def rows(self, shape: tuple[int, ...]) -> int:
        return shape[0] if shape else 1


class Standardizes(Transform):
    """Divides the gradient of each parameter by its deviation, which is 0 of a single number."""

    least = 0.0

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            part = gradient[each.start : each.stop]
            part /= max(float(part.std()), self.least)


class StandardizesSome(Standardizes):
    """The same, by at least a millionth."""

    least = 1e-6


BUGS = [
    Bug(RowByRow, "parameters-of-any-shape", "an axis of each.shape"),
    Bug(Standardizes, "parameters-of-any-shape", "a spread"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(RowByRowOrOne, {}), (StandardizesSome, {})]
