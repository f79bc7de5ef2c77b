"""Sequences of unequal lengths: predictions of several steps, the mask that says which count, and other padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import draw_pair, shapes
from layerkit.types import Array, Shape

_LENGTHS = (5, 2, 4, 1)
_TIME = 5


@final
@dataclass(frozen=True, slots=True)
class Ragged:
    """Predictions and targets of several steps, ``(batch, time, …)``, padded, with the mask; all read-only."""

    shape: Shape
    prediction: Array
    target: Array
    mask: Array

    def with_padding(self, other: Ragged) -> Ragged:
        """The same, with what another one holds in the places that do not count."""
        prediction, target = (
            np.where(self.mask.reshape(*self.mask.shape, *[1] * (own.ndim - 2)), own, strange)
            for own, strange in ((self.prediction, other.prediction), (self.target, other.target))
        )
        return Ragged(self.shape, *read_only((prediction, target, self.mask)))

    def with_zeros(self) -> Ragged:
        """The same, with targets of 0 in the places that do not count, as padding often has them."""
        nothing = Ragged(self.shape, self.prediction, np.zeros_like(self.target), self.mask)
        return self.with_padding(nothing)

    def alone(self) -> Iterator[tuple[int, Array, Array]]:
        """Each sequence without its padding: its row, its predictions and its targets, as batches of one."""
        for row, counts in enumerate(self.mask):
            yield row, *read_only((self.prediction[row : row + 1, counts], self.target[row : row + 1, counts]))


def draw_ragged(component: Any, case: Case, shape: Shape, *, holes: bool = False, seed: int = 120) -> Ragged:
    """Sequences padded at their ends, or with holes inside."""
    prediction, target = draw_pair(component, case, shape, rows=len(_LENGTHS), seed=seed)
    time = shape[0]
    mask = np.arange(time) < np.minimum(_LENGTHS, time)[:, None]
    if holes:
        # what does not count stands in front, inside and behind
        mask = np.roll(mask, 1, axis=1)
        mask[0, time // 2] = time == 1
    return Ragged(shape, *read_only((prediction, target, mask)))


def shapes_over_time(case: Case) -> tuple[Shape, ...]:
    """The case's shapes that have an axis of time, ``(time, …)``; else those that it has, over time."""
    given = shapes(case)
    longer = tuple(shape for shape in given if len(shape) > 1)
    return longer or tuple((_TIME, *shape) for shape in given if shape)
