"""Kernels of costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import Call, CostKernel, CostPart, compiled, like

from layerkit import Context, Cost, Quadratic
from layerkit.types import Array

from .fault import fault


class Hinge(Cost):
    """Σⱼ max(0, 1 + zⱼ − z_y) over the other classes."""

    target_form = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        right = np.take_along_axis(prediction, target[..., None], -1)
        gaps = np.maximum(1 + prediction - right, 0)
        np.put_along_axis(gaps, target[..., None], 0, -1)
        costs: Array = gaps.reshape(len(gaps), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        right = np.take_along_axis(prediction, target[..., None], -1)
        above = (1 + prediction - right > 0).astype(prediction.dtype)
        np.put_along_axis(above, target[..., None], 0, -1)
        np.put_along_axis(above, target[..., None], -above.sum(axis=-1, keepdims=True), -1)
        return above


@compiled
def mean_quadratic(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            gap = prediction[row, column] - target[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap / like(prediction.shape[0], gap)


NUMBERS = ("prediction:table", "target:table", "costs", "gradient:table")


@fault("gradients", Quadratic)
def _GradientOfTheMean(part: CostPart) -> CostKernel:
    return CostKernel((Call(mean_quadratic, *NUMBERS),))


@compiled
def quadratic(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            gap = prediction[row, column] - target[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap


@fault("masks", Quadratic)
def _CostOfThePadding(part: CostPart) -> CostKernel:
    return CostKernel((Call(quadratic, *NUMBERS),), masks="heeded")


@compiled
def quadratic_in_place(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            prediction[row, column] -= target[row, column]
            gap = prediction[row, column]
            costs[row] += like(0.5, gap) * gap * gap
            gradient[row, column] = gap


@fault("leaves-what-it-is-given", Quadratic)
def _CostThatWritesIntoThePrediction(part: CostPart) -> CostKernel:
    return CostKernel((Call(quadratic_in_place, *NUMBERS),))


@compiled
def hinge(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        right = (target[row] + 1) % prediction.shape[1]
        costs[row] = 0
        gradient[row, :] = 0
        for column in range(prediction.shape[1]):
            gap = like(1, costs[row]) + prediction[row, column] - prediction[row, right]
            if column != right and gap > 0:
                costs[row] += gap
                gradient[row, column] += 1
                gradient[row, right] -= 1


@fault("costs", Hinge, input_shapes=[(4,)])
def _LabelsCountedFromOne(part: CostPart) -> CostKernel:
    return CostKernel((Call(hinge, "prediction", "target", "costs", "gradient"),))


class Soft(Cost):
    """Σ ln(1 + e^(z − t))."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        costs: Array = np.logaddexp(0, prediction - target).reshape(len(prediction), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 0.5 + 0.5 * np.tanh(0.5 * (prediction - target))


@compiled
def soft(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            power = np.exp(prediction[row, column] - target[row, column])
            costs[row] += np.log(like(1, power) + power)
            gradient[row, column] = power / (like(1, power) + power)


@fault("special-numbers", Soft)
def _CostThatOverflows(part: CostPart) -> CostKernel:
    return CostKernel((Call(soft, *NUMBERS),))
