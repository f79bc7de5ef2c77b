"""The kernels of layerkit's own components, one module a family; importing this announces them all."""

from layerkit_numba.kernels import (
    activations,
    batch_normalization,
    containers,
    costs,
    dense,
    dropout,
    optimizers,
    rescale,
    residual,
    softmax,
    standardize,
    transforms,
)

__all__ = [
    "activations",
    "batch_normalization",
    "containers",
    "costs",
    "dense",
    "dropout",
    "optimizers",
    "rescale",
    "residual",
    "softmax",
    "standardize",
    "transforms",
]
