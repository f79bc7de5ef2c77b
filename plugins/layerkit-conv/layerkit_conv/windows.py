"""Where windows lie on an image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import final

from layerkit_conv.arguments import Edges


@final
@dataclass(frozen=True, slots=True)
class Axis:
    """The windows along one axis: ``count`` of them on ``length`` pixels, ``before`` pixels of padding ahead of these.

    ``padded`` is the length with the padding. ``kernel`` pixels lie in a window, ``dilation`` apart; windows begin
    ``stride`` apart.
    """

    length: int
    count: int
    kernel: int
    stride: int
    dilation: int
    before: int
    padded: int

    @property
    def inner(self) -> slice:
        """Where the image lies in the padded axis."""
        return slice(self.before, self.before + self.length)

    def pixels(self, position: int, first: int = 0, last: int | None = None) -> slice:
        """The pixel at ``position`` of every window, or of those from ``first`` to before ``last``."""
        last = self.count if last is None else last
        start = position * self.dilation + first * self.stride
        return slice(start, start + (last - first - 1) * self.stride + 1, self.stride)


@final
@dataclass(frozen=True, slots=True)
class Grid:
    """The windows on an image: those along its rows and along its columns."""

    rows: Axis
    columns: Axis

    @property
    def is_padded(self) -> bool:
        """Whether windows reach past the image."""
        return self.rows.padded > self.rows.length or self.columns.padded > self.columns.length

    @property
    def positions(self) -> list[tuple[int, int]]:
        """The places in a window, in the order of reading."""
        return [(row, column) for row in range(self.rows.kernel) for column in range(self.columns.kernel)]

    @property
    def pixels(self) -> list[tuple[slice, slice]]:
        """For each of these places, the pixels there, of all windows."""
        return [(self.rows.pixels(row), self.columns.pixels(column)) for row, column in self.positions]


@final
@dataclass(frozen=True, slots=True)
class Windows:
    """Size, distance and dilation of windows, and the padding around the image (None: as much as "same" takes)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[Edges, Edges] | None = ((0, 0), (0, 0))

    def extent(self, axis: int) -> int:
        """How far a window reaches along axis 0 (rows) or 1 (columns)."""
        return (self.kernel[axis] - 1) * self.dilation[axis] + 1

    def count(self, axis: int, length: int) -> int:
        """How many windows fit on ``length`` pixels; below 1 if none does."""
        if self.padding is None:
            return -(-length // self.stride[axis])
        return (length + sum(self.padding[axis]) - self.extent(axis)) // self.stride[axis] + 1

    def length(self, axis: int, count: int) -> int:
        """The shortest axis on which ``count`` windows lie, the padding left out; for "same" ``count · stride``."""
        if self.padding is None:
            return count * self.stride[axis]
        return (count - 1) * self.stride[axis] + self.extent(axis) - sum(self.padding[axis])

    def on(self, height: int, width: int) -> Grid:
        """The windows on an image of this size."""
        return _grid(self, (height, width), (self.count(0, height), self.count(1, width)))

    def onto(self, height: int, width: int, *, extra: tuple[int, int]) -> Grid:
        """``height × width`` windows, on the image that they make: the shortest one, and ``extra`` pixels more."""
        lengths = (self.length(0, height) + extra[0], self.length(1, width) + extra[1])
        return _grid(self, lengths, (height, width))

    def _axis(self, axis: int, length: int, count: int) -> Axis:
        kernel, stride, dilation = self.kernel[axis], self.stride[axis], self.dilation[axis]
        needed = (count - 1) * stride + self.extent(axis)
        if self.padding is None:
            missing = max(needed - length, 0)
            before, after = missing // 2, missing - missing // 2
        else:
            before, after = self.padding[axis]
        return Axis(length, count, kernel, stride, dilation, before, max(before + length + after, needed))


# a network sees few sizes of images, and asks for the same grid in each pass
@lru_cache(maxsize=256)
def _grid(windows: Windows, lengths: tuple[int, int], counts: tuple[int, int]) -> Grid:
    return Grid(windows._axis(0, lengths[0], counts[0]), windows._axis(1, lengths[1], counts[1]))
