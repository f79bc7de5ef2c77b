"""Pools of images and sequences: the largest value, or the mean, of each window. All arrays are flat."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled, kernel, like

from layerkit_conv.windows import Grid, Windows


@compiled
def largest(
    x: Any,
    y: Any,
    winners: Any,
    channels: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    kernel_rows: int,
    kernel_columns: int,
    row_stride: int,
    column_stride: int,
    top: int,
    left: int,
    begin: int,
    end: int,
) -> None:
    """The largest pixel of each window, and which of the image's pixels that is: the first of several."""
    for image in range(begin, end):
        for row in range(rows):
            for column in range(columns):
                first, other = row * row_stride - top, column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels
                begun = False
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = ((image * height + across) * width + along) * channels
                        pixel = across * width + along
                        for channel in range(channels):
                            value, most = x[source + channel], y[at + channel]
                            # what is no number wins, and stays
                            wins = value > most or np.isnan(value) or not begun
                            y[at + channel] = value if wins else most
                            winners[at + channel] = pixel if wins else winners[at + channel]
                        begun = True


@compiled
def largest_gradient(
    dy: Any,
    winners: Any,
    dx: Any,
    channels: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    kernel_rows: int,
    kernel_columns: int,
    row_stride: int,
    column_stride: int,
    top: int,
    left: int,
    begin: int,
    end: int,
) -> None:
    """The gradient goes to the winner of each window."""
    for image in range(begin, end):
        for place in range(image * height * width * channels, (image + 1) * height * width * channels):
            dx[place] = 0
        for row in range(rows):
            for column in range(columns):
                first, other = row * row_stride - top, column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = ((image * height + across) * width + along) * channels
                        pixel = across * width + along
                        for channel in range(channels):
                            value = dy[at + channel]
                            dx[source + channel] += value if winners[at + channel] == pixel else like(0, value)


@compiled
def mean(
    x: Any,
    y: Any,
    channels: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    kernel_rows: int,
    kernel_columns: int,
    row_stride: int,
    column_stride: int,
    top: int,
    left: int,
    padding_counts: bool,
    begin: int,
    end: int,
) -> None:
    """The mean of each window."""
    for image in range(begin, end):
        for row in range(rows):
            for column in range(columns):
                first, other = row * row_stride - top, column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels
                for channel in range(channels):
                    y[at + channel] = 0
                pixels = 0
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = ((image * height + across) * width + along) * channels
                        pixels += 1
                        for channel in range(channels):
                            y[at + channel] += x[source + channel]
                share = like(1 / (kernel_rows * kernel_columns if padding_counts else pixels), y[at])
                for channel in range(channels):
                    y[at + channel] *= share


@compiled
def mean_gradient(
    dy: Any,
    dx: Any,
    channels: int,
    height: int,
    width: int,
    rows: int,
    columns: int,
    kernel_rows: int,
    kernel_columns: int,
    row_stride: int,
    column_stride: int,
    top: int,
    left: int,
    padding_counts: bool,
    begin: int,
    end: int,
) -> None:
    """Each pixel of a window gets its share of the gradient."""
    for image in range(begin, end):
        for place in range(image * height * width * channels, (image + 1) * height * width * channels):
            dx[place] = 0
        for row in range(rows):
            for column in range(columns):
                first, other = row * row_stride - top, column * column_stride - left
                at = ((image * rows + row) * columns + column) * channels
                pixels = kernel_rows * kernel_columns
                if not padding_counts:
                    pixels = min(first + kernel_rows, height) - max(first, 0)
                    pixels *= min(other + kernel_columns, width) - max(other, 0)
                share = like(1 / pixels, dy[at])
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = ((image * height + across) * width + along) * channels
                        for channel in range(channels):
                            dx[source + channel] += dy[at + channel] * share


@kernel("layerkit_conv.max_pool2d:MaxPool2D")
def _max_pool2d(part: Part) -> LayerKernel:
    return _largest(part, part.layer._windows.on(*part.input_shape[:2]))


@kernel("layerkit_conv.max_pool1d:MaxPool1D")
def _max_pool1d(part: Part) -> LayerKernel:
    return _largest(part, part.layer._images._windows.on(part.input_shape[0], 1), masks="refused")


@kernel("layerkit_conv.global_max_pool2d:GlobalMaxPool2D")
def _global_max_pool2d(part: Part) -> LayerKernel:
    return _largest(part, _whole(part))


@kernel("layerkit_conv.average_pool2d:AveragePool2D")
def _average_pool2d(part: Part) -> LayerKernel:
    layer = part.layer
    return _mean(part, layer._windows.on(*part.input_shape[:2]), padding_counts=layer.count_include_pad)


@kernel("layerkit_conv.average_pool1d:AveragePool1D")
def _average_pool1d(part: Part) -> LayerKernel:
    grid = part.layer._images._windows.on(part.input_shape[0], 1)
    return _mean(part, grid, padding_counts=part.layer.count_include_pad, masks="refused")


@kernel("layerkit_conv.global_average_pool2d:GlobalAveragePool2D")
def _global_average_pool2d(part: Part) -> LayerKernel:
    return _mean(part, _whole(part), padding_counts=True)


def _whole(part: Part) -> Grid:
    """One window, the image."""
    size = part.input_shape[0], part.input_shape[1]
    return Windows(size, (1, 1)).on(*size)


def _largest(part: Part, grid: Grid, *, masks: Any = "ignored") -> LayerKernel:
    numbers: tuple[str | int, ...] = (part.input_shape[-1], *_sizes(grid), "begin", "end")
    return LayerKernel(
        forward=(Call(largest, "x:flat", "y:flat", "winners:flat", *numbers, over="n"),),
        input_gradient=(Call(largest_gradient, "dy:flat", "winners:flat", "dx:flat", *numbers, over="n"),),
        buffers={"winners": Buffer(part.output_shape, dtype="int32")},
        reads_input=False,
        reads_output=False,
        masks=masks,
    )


def _mean(part: Part, grid: Grid, *, padding_counts: bool, masks: Any = "ignored") -> LayerKernel:
    numbers: tuple[str | int, ...] = (part.input_shape[-1], *_sizes(grid), padding_counts, "begin", "end")
    return LayerKernel(
        forward=(Call(mean, "x:flat", "y:flat", *numbers, over="n"),),
        input_gradient=(Call(mean_gradient, "dy:flat", "dx:flat", *numbers, over="n"),),
        reads_input=False,
        reads_output=False,
        masks=masks,
    )


def _sizes(grid: Grid) -> tuple[int, ...]:
    """Those of the image, of the result, of the windows, of their strides, and of the padding."""
    rows, columns = grid.rows, grid.columns
    pairs = [(axis.length, axis.count, axis.kernel, axis.stride, axis.before) for axis in (rows, columns)]
    return tuple(number for pair in zip(*pairs, strict=True) for number in pair)
