"""Normalisation of groups of features, of each example alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Buffer, Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.batch_normalization import column_products
from layerkit_numba.mathematics import like


@compiled
def count_all(counts: Any) -> None:
    """Every position counts."""
    for place in range(counts.size):
        counts[place] = 1


@compiled
def count_steps(mask: Any, counts: Any, each: int) -> None:
    """The ``each`` positions of a step count, or none of them; ``counts`` is ``(n, positions)``.

    NaN for a mask of other steps, at which the engine looks again and says so.
    """
    fits = mask.shape[1] * each == counts.shape[1]
    for row in range(counts.shape[0]):
        for place in range(counts.shape[1]):
            counts[row, place] = like(1 if fits and mask[row, place // each] else 0, counts[row, place])
            if not fits:
                counts[row, place] = np.nan


@compiled
def share_groups(total: Any, groups: int, numbers: Any) -> None:
    """The sum of each column becomes that of its group, over so many numbers."""
    each = total.size // groups
    for group in range(groups):
        whole = like(0, numbers)
        for column in range(group * each, (group + 1) * each):
            whole += total[column]
        for column in range(group * each, (group + 1) * each):
            total[column] = whole / numbers


@compiled
def numbers_of(counts: Any, row: int, each: int) -> Any:
    """How many numbers of a group count, at least 1."""
    total = like(0, counts[row, 0])
    for place in range(counts.shape[1]):
        total += counts[row, place]
    total *= like(each, total)
    return total if total > like(1, total) else like(1, total)


@compiled
def normalize_groups(
    x: Any, counts: Any, normal: Any, inverse: Any, total: Any, groups: int, epsilon: float, begin: int, end: int
) -> None:
    """(x − μ) / √(σ² + ε) of each group, and 0 where nothing counts; ``x`` ``(n, positions, features)``."""
    features = total.size
    for row in range(begin, end):
        numbers = numbers_of(counts, row, features // groups)
        for column in range(features):
            total[column] = 0
        for place in range(counts.shape[1]):
            for column in range(features):
                total[column] += x[row, place * features + column] * counts[row, place]
        share_groups(total, groups, numbers)
        for place in range(counts.shape[1]):
            for column in range(features):
                at = place * features + column
                normal[row, at] = (x[row, at] * counts[row, place] - total[column]) * counts[row, place]
        for column in range(features):
            total[column] = 0
        for place in range(counts.shape[1]):
            for column in range(features):
                at = place * features + column
                total[column] += normal[row, at] * normal[row, at]
        share_groups(total, groups, numbers)
        for column in range(features):
            inverse[row, column] = like(1, numbers) / np.sqrt(total[column] + like(epsilon, numbers))
        for place in range(counts.shape[1]):
            for column in range(features):
                normal[row, place * features + column] *= inverse[row, column]


@compiled
def scale_counted(normal: Any, counts: Any, scale: Any, shift: Any, y: Any) -> None:
    """Scale · x̂ + shift, and 0 where nothing counts."""
    for row in range(normal.shape[0]):
        for column in range(normal.shape[1]):
            y[row, column] = (normal[row, column] * scale[column] + shift[column]) * counts[row]


@compiled
def counted_sums(dy: Any, counts: Any, total: Any) -> None:
    """The sum of each column, of what counts."""
    for column in range(total.size):
        total[column] = 0
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            total[column] += dy[row, column] * counts[row]


@compiled
def group_gradient(
    dy: Any,
    counts: Any,
    normal: Any,
    inverse: Any,
    scale: Any,
    total: Any,
    along: Any,
    groups: int,
    dx: Any,
    begin: int,
    end: int,
) -> None:
    """(δ̂ − (Σ δ̂ + x̂ Σ δ̂ x̂) / N) / √(σ² + ε), the sums being those of the group."""
    features = total.size
    for row in range(begin, end):
        numbers = numbers_of(counts, row, features // groups)
        for column in range(features):
            total[column] = 0
            along[column] = 0
        for place in range(counts.shape[1]):
            for column in range(features):
                at = place * features + column
                below = dy[row, at] * counts[row, place] * scale[column]
                total[column] += below
                along[column] += below * normal[row, at]
        share_groups(total, groups, numbers)
        share_groups(along, groups, numbers)
        for place in range(counts.shape[1]):
            for column in range(features):
                at = place * features + column
                below = dy[row, at] * scale[column] - total[column] - normal[row, at] * along[column]
                dx[row, at] = below * inverse[row, column] * counts[row, place]


@kernel("layerkit.layers.group_normalization:GroupNormalization")
def _group_normalization(part: Part) -> LayerKernel:
    layer, features = part.layer, part.input_shape[-1]
    # what has no axis of time counts as a whole
    masked = part.masked and len(part.input_shape) > 1
    each = math.prod(part.input_shape[1:-1])
    counted = Call(count_steps, "mask", "counts:table", each) if masked else Call(count_all, "counts:flat")
    groups: Argument = int(layer.groups)
    piece: Any = {"over": "n"}
    normalize = "x:table", "counts:table", "normal:table", "inverse", "total", groups, float(layer.epsilon)
    back = "dy:table", "counts:table", "normal:table", "inverse", "scale", "total", "along", groups, "dx:table"
    room = Buffer((features,), scratch=True)
    return LayerKernel(
        forward=(
            counted,
            Call(normalize_groups, *normalize, "begin", "end", **piece),
            Call(scale_counted, "normal:rows", "counts:flat", "scale", "shift", "y:rows"),
        ),
        parameter_gradients=(
            Call(column_products, "dy:rows", "normal:rows", "gradient scale"),
            Call(counted_sums, "dy:rows", "counts:flat", "gradient shift"),
        ),
        input_gradient=(Call(group_gradient, *back, "begin", "end", **piece),),
        buffers={
            "counts": Buffer(part.input_shape[:-1]),
            "normal": Buffer(part.input_shape),
            "inverse": Buffer((features,)),
            "total": room,
            "along": room,
        },
        reads_input=False,
        reads_output=False,
        masks="heeded",
    )
