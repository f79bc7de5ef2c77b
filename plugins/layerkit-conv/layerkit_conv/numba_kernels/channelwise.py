"""Convolutions in which each filter sees one channel: all channels of a pixel side by side, a place of the window at a
time. All arrays are flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call, compiled

from layerkit_conv.numba_kernels.places import add_rows, fill
from layerkit_conv.windows import Grid


@compiled
def sum_each(
    images: Any,
    weight: Any,
    bias: Any,
    maps: Any,
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
    begin: int,
    end: int,
) -> None:
    """The maps of each channel, ``several`` of them, in the order of the weights' last axis."""
    for image in range(begin, end):
        for row in range(rows):
            above = row * row_stride - top
            for column in range(columns):
                before = column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels * several
                for number in range(channels * several):
                    maps[at + number] = bias[number]
                for i in range(max(0, -(above // row_dilation)), min(kernel_rows, -((above - height) // row_dilation))):
                    pixels = (image * height + above + i * row_dilation) * width + before
                    for j in range(
                        max(0, -(before // column_dilation)),
                        min(kernel_columns, -((before - width) // column_dilation)),
                    ):
                        pixel = (pixels + j * column_dilation) * channels
                        place = (i * kernel_columns + j) * channels * several
                        for number in range(several):
                            for channel in range(channels):
                                other = channel * several + number
                                maps[at + other] += images[pixel + channel] * weight[place + other]


@compiled
def spread_each(
    maps: Any,
    weight: Any,
    bias: Any,
    images: Any,
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
    begin: int,
    end: int,
) -> None:
    """The transpose: each map times its weights, added up in its channel."""
    for image in range(begin, end):
        for pixel in range(image * height * width, (image + 1) * height * width):
            for channel in range(channels):
                images[pixel * channels + channel] = bias[channel]
        for row in range(rows):
            above = row * row_stride - top
            for column in range(columns):
                before = column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels * several
                for i in range(max(0, -(above // row_dilation)), min(kernel_rows, -((above - height) // row_dilation))):
                    pixels = (image * height + above + i * row_dilation) * width + before
                    for j in range(
                        max(0, -(before // column_dilation)),
                        min(kernel_columns, -((before - width) // column_dilation)),
                    ):
                        pixel = (pixels + j * column_dilation) * channels
                        place = (i * kernel_columns + j) * channels * several
                        for number in range(several):
                            for channel in range(channels):
                                other = channel * several + number
                                images[pixel + channel] += maps[at + other] * weight[place + other]


@compiled
def add_gradient_each(
    images: Any,
    maps: Any,
    gradient: Any,
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
    batch: int,
    begin: int,
    end: int,
) -> None:
    """Add to the weights' gradient, for some rows of the window."""
    for image in range(batch):
        for row in range(rows):
            above = row * row_stride - top
            for column in range(columns):
                before = column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels * several
                for i in range(max(begin, -(above // row_dilation)), min(end, -((above - height) // row_dilation))):
                    pixels = (image * height + above + i * row_dilation) * width + before
                    for j in range(
                        max(0, -(before // column_dilation)),
                        min(kernel_columns, -((before - width) // column_dilation)),
                    ):
                        pixel = (pixels + j * column_dilation) * channels
                        place = (i * kernel_columns + j) * channels * several
                        for number in range(several):
                            for channel in range(channels):
                                other = channel * several + number
                                gradient[place + other] += images[pixel + channel] * maps[at + other]


@final
@dataclass(frozen=True)
class Channelwise:
    """What ``Plan`` is for other convolutions: calls, and their buffers."""

    grid: Grid
    channels: int
    filters: int

    def correlate(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill maps, ``target``, from images: weighted sums of windows, and a bias."""
        return self._summed(sum_each, source, target, bias, "no map bias")

    def spread(self, source: str, target: str, bias: str = "") -> tuple[Call, ...]:
        """Fill images, ``target``, from maps: the transpose of a convolution, and a bias."""
        return self._summed(spread_each, source, target, bias, "no image bias")

    def differentiate(self, images: str, maps: str, into: str, bias: str = "") -> tuple[Call, ...]:
        """Add to ``into`` the gradient with respect to the weights, of Σ maps · correlate(images); and to ``bias``."""
        operands = (f"{images}:flat", f"{maps}:flat", f"{into}:flat")
        rows = self.grid.rows.kernel
        called = Call(add_gradient_each, *operands, *self._sizes, "n", "begin", "end", over=rows)
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

    def _summed(self, function: Any, source: str, target: str, bias: str, none: str) -> tuple[Call, ...]:
        operands = (f"{source}:flat", "weight:flat", bias or none, f"{target}:flat")
        called = Call(function, *operands, *self._sizes, "begin", "end", over="n")
        return (called,) if bias else (Call(fill, none, 0.0), called)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """The channels and the filters of each; of images, maps and windows, of strides, dilations and padding."""
        pairs = (
            (axis.length, axis.count, axis.kernel, axis.stride, axis.dilation, axis.before)
            for axis in (self.grid.rows, self.grid.columns)
        )
        sizes = (number for pair in zip(*pairs, strict=True) for number in pair)
        return self.channels, self.filters // self.channels, *sizes
