"""What of the maps meets which pixel of the images: the sums of the transpose of a convolution.

There are two ways. Each pixel can gather what meets it: with a stride, not every pixel is met by the same places of the
windows, but those that leave one rest – a phase – are. Or each window can scatter what it gives, a place of it at a
time: that is less work where maps are small beside the windows, for a pixel also gathers from beyond the maps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

from layerkit_conv.windows import Axis, Grid

Triple = tuple[int, int, int]

_ENOUGH_LESS = 1.3
"""By so much scattering must be less work, for it reads and writes sums again and again."""


@final
@dataclass(frozen=True, slots=True)
class Spaced:
    """The numbers of a grid of three axes: from ``base`` on, ``apart`` from each other, ``counts`` of them."""

    counts: Triple
    apart: Triple
    base: int

    @property
    def size(self) -> int:
        """How many there are."""
        return math.prod(self.counts)

    @property
    def numbers(self) -> tuple[int, ...]:
        """What ``place_grid`` is told of it."""
        return *self.counts, *self.apart, self.base


@final
@dataclass(frozen=True, slots=True)
class Phase:
    """Pixels that meet the same places of windows.

    ``sources`` are their places in the maps, ``targets`` those in the image; ``depth`` is where, from there, the
    numbers lie that meet them, and ``weights`` where the weights lie that these are multiplied with, the filters of the
    first group and the first channel. ``begins``: the pixels' sums begin here.
    """

    sources: Spaced
    targets: Spaced
    depth: Spaced
    weights: Spaced
    begins: bool = True


@final
@dataclass(frozen=True)
class Spreading:
    """From maps of so many filters to images of so many channels, on which the windows of ``grid`` lie, in groups."""

    grid: Grid
    channels: int
    filters: int
    groups: int

    @property
    def scatters(self) -> bool:
        """Whether windows scatter; onto images without padding alone."""
        rows, columns = self.grid.rows, self.grid.columns
        gathered = math.prod(_gathered_work(axis) for axis in (rows, columns))
        scattered = math.prod(axis.count * axis.kernel for axis in (rows, columns))
        return not self.grid.is_padded and gathered > _ENOUGH_LESS * scattered

    @property
    def margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """How many zeros are needed around the maps, for rows and columns."""
        if self.scatters:
            return (0, 0), (0, 0)
        return _margins(self.grid.rows), _margins(self.grid.columns)

    @property
    def phases(self) -> list[Phase]:
        """All of them, in their order."""
        return self._scattered() if self.scatters else self._gathered()

    def _gathered(self) -> list[Phase]:
        rows, columns, channels, filters = self.grid.rows, self.grid.columns, self.channels, self.filters
        (top, _), (left, right) = self.margins
        step, width = (left + columns.count + right) * filters, columns.length * channels
        found = []
        for one in _rests(rows):
            for other in _rests(columns):
                counts = (1, one.count, other.count)
                source = (top + one.window) * step + (left + other.window) * filters
                target = one.pixel * width + other.pixel * channels
                places = (one.places, other.places, filters // self.groups)
                further = (-one.further * step, -other.further * filters, 1)
                found.append(
                    Phase(
                        Spaced(counts, (0, step, filters), source),
                        Spaced(counts, (0, rows.stride * width, columns.stride * channels), target),
                        Spaced(places, further, -one.back * step - other.back * filters),
                        self._weights(places, (one.place, other.place), (one.apart, other.apart)),
                    )
                )
        return found

    def _scattered(self) -> list[Phase]:
        rows, columns, channels, filters = self.grid.rows, self.grid.columns, self.channels, self.filters
        width, nothing = columns.length * channels, Spaced((0, 0, 0), (0, 0, 0), 0)
        pixels, windows = (1, rows.length, columns.length), (1, rows.count, columns.count)
        cleared = Phase(Spaced(pixels, (0, 0, 0), 0), Spaced(pixels, (0, width, channels), 0), nothing, nothing)
        found = [cleared]
        places = (1, 1, filters // self.groups)
        for row, column in self.grid.positions:
            target = row * rows.dilation * width + column * columns.dilation * channels
            found.append(
                Phase(
                    Spaced(windows, (0, columns.count * filters, filters), 0),
                    Spaced(windows, (0, rows.stride * width, columns.stride * channels), target),
                    Spaced(places, (0, 0, 1), 0),
                    self._weights(places, (row, column), (1, 1)),
                    begins=False,
                )
            )
        return found

    def _weights(self, places: Triple, first: tuple[int, int], apart: tuple[int, int]) -> Spaced:
        row = self.channels // self.groups * self.filters
        columns = self.grid.columns.kernel
        return Spaced(places, (apart[0] * columns * row, apart[1] * row, 1), (first[0] * columns + first[1]) * row)


@final
@dataclass(frozen=True, slots=True)
class _Rest:
    """Pixels of an axis whose distance from the first window leaves one rest.

    The ``count`` pixels begin at ``pixel``, a stride apart; ``window`` begins at the first, or would, and the next one
    at the next. They meet ``places`` of the windows, from ``place`` on, ``apart`` from each other: each belongs to a
    window that lies ``back`` before, and each further one ``further`` before that.
    """

    pixel: int
    count: int
    window: int
    place: int
    places: int
    apart: int
    back: int
    further: int


def _rests(axis: Axis) -> list[_Rest]:
    """As many as the stride is long."""
    stride, dilation = axis.stride, axis.dilation
    apart = stride // math.gcd(stride, dilation)
    found = []
    for rest in range(stride):
        pixel = (rest - axis.before) % stride
        count = max(0, math.ceil((axis.length - pixel) / stride))
        met = [place for place in range(axis.kernel) if (place * dilation - rest) % stride == 0]
        place = met[0] if met else 0
        back = (place * dilation - rest) // stride if met else 0
        window = (pixel + axis.before) // stride
        found.append(_Rest(pixel, count, window, place, len(met), apart, back, apart * dilation // stride))
    return found


def _gathered_work(axis: Axis) -> int:
    return sum(rest.count * rest.places for rest in _rests(axis))


def _margins(axis: Axis) -> tuple[int, int]:
    """How many windows before the first and behind the last might meet a pixel of the image."""
    first = -((axis.before - (axis.kernel - 1) * axis.dilation) // -axis.stride)
    last = (axis.before + axis.length - 1) // axis.stride
    return max(0, -first), max(0, last - (axis.count - 1))
