"""The built-in costs. Under a mask, the numbers of an example fall into as many equal pieces as it has positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import EngineError
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, CostKernel, CostPart, kernel
from layerkit_numba.kernels.softmax import exponential, subtract_largest
from layerkit_numba.mathematics import exp, like


@compiled
def quadratic(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    """½ Σ (a − y)² of each example, and a − y."""
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            difference = prediction[row, column] - target[row, column]
            gradient[row, column] = difference
            total += difference * difference
        costs[row] = like(0.5, costs[row]) * total


@compiled
def masked_quadratic(prediction: Any, target: Any, mask: Any, costs: Any, gradient: Any) -> None:
    """The same, of the positions that count."""
    each = prediction.shape[1] // max(mask.shape[1], 1)
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            gradient[row, column] = like(0, total)
            if mask[row, column // each]:
                difference = prediction[row, column] - target[row, column]
                gradient[row, column] = difference
                total += difference * difference
        costs[row] = like(0.5, costs[row]) * total


@compiled
def cross_entropy(shifted: Any, target: Any, costs: Any, gradient: Any) -> None:
    """``gradient`` holds e to the power of ``shifted``; each example has as many rows as its other axes have places."""
    examples = costs.shape[0]
    places = shifted.shape[0] // max(examples, 1)
    for example in range(examples):
        cost = like(0, costs[example])
        for row in range(example * places, (example + 1) * places):
            cost += entropy_of_row(shifted, target, gradient, row)
        costs[example] = cost


@compiled
def masked_cross_entropy(shifted: Any, target: Any, mask: Any, costs: Any, gradient: Any) -> None:
    """The same, of the positions that count."""
    examples = costs.shape[0]
    places = shifted.shape[0] // max(examples, 1)
    each = places // max(mask.shape[1], 1)
    for example in range(examples):
        cost = like(0, costs[example])
        for row in range(example * places, (example + 1) * places):
            if mask[example, (row - example * places) // each]:
                cost += entropy_of_row(shifted, target, gradient, row)
            else:
                gradient[row, :] = 0
        costs[example] = cost


@compiled
def entropy_of_row(shifted: Any, target: Any, gradient: Any, row: int) -> Any:
    """The cost of one row; its gradient takes the place of its exponentials."""
    total = weight = product = like(0, gradient[row, 0])
    for column in range(shifted.shape[1]):
        total += gradient[row, column]
        weight += target[row, column]
        product += shifted[row, column] * target[row, column]
    for column in range(shifted.shape[1]):
        gradient[row, column] = gradient[row, column] / total * weight - target[row, column]
    return np.log(total) * weight - product


@compiled
def binary_cross_entropy(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    """Σ max(z, 0) − z y + log(1 + e^−|z|) of each example, and σ(z) − y."""
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            total += binary_term(prediction, target, gradient, row, column)
        costs[row] = total


@compiled
def masked_binary_cross_entropy(prediction: Any, target: Any, mask: Any, costs: Any, gradient: Any) -> None:
    """The same, of the positions that count."""
    each = prediction.shape[1] // max(mask.shape[1], 1)
    for row in range(prediction.shape[0]):
        total = like(0, costs[row])
        for column in range(prediction.shape[1]):
            gradient[row, column] = like(0, total)
            if mask[row, column // each]:
                total += binary_term(prediction, target, gradient, row, column)
        costs[row] = total


@compiled
def binary_term(prediction: Any, target: Any, gradient: Any, row: int, column: int) -> Any:
    """The cost of one output, whose gradient is written."""
    z, y = prediction[row, column], target[row, column]
    one = like(1, z)
    decay = exp(-abs(z))
    gradient[row, column] = (one if z >= 0 else decay) / (one + decay) - y
    # the small logarithm last, or a certain and right prediction would cost 0
    return ((z if z > 0 else like(0, z)) - z * y) + np.log1p(decay)


@kernel("layerkit.costs.quadratic:Quadratic")
def _quadratic(part: CostPart) -> CostKernel:
    return _by_tables(part, quadratic, masked_quadratic)


@kernel("layerkit.costs.binary_cross_entropy:BinaryCrossEntropy")
def _binary_cross_entropy(part: CostPart) -> CostKernel:
    _require_unsmoothed(part.cost)
    return _by_tables(part, binary_cross_entropy, masked_binary_cross_entropy)


@kernel("layerkit.costs.cross_entropy:CrossEntropy")
def _cross_entropy(part: CostPart) -> CostKernel:
    _require_unsmoothed(part.cost)
    own: tuple[Any, ...] = (cross_entropy, "shifted:rows", "target:rows", "costs", "gradient:rows")
    if part.masked:
        own = (masked_cross_entropy, "shifted:rows", "target:rows", "mask", "costs", "gradient:rows")
    return CostKernel(
        (
            Call(subtract_largest, "prediction:rows", "shifted:rows"),
            Call(exponential, "shifted:flat", "gradient:flat"),
            Call(*own),
        ),
        buffers={"shifted": Buffer(part.shape)},
        masks="heeded",
    )


def _require_unsmoothed(cost: Any) -> None:
    if cost.label_smoothing:
        raise EngineError(
            f"the engine numba/jit has no kernel for {cost!r}, only without label_smoothing: train with the engine "
            "'numpy', which runs everything"
        )


def _by_tables(part: CostPart, plain: Any, masked: Any) -> CostKernel:
    mask = ("mask",) if part.masked else ()
    call = Call(masked if part.masked else plain, "prediction:table", "target:table", *mask, "costs", "gradient:table")
    return CostKernel((call,), masks="heeded")
