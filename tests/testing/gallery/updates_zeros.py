"""Optimizers and transforms that divide by the length of what may be 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Momentum


class Normed(Transform):
    """Brings the columns of each matrix to the length 1 behind a step; what is 0 stays so."""

    def lengths(self, matrix: Array) -> Array:
        length = np.sqrt((matrix**2).sum(axis=0))
        return np.where(length > 0, length, 1)

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) == 2:
                matrix = parameters[each.start : each.stop].reshape(each.shape)
                with np.errstate(all="ignore"):
                    matrix /= self.lengths(matrix)


class NormedWhateverTheLength(Normed):
    """0 / 0 where a column is 0."""

    def lengths(self, matrix: Array) -> Array:
        return np.sqrt((matrix**2).sum(axis=0))


class Relative(Momentum):
    """Steps of a length that goes by that of the parameter, and by 1 where that is 0."""

    def length(self, values: Array) -> float:
        return float(np.sqrt((values**2).sum())) or 1.0

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            values, slope = parameters[each.start : each.stop], gradient[each.start : each.stop]
            size = self.length(values)
            with np.errstate(all="ignore"):
                values -= ctx.learning_rate * size * np.tanh(np.divide(slope, size))


class RelativeToAnything(Relative):
    """0 · tanh(g / 0), which is NaN where g is 0, too."""

    def length(self, values: Array) -> float:
        return float(np.sqrt((values**2).sum()))


BUGS = [
    Bug(NormedWhateverTheLength, "parameters-of-zero", "take 1 where that is 0"),
    Bug(RelativeToAnything, "parameters-of-zero", "all parameters are 0"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(Normed, {}), (Relative, {})]
