"""Unstandardize: from standardised numbers back to a person's own units, where a model predicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def column_line(x: Any, y: Any, column: int, factor: float, offset: float) -> None:
    """One column times a factor, and a number."""
    for row in range(x.shape[0]):
        y[row, column] = x[row, column] * like(factor, y[row, column]) + like(offset, y[row, column])


@kernel("layerkit.activations.unstandardize:Unstandardize")
def _unstandardize(part: Part) -> LayerKernel:
    def lines(source: str, target: str, *numbers: Any) -> Iterator[Call]:
        columns = np.broadcast_arrays(np.zeros(part.input_shape[-1]), *numbers)[1:]
        for column, of_column in enumerate(zip(*columns, strict=True)):
            yield Call(column_line, f"{source}:rows", f"{target}:rows", column, *map(float, of_column))

    layer = part.layer
    return LayerKernel(
        forward=tuple(lines("x", "y", layer.deviation, layer.mean)),
        input_gradient=tuple(lines("dy", "dx", layer.deviation, 0.0)),
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
