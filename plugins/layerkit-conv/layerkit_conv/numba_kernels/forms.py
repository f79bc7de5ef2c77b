"""In what form images, maps and results are gone through: strips with zeros around, and panels of columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from layerkit_numba import Buffer, Fixed

NOTHING = Buffer((1,), per_example=False)
"""What is given where there is nothing to give: a function that is called with one array twice is compiled again."""


@final
@dataclass(frozen=True, slots=True)
class Strip:
    """An image, or its maps, with zeros around: rows of ``step`` numbers, in which it begins at ``first``."""

    height: int
    row: int
    step: int
    first: int
    size: int

    @property
    def padded(self) -> bool:
        """Whether there are zeros at all."""
        return self.size != self.height * self.row

    @property
    def numbers(self) -> tuple[bool, int, int, int, int, int]:
        """What ``sum_windows`` and ``add_weight_gradient`` are told of it."""
        return self.padded, self.height, self.row, self.step, self.first, self.size


@final
@dataclass(frozen=True, slots=True)
class Panels:
    """The blocks in which ``width`` columns are computed for each of so many groups."""

    tall: int
    abreast: int
    panel: int
    width: int
    groups: int

    @property
    def columns(self) -> Iterator[tuple[int, int]]:
        """The first column of each panel of all groups, and how many count."""
        for group in range(self.groups):
            for first in range(0, self.width, self.panel):
                yield group * self.width + first, min(self.panel, self.width - first)

    @property
    def padded_width(self) -> int:
        """How many columns all panels have."""
        return self.groups * math.ceil(self.width / self.panel) * self.panel

    @property
    def numbers(self) -> tuple[Fixed, Fixed, int]:
        """What the functions that compute are told of them."""
        return Fixed(self.tall), Fixed(self.abreast), self.panel


def zeros_around(strip: Strip) -> Buffer:
    """Memory for a strip of each image, if there is one."""
    return Buffer((strip.size,), cleared=True) if strip.padded else NOTHING


def integers(size: int) -> Buffer:
    """Memory for places."""
    return Buffer((size,), per_example=False, dtype="int32")
