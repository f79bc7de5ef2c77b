"""Standardize: each column less its mean, over its deviation."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, LayerKernel, Part, kernel


@compiled
def standardized(x: Any, mean: Any, deviation: Any, y: Any) -> None:
    """(x − mean) / deviation."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = (x[row, column] - mean[column]) / deviation[column]


@compiled
def divided(dy: Any, deviation: Any, dx: Any) -> None:
    """The gradient with respect to the input."""
    for row in range(dy.shape[0]):
        for column in range(dy.shape[1]):
            dx[row, column] = dy[row, column] / deviation[column]


@kernel("layerkit.layers.standardize:Standardize")
def _standardize(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(standardized, "x:rows", "mean", "deviation", "y:rows"),),
        input_gradient=(Call(divided, "dy:rows", "deviation", "dx:rows"),),
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
