"""Rows of a table, by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, LayerKernel, Part, kernel


@compiled
def look_up(tokens: Any, table: Any, y: Any) -> None:
    """Row t of the table for each token t; NaN for what has none, at which the engine looks again and says so."""
    for place in range(tokens.size):
        token = tokens[place]
        if 0 <= token < table.shape[0]:
            for column in range(table.shape[1]):
                y[place, column] = table[token, column]
        else:
            for column in range(table.shape[1]):
                y[place, column] = np.nan


@compiled
def find_nothing(numbers: Any, table: Any, y: Any) -> None:
    """NaN for each number that is no integer, which so has no row."""
    for place in range(numbers.size):
        for column in range(table.shape[1]):
            y[place, column] = np.nan


@compiled
def add_up(tokens: Any, dy: Any, gradient: Any) -> None:
    """The sum of the gradients of each token."""
    for row in range(gradient.shape[0]):
        for column in range(gradient.shape[1]):
            gradient[row, column] = 0
    for place in range(tokens.size):
        token = tokens[place]
        if 0 <= token < gradient.shape[0]:
            for column in range(gradient.shape[1]):
                gradient[token, column] += dy[place, column]


@kernel("layerkit.layers.embedding:Embedding")
def _embedding(part: Part) -> LayerKernel:
    numbers = "x:flat", "table", "y:rows"
    return LayerKernel(
        forward=(Call(look_up if part.integers[0] else find_nothing, *numbers),),
        parameter_gradients=(Call(add_up, "x:flat", "dy:rows", "gradient table"),) * part.integers[0],
        integers=True,
        reads_output=False,
        masks="ignored",
    )
