"""A factor or a number for each column."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.batch_normalization import column_products, column_sums
from layerkit_numba.kernels.row_normalizations import scaled


@compiled
def shifted(x: Any, bias: Any, y: Any) -> None:
    """Each column and its number."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] + bias[column]


@kernel("layerkit.layers.scale:Scale")
def _scale(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(scaled, "x:rows", "factor", "y:rows"),),
        parameter_gradients=(Call(column_products, "dy:rows", "x:rows", "gradient factor"),),
        input_gradient=(Call(scaled, "dy:rows", "factor", "dx:rows"),),
        reads_output=False,
        masks="ignored",
    )


@kernel("layerkit.layers.bias:Bias")
def _bias(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(shifted, "x:rows", "bias", "y:rows"),),
        parameter_gradients=(Call(column_sums, "dy:rows", "gradient bias"),),
        same={"dx": "dy"},
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
