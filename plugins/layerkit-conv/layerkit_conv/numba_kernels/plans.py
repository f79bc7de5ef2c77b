"""How the sums of a convolution are called: where its images and maps lie, and in which blocks it is computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import final

from layerkit_numba import Buffer, Call
from layerkit_numba.gathered import gathered_blocks, panel_depth, panel_width

from layerkit_conv.numba_kernels.forms import NOTHING, Panels, Strip, integers, zeros_around
from layerkit_conv.numba_kernels.places import fill, pack, place_grid, place_phase
from layerkit_conv.numba_kernels.spreading import Phase, Spreading
from layerkit_conv.numba_kernels.sums import add_weight_gradient, sum_windows
from layerkit_conv.windows import Grid

_NEAR = 24_576
"""So many bytes of images and maps are gone through at once for the weights' gradient: they stay in the nearest cache
with what else it needs."""

_ENOUGH = 128
"""So many windows at the least are gone through at once, of several images if there are that few in one."""

_PIECES = 16
"""Into so many pieces the rows of the weights' gradient can be cut."""


@final
@dataclass(frozen=True)
class Plan:
    """The windows of ``grid`` on images of so many channels, and maps of so many filters, in groups.

    ``itemsize`` is that of a number.
    """

    grid: Grid
    channels: int
    filters: int
    groups: int
    itemsize: int

    def correlate(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill maps, ``target``, from images: weighted sums of windows, and a bias."""
        rows, columns, panels = self.grid.rows, self.grid.columns, self._map_panels
        apart = (0, columns.count * self.filters, self.filters)
        depth, filled = self.depth, 0
        packing = []
        for first, count in panels.columns:
            grid = (1, 1, depth, 0, 0, self.filters)
            packing.append(Call(pack, "weight:flat", first, *grid, count, 1, panels.panel, "packed", filled))
            filled += depth * panels.panel
        return (
            *self._windows_placed,
            Call(place_grid, 1, rows.count, columns.count, *apart, 0, "map places", 0),
            Call(place_phase, 0, self.windows, 0, depth, True, "phase", 0),
            *packing,
            *_packed_bias(bias, panels, "start"),
            Call(
                sum_windows,
                *self._sources(source, "images", self.images),
                *("window places", "depth places", "map places", "phase", "packed", "start", f"{target}:flat"),
                self.windows * self.filters,
                *panels.numbers,
                panel_depth(panels.abreast, self.itemsize),
                *(self.groups, self.channels // self.groups, panels.width, "begin", "end"),
                over="n",
            ),
        )

    def spread(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill images, ``target``, from maps: the transpose of a convolution, and a bias."""
        panels = self._image_panels
        return (
            *self._phases_placed(),
            *self._phases_packed(),
            *_packed_bias(bias, panels, "turned start"),
            Call(
                sum_windows,
                *self._sources(source, "maps", self.maps),
                *("pixel places", "filter places", "pixel spots", "phases", "turned", "turned start"),
                *(f"{target}:flat", self.pixels * self.channels),
                *panels.numbers,
                panel_depth(panels.abreast, self.itemsize),
                *(self.groups, self.filters // self.groups, panels.width, "begin", "end"),
                over="n",
            ),
        )

    def differentiate(self, images: str, maps: str, into: str, bias: str = "") -> tuple[Call, ...]:
        """Add to ``into`` the gradient with respect to the weights, of Σ maps · correlate(images); and to ``bias``."""
        panels = self._map_panels
        return (
            *self._windows_placed,
            Call(place_grid, 1, 1, self.depth, 0, 0, self.filters, 0, "gradient places", 0),
            Call(fill, "one", 1.0),
            Call(
                add_weight_gradient,
                *self._sources(images, "image groups", self.images),
                *("window places", "depth places", "gradient places", f"{maps}:flat", "room:flat", f"{into}:flat"),
                *(bias or "no bias", bool(bias), "one", "zeros"),
                *panels.numbers,
                self._gradient_depth,
                *(self.groups, self.channels // self.groups, panels.width, self._together, self._grain, "n"),
                *("begin", "end"),
                over=self.depth,
                grain=self._grain,
            ),
        )

    def correlation_buffers(self) -> dict[str, Buffer]:
        """What ``correlate`` needs."""
        padded = self._map_panels.padded_width
        return self._placed_buffers | {
            "map places": integers(self.windows),
            "phase": integers(5),
            "packed": Buffer((self.depth * padded,), per_example=False),
            "start": Buffer((padded,), per_example=False),
            "images": zeros_around(self.images),
        }

    def spreading_buffers(self) -> dict[str, Buffer]:
        """What ``spread`` needs."""
        padded = self._image_panels.padded_width
        pixels, depth = (sum(sizes) for sizes in zip(*map(_sizes, self._phases), strict=True))
        return {
            "pixel places": integers(pixels),
            "pixel spots": integers(pixels),
            "filter places": integers(depth),
            "phases": integers(5 * len(self._phases)),
            "turned": Buffer((depth * padded,), per_example=False),
            "turned start": Buffer((padded,), per_example=False),
            "maps": zeros_around(self.maps),
        }

    def gradient_buffers(self) -> dict[str, Buffer]:
        """What ``differentiate`` needs."""
        slots = math.ceil(self.depth / self._grain)
        room = slots * self._gradient_depth * self._map_panels.panel
        strips = Buffer((slots * self._together * self.images.size,), per_example=False, cleared=True)
        return self._placed_buffers | {
            "gradient places": integers(self.depth),
            "room": Buffer((room,), per_example=False),
            "one": Buffer((1,), per_example=False),
            "zeros": Buffer((self._gradient_depth,), per_example=False, dtype="int32", cleared=True),
            "image groups": strips if self.images.padded else NOTHING,
            "no bias": NOTHING,
        }

    @cached_property
    def images(self) -> Strip:
        """An image in its padding."""
        rows, columns, channels = self.grid.rows, self.grid.columns, self.channels
        step = columns.padded * channels
        first = rows.before * step + columns.before * channels
        return Strip(rows.length, columns.length * channels, step, first, rows.padded * step)

    @cached_property
    def maps(self) -> Strip:
        """Maps in margins, so that for each pixel all of them can be read that might meet it."""
        rows, columns = self.grid.rows, self.grid.columns
        (top, bottom), (left, right) = self._spreading.margins
        step = (left + columns.count + right) * self.filters
        size = (top + rows.count + bottom) * step
        return Strip(rows.count, columns.count * self.filters, step, top * step + left * self.filters, size)

    @property
    def depth(self) -> int:
        """How many numbers of a group a window has."""
        return self.grid.rows.kernel * self.grid.columns.kernel * (self.channels // self.groups)

    @property
    def windows(self) -> int:
        """How many windows an image has."""
        return self.grid.rows.count * self.grid.columns.count

    @property
    def pixels(self) -> int:
        """How many pixels an image has."""
        return self.grid.rows.length * self.grid.columns.length

    def _sources(self, name: str, strips: str, strip: Strip) -> tuple[str | int, ...]:
        return f"{name}:flat", f"{strips}:flat", *strip.numbers

    @property
    def _windows_placed(self) -> tuple[Call, ...]:
        rows, columns, step = self.grid.rows, self.grid.columns, self.images.step
        counts = (self._together, rows.count, columns.count)
        apart = (self.images.size, rows.stride * step, columns.stride * self.channels)
        inner = (rows.dilation * step, columns.dilation * self.channels, 1)
        kernel = (rows.kernel, columns.kernel, self.channels // self.groups)
        return (
            Call(place_grid, *counts, *apart, 0, "window places", 0),
            Call(place_grid, *kernel, *inner, 0, "depth places", 0),
        )

    @property
    def _placed_buffers(self) -> dict[str, Buffer]:
        return {"window places": integers(self._together * self.windows), "depth places": integers(self.depth)}

    @cached_property
    def _spreading(self) -> Spreading:
        return Spreading(self.grid, self.channels, self.filters, self.groups)

    @cached_property
    def _phases(self) -> list[Phase]:
        return self._spreading.phases

    def _phases_placed(self) -> Iterator[Call]:
        pixel = offset = 0
        for number, phase in enumerate(self._phases):
            pixels, offsets = _sizes(phase)
            yield Call(place_grid, *phase.sources.numbers, "pixel places", pixel)
            yield Call(place_grid, *phase.targets.numbers, "pixel spots", pixel)
            yield Call(place_grid, *phase.depth.numbers, "filter places", offset)
            yield Call(place_phase, pixel, pixels, offset, offsets, phase.begins, "phases", 5 * number)
            pixel, offset = pixel + pixels, offset + offsets

    def _phases_packed(self) -> Iterator[Call]:
        panels, within, filled = self._image_panels, self.channels // self.groups, 0
        for group in range(self.groups):
            for phase in self._phases:
                weights = phase.weights
                for first in range(0, within, panels.panel):
                    base = weights.base + first * self.filters + group * (self.filters // self.groups)
                    grid = (base, *weights.counts, *weights.apart)
                    counted = min(panels.panel, within - first)
                    yield Call(pack, "weight:flat", *grid, counted, self.filters, panels.panel, "turned", filled)
                    filled += weights.size * panels.panel

    @cached_property
    def _map_panels(self) -> Panels:
        return self._panels(self.filters)

    @cached_property
    def _image_panels(self) -> Panels:
        return self._panels(self.channels)

    def _panels(self, columns: int) -> Panels:
        width = columns // self.groups
        tall, abreast = gathered_blocks(width, self.itemsize)
        return Panels(tall, abreast, panel_width(abreast, self.itemsize), width, self.groups)

    @cached_property
    def _together(self) -> int:
        """How many images are gone through at once for the weights' gradient."""
        return max(1, _ENOUGH // self.windows)

    @cached_property
    def _gradient_depth(self) -> int:
        """How many windows are gone through before the next rows of the gradient."""
        numbers = self._map_panels.panel + self.channels
        return max(32, min(512, _NEAR // (numbers * self.itemsize)))

    @cached_property
    def _grain(self) -> int:
        tall = self._map_panels.tall
        return tall * math.ceil(self.depth / tall / _PIECES)


def _packed_bias(bias: str, panels: Panels, into: str) -> tuple[Call, ...]:
    if not bias:
        return (Call(fill, into, 0.0),)
    grid = (1, 1, 1, 0, 0, 0)
    return tuple(
        Call(pack, bias, first, *grid, count, 1, panels.panel, into, number * panels.panel)
        for number, (first, count) in enumerate(panels.columns)
    )


def _sizes(phase: Phase) -> tuple[int, int]:
    """How many pixels, and how many numbers meet them."""
    return phase.sources.size, phase.depth.size
