"""The network of the example ``conv/mnist``, and where every contender starts."""

from __future__ import annotations

import numpy as np

from benchmarks.data import CLASSES, Array

FILTERS = (24, 48)
KERNEL = 5
STRIDE = 2
UNITS = 128
BATCH = 64
EPOCHS = 3
RATE = 0.004
SIDE = 28

Parameters = dict[str, Array]


def initial_parameters(seed: int) -> Parameters:
    """Weights by Glorot's rule and zero biases: kernels ``(rows, columns, in, out)``, matrices ``(in, out)``."""
    rng = np.random.default_rng(seed)
    first, second = FILTERS
    side = ((SIDE - KERNEL) // STRIDE + 1 - KERNEL) // STRIDE + 1
    shapes = {
        "conv0": (KERNEL, KERNEL, 1, first),
        "conv1": (KERNEL, KERNEL, first, second),
        "dense0": (side * side * second, UNITS),
        "dense1": (UNITS, CLASSES),
    }
    found: Parameters = {}
    for name, shape in shapes.items():
        pixels = int(np.prod(shape[:-2]))
        bound = np.sqrt(6 / (pixels * (shape[-2] + shape[-1])))
        found[f"{name}.weight"] = rng.uniform(-bound, bound, shape).astype("float32")
        found[f"{name}.bias"] = np.zeros(shape[-1], "float32")
    return found


def order(seed: int, epoch: int, count: int) -> Array:
    """The order in which an epoch takes the examples."""
    return np.random.default_rng((seed, epoch)).permutation(count)
