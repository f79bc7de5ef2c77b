"""A module that stands beside a component's own, and helps it badly."""

from __future__ import annotations

import numpy as np

from layerkit.types import Array


def doubled(x: Array) -> Array:
    return np.concatenate([x, x[:, :1]], axis=1) * x
