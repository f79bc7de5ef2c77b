"""The kernels of layerkit's own components, one module a family; importing this announces them all."""

from layerkit_numba.kernels import (
    activations,
    adaptive,
    batch_normalization,
    containers,
    dense,
    dropout,
    optimizers,
    piecewise,
    rescale,
    residual,
    row_costs,
    smooth,
    softmax,
    standardize,
    summed_costs,
    transforms,
)

__all__ = [
    "activations",
    "adaptive",
    "batch_normalization",
    "containers",
    "dense",
    "dropout",
    "optimizers",
    "piecewise",
    "rescale",
    "residual",
    "row_costs",
    "smooth",
    "softmax",
    "standardize",
    "summed_costs",
    "transforms",
]
