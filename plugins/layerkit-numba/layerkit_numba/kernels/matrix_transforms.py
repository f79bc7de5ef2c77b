"""The built-in transforms of whole weight matrices, and of weights from earlier steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.types import Array
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.mathematics import like


@compiled
def bound_columns(parameters: Any, work: Any, matrices: Any, limit: float) -> None:
    """Shorten each column of a matrix that is longer than the limit."""
    for which in range(matrices.shape[0]):
        begin, end, columns = matrices[which, 0], matrices[which, 1], matrices[which, 2]
        for column in range(columns):
            work[begin + column] = 0
        for place in range(begin, end):
            work[begin + (place - begin) % columns] += parameters[place] * parameters[place]
        for column in range(columns):
            most = like(limit, parameters[begin])
            length = np.sqrt(work[begin + column])
            work[begin + column] = most / (most if length < most else length)
        for place in range(begin, end):
            parameters[place] *= work[begin + (place - begin) % columns]


@compiled
def centre_columns(gradient: Any, work: Any, matrices: Any) -> None:
    """Take off the mean of each column of a matrix."""
    for which in range(matrices.shape[0]):
        begin, end, columns = matrices[which, 0], matrices[which, 1], matrices[which, 2]
        for column in range(columns):
            work[begin + column] = 0
        for place in range(begin, end):
            work[begin + (place - begin) % columns] += gradient[place]
        rows = like((end - begin) // columns, gradient[begin])
        for place in range(begin, end):
            gradient[place] -= work[begin + (place - begin) % columns] / rows


@compiled
def begin_slow(parameters: Any, slow: Any, begun: Any) -> None:
    """What has no slow weights yet gets its own."""
    for place in range(parameters.size):
        slow[place] = parameters[place] if begun[place] == like(0, begun[place]) else slow[place]
        begun[place] = 1


@compiled
def look_ahead(parameters: Any, slow: Any, count: Any, period: int, alpha: float) -> None:
    """At each period's end, slow ← slow + α (θ − slow) and θ ← slow."""
    count[0] += 1
    if count[0] % period == 0:
        for place in range(parameters.size):
            slow[place] += like(alpha, slow[place]) * (parameters[place] - slow[place])
            parameters[place] = slow[place]


@kernel("layerkit.transforms.max_norm:MaxNorm")
def _max_norm(part: UpdatePart) -> UpdateKernel:
    call = Call(bound_columns, "parameters", "work", "matrices", float(part.component.limit))
    return UpdateKernel(after=(call,), buffers=("work",), arrays={"matrices": _matrices(part)})


@kernel("layerkit.transforms.centered_gradient:CenteredGradient")
def _centered_gradient(part: UpdatePart) -> UpdateKernel:
    call = Call(centre_columns, "gradient", "work", "matrices")
    return UpdateKernel(before=(call,), buffers=("work",), arrays={"matrices": _matrices(part)})


@kernel("layerkit.transforms.lookahead:Lookahead")
def _lookahead(part: UpdatePart) -> UpdateKernel:
    numbers = int(part.component.period), float(part.component.alpha)
    return UpdateKernel(
        before=(Call(begin_slow, "parameters", "slow", "begun"),),
        after=(Call(look_ahead, "parameters", "slow", "count", *numbers),),
        states={"slow": 0.0, "begun": 0.0},
        numbers={"count": 1},
    )


def _matrices(part: UpdatePart) -> Array:
    """Where the parameters of more than one axis begin and end, and their last axis: ``(matrices, 3)``."""
    matrices = (each for each in part.slices if len(each.shape) > 1 and each.stop > each.start)
    found = [(each.start, each.stop, each.shape[-1]) for each in matrices]
    return np.array(found, np.int64).reshape(-1, 3)
