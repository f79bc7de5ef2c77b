"""The built-in costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import EngineError
from layerkit.types import DType
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Buffer, Call, CostKernel, kernel
from layerkit_numba.kernels.softmax import exponential, subtract_largest
from layerkit_numba.mathematics import like


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
def cross_entropy(shifted: Any, target: Any, costs: Any, gradient: Any) -> None:
    """``gradient`` holds e to the power of ``shifted``; each example has as many rows as its other axes have places."""
    examples = costs.shape[0]
    places = shifted.shape[0] // max(examples, 1)
    for example in range(examples):
        cost = like(0, costs[example])
        for row in range(example * places, (example + 1) * places):
            total = weight = product = like(0, cost)
            for column in range(shifted.shape[1]):
                total += gradient[row, column]
                weight += target[row, column]
                product += shifted[row, column] * target[row, column]
            cost += np.log(total) * weight - product
            for column in range(shifted.shape[1]):
                gradient[row, column] = gradient[row, column] / total * weight - target[row, column]
        costs[example] = cost


@kernel("layerkit.costs.quadratic:Quadratic")
def _quadratic(cost: Any, shape: tuple[int, ...], dtype: DType) -> CostKernel:
    return CostKernel((Call(quadratic, "prediction:table", "target:table", "costs", "gradient:table"),))


@kernel("layerkit.costs.cross_entropy:CrossEntropy")
def _cross_entropy(cost: Any, shape: tuple[int, ...], dtype: DType) -> CostKernel:
    if cost.label_smoothing:
        raise EngineError(
            f"the engine numba/jit has no kernel for {cost!r}, only without label_smoothing: train with the engine "
            "'numpy', which runs everything"
        )
    return CostKernel(
        (
            Call(subtract_largest, "prediction:rows", "shifted:rows"),
            Call(exponential, "shifted:flat", "gradient:flat"),
            Call(cross_entropy, "shifted:rows", "target:rows", "costs", "gradient:rows"),
        ),
        buffers={"shifted": Buffer(shape)},
    )
