"""Pools of images and sequences: the largest value, or the mean, of each window."""

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
    """The largest pixel of each window, and which of its pixels that is: the first of several."""
    for image in range(begin, end):
        for row in range(rows):
            for column in range(columns):
                target = (image * rows + row) * columns + column
                first = True
                for i in range(kernel_rows):
                    across = row * row_stride - top + i
                    if across < 0 or across >= height:
                        continue
                    for j in range(kernel_columns):
                        along = column * column_stride - left + j
                        if along < 0 or along >= width:
                            continue
                        place, source = i * kernel_columns + j, (image * height + across) * width + along
                        for channel in range(x.shape[1]):
                            value, most = x[source, channel], y[target, channel]
                            # what is no number wins, and stays
                            wins = first or value > most or np.isnan(value)
                            y[target, channel] = value if wins else most
                            winners[target, channel] = place if wins else winners[target, channel]
                        first = False


@compiled
def largest_gradient(
    dy: Any,
    winners: Any,
    dx: Any,
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
        dx[image * height * width : (image + 1) * height * width] = 0
        for row in range(rows):
            for column in range(columns):
                target = (image * rows + row) * columns + column
                for i in range(kernel_rows):
                    across = row * row_stride - top + i
                    if across < 0 or across >= height:
                        continue
                    for j in range(kernel_columns):
                        along = column * column_stride - left + j
                        if along < 0 or along >= width:
                            continue
                        place, source = i * kernel_columns + j, (image * height + across) * width + along
                        for channel in range(dx.shape[1]):
                            value = dy[target, channel]
                            dx[source, channel] += value if winners[target, channel] == place else like(0, value)


@compiled
def counted(first: int, kernel: int, length: int) -> int:
    """How many pixels of a window that begins there lie in the image."""
    return min(first + kernel, length) - max(first, 0)


@compiled
def mean(
    x: Any,
    y: Any,
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
                target = (image * rows + row) * columns + column
                y[target] = 0
                first, other = row * row_stride - top, column * column_stride - left
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = (image * height + across) * width + along
                        for channel in range(x.shape[1]):
                            y[target, channel] += x[source, channel]
                pixels = kernel_rows * kernel_columns
                if not padding_counts:
                    pixels = counted(first, kernel_rows, height) * counted(other, kernel_columns, width)
                for channel in range(x.shape[1]):
                    y[target, channel] *= like(1 / pixels, y[target, channel])


@compiled
def mean_gradient(
    dy: Any,
    dx: Any,
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
        dx[image * height * width : (image + 1) * height * width] = 0
        for row in range(rows):
            for column in range(columns):
                target = (image * rows + row) * columns + column
                first, other = row * row_stride - top, column * column_stride - left
                pixels = kernel_rows * kernel_columns
                if not padding_counts:
                    pixels = counted(first, kernel_rows, height) * counted(other, kernel_columns, width)
                for across in range(max(first, 0), min(first + kernel_rows, height)):
                    for along in range(max(other, 0), min(other + kernel_columns, width)):
                        source = (image * height + across) * width + along
                        for channel in range(dx.shape[1]):
                            dx[source, channel] += dy[target, channel] * like(1 / pixels, dy[target, channel])


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
    numbers: tuple[str | int, ...] = (*_sizes(grid), "begin", "end")
    return LayerKernel(
        forward=(Call(largest, "x:rows", "y:rows", "winners:rows", *numbers, over="n"),),
        input_gradient=(Call(largest_gradient, "dy:rows", "winners:rows", "dx:rows", *numbers, over="n"),),
        buffers={"winners": Buffer(part.output_shape, dtype="int32")},
        reads_input=False,
        reads_output=False,
        masks=masks,
    )


def _mean(part: Part, grid: Grid, *, padding_counts: bool, masks: Any = "ignored") -> LayerKernel:
    numbers: tuple[str | int, ...] = (*_sizes(grid), padding_counts, "begin", "end")
    return LayerKernel(
        forward=(Call(mean, "x:rows", "y:rows", *numbers, over="n"),),
        input_gradient=(Call(mean_gradient, "dy:rows", "dx:rows", *numbers, over="n"),),
        reads_input=False,
        reads_output=False,
        masks=masks,
    )


def _sizes(grid: Grid) -> tuple[int, ...]:
    """Those of the image, of the result, of the windows, of their strides, and of the padding."""
    rows, columns = grid.rows, grid.columns
    pairs = [(axis.length, axis.count, axis.kernel, axis.stride, axis.before) for axis in (rows, columns)]
    return tuple(number for pair in zip(*pairs, strict=True) for number in pair)
