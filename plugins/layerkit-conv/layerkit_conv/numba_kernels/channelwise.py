"""Convolutions in which each filter sees one channel: all channels of a pixel side by side, a place of the window at a
time. All arrays are flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call, compiled

from layerkit_conv.numba_kernels.places import add_rows, fill
from layerkit_conv.windows import Grid

_TO_MAPS, _TO_IMAGES, _TO_WEIGHT = range(3)


@compiled
def start_rows(row: Any, rows: Any, begin: int, end: int) -> None:
    """The same numbers in each row."""
    for number in range(begin, end):
        for column in range(row.size):
            rows[number * row.size + column] = row[column]


@compiled
def add_products(
    images: Any,
    weight: Any,
    maps: Any,
    into: int,
    channels: int,
    several: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    kernel_rows: int,
    kernel_columns: int,
    row_stride: int,
    column_stride: int,
    row_dilation: int,
    column_dilation: int,
    top: int,
    left: int,
    first_image: int,
    last_image: int,
    first_row: int,
    last_row: int,
) -> None:
    """Add the products of two of the three arrays, wherever a map, a pixel and a weight belong together, to the third.

    Each channel has ``several`` maps, in the order of the weights' last axis; the rows are those of the window.
    """
    for image in range(first_image, last_image):
        for row in range(rows):
            above = row * row_stride - top
            first, last = max(first_row, -(above // row_dilation)), min(last_row, -((above - height) // row_dilation))
            for column in range(columns):
                before = column * column_stride - left
                least, most = -(before // column_dilation), -((before - width) // column_dilation)
                at = ((image * rows + row) * columns + column) * channels * several
                for i in range(first, last):
                    pixels = (image * height + above + i * row_dilation) * width + before
                    for j in range(max(0, least), min(kernel_columns, most)):
                        pixel = (pixels + j * column_dilation) * channels
                        place = (i * kernel_columns + j) * channels * several
                        for number in range(several):
                            for channel in range(channels):
                                other = channel * several + number
                                if into == _TO_MAPS:
                                    maps[at + other] += images[pixel + channel] * weight[place + other]
                                elif into == _TO_IMAGES:
                                    images[pixel + channel] += maps[at + other] * weight[place + other]
                                else:
                                    weight[place + other] += images[pixel + channel] * maps[at + other]


@final
@dataclass(frozen=True)
class Channelwise:
    """What ``Plan`` is for other convolutions: calls, and their buffers."""

    grid: Grid
    channels: int
    filters: int

    def correlate(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill maps, ``target``, from images: weighted sums of windows, and a bias."""
        started = _started(bias, "no map bias", target)
        return (*started, self._added(source, "weight", target, _TO_MAPS, images_from_to=("begin", "end"), over="n"))

    def spread(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill images, ``target``, from maps: the transpose of a convolution, and a bias."""
        started = _started(bias, "no image bias", target)
        return (*started, self._added(target, "weight", source, _TO_IMAGES, images_from_to=("begin", "end"), over="n"))

    def differentiate(self, images: str, maps: str, into: str, bias: str = "") -> tuple[Call, ...]:
        """Add to ``into`` the gradient with respect to the weights, of Σ maps · correlate(images); and to ``bias``."""
        rows = self.grid.rows.kernel
        called = self._added(images, into, maps, _TO_WEIGHT, rows=("begin", "end"), over=rows)
        return (called, Call(add_rows, f"{maps}:rows", bias)) if bias else (called,)

    def correlation_buffers(self) -> dict[str, Buffer]:
        """What ``correlate`` needs."""
        return {"no map bias": Buffer((self.filters,), per_example=False)}

    def spreading_buffers(self) -> dict[str, Buffer]:
        """What ``spread`` needs."""
        return {"no image bias": Buffer((self.channels,), per_example=False)}

    def gradient_buffers(self) -> dict[str, Buffer]:
        """What ``differentiate`` needs: nothing."""
        return {}

    def _added(
        self,
        images: str,
        weight: str,
        maps: str,
        into: int,
        *,
        over: str | int,
        images_from_to: tuple[str | int, str] = (0, "n"),
        rows: tuple[str | int, str | int] | None = None,
    ) -> Call:
        operands: tuple[str | int, ...] = (f"{images}:flat", f"{weight}:flat", f"{maps}:flat", into, *self._sizes)
        return Call(add_products, *operands, *images_from_to, *(rows or (0, self.grid.rows.kernel)), over=over)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """The channels and the filters of each; of images, maps and windows, of strides, dilations and padding."""
        pairs = (
            (axis.length, axis.count, axis.kernel, axis.stride, axis.dilation, axis.before)
            for axis in (self.grid.rows, self.grid.columns)
        )
        sizes = (number for pair in zip(*pairs, strict=True) for number in pair)
        return self.channels, self.filters // self.channels, *sizes


def _started(bias: str, none: str, target: str) -> tuple[Call, ...]:
    """Begin the sums with the bias, or zeros."""
    started = Call(start_rows, bias or none, f"{target}:flat", "begin", "end", over=f"{target}:count")
    return (started,) if bias else (Call(fill, none, 0.0), started)
