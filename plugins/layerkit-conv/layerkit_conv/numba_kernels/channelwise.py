"""Convolutions in which each filter sees one channel: all channels of a pixel side by side, a place of the window at a
time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call, compiled

from layerkit_conv.numba_kernels.places import clear
from layerkit_conv.windows import Grid


@compiled
def sum_each(
    images: Any,
    weight: Any,
    bias: Any,
    maps: Any,
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
    """The maps of each channel, in the order of the weights' last axis."""
    channels = images.shape[1]
    several = maps.shape[1] // channels
    for image in range(begin, end):
        for row in range(rows):
            for column in range(columns):
                target = (image * rows + row) * columns + column
                maps[target] = bias
                for i in range(kernel_rows):
                    across = row * row_stride - top + i * row_dilation
                    if across < 0 or across >= height:
                        continue
                    for j in range(kernel_columns):
                        along = column * column_stride - left + j * column_dilation
                        if along < 0 or along >= width:
                            continue
                        source, place = (image * height + across) * width + along, i * kernel_columns + j
                        if several == 1:
                            for channel in range(channels):
                                maps[target, channel] += images[source, channel] * weight[place, channel]
                        else:
                            for channel in range(channels):
                                for number in range(channel * several, (channel + 1) * several):
                                    maps[target, number] += images[source, channel] * weight[place, number]


@compiled
def spread_each(
    maps: Any,
    weight: Any,
    bias: Any,
    images: Any,
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
    channels = images.shape[1]
    several = maps.shape[1] // channels
    for image in range(begin, end):
        for pixel in range(image * height * width, (image + 1) * height * width):
            images[pixel] = bias
        for row in range(rows):
            for column in range(columns):
                source = (image * rows + row) * columns + column
                for i in range(kernel_rows):
                    across = row * row_stride - top + i * row_dilation
                    if across < 0 or across >= height:
                        continue
                    for j in range(kernel_columns):
                        along = column * column_stride - left + j * column_dilation
                        if along < 0 or along >= width:
                            continue
                        target, place = (image * height + across) * width + along, i * kernel_columns + j
                        if several == 1:
                            for channel in range(channels):
                                images[target, channel] += maps[source, channel] * weight[place, channel]
                        else:
                            for channel in range(channels):
                                for number in range(channel * several, (channel + 1) * several):
                                    images[target, channel] += maps[source, number] * weight[place, number]


@compiled
def add_gradient_each(
    images: Any,
    maps: Any,
    gradient: Any,
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
    """Add to the weights' gradient, for so many places of the window."""
    channels = images.shape[1]
    several = maps.shape[1] // channels
    for target in range(maps.shape[0]):
        image, window = target // (rows * columns), target % (rows * columns)
        row, column = window // columns, window % columns
        for place in range(begin, end):
            across = row * row_stride - top + place // kernel_columns * row_dilation
            along = column * column_stride - left + place % kernel_columns * column_dilation
            if across < 0 or across >= height or along < 0 or along >= width:
                continue
            source = (image * height + across) * width + along
            if several == 1:
                for channel in range(channels):
                    gradient[place, channel] += images[source, channel] * maps[target, channel]
            else:
                for channel in range(channels):
                    for number in range(channel * several, (channel + 1) * several):
                        gradient[place, number] += images[source, channel] * maps[target, number]


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

    def differentiate(self, images: str, maps: str, into: str) -> tuple[Call, ...]:
        """Add to ``into`` the gradient with respect to the weights, of Σ maps · correlate(images)."""
        kernel = self.grid.rows.kernel * self.grid.columns.kernel
        operands = (f"{images}:rows", f"{maps}:rows", f"{into}:rows")
        return (Call(add_gradient_each, *operands, *self._sizes, "begin", "end", over=kernel),)

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
        operands = (f"{source}:rows", "weight:rows", bias or none, f"{target}:rows")
        called = Call(function, *operands, *self._sizes, "begin", "end", over="n")
        return (called,) if bias else (Call(clear, none), called)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """Of images, maps and windows, of strides, dilations and padding."""
        pairs = (
            (axis.length, axis.count, axis.kernel, axis.stride, axis.dilation, axis.before)
            for axis in (self.grid.rows, self.grid.columns)
        )
        return tuple(number for pair in zip(*pairs, strict=True) for number in pair)
