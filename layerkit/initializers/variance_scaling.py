"""First values whose variance follows the fans."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, final

import numpy as np

from layerkit.arguments import check_choice, check_number
from layerkit.initializers.truncated_normal import truncated_normal
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType

Mode: TypeAlias = Literal["fan_in", "fan_out", "fan_average"]
Distribution: TypeAlias = Literal["normal", "uniform", "truncated-normal"]


@final
class VarianceScaling(Initializer):
    """Mean 0 and variance scale / n, where n is fan_in, fan_out or their mean: the family of Glorot, He and LeCun.

    Args:
        scale: above 0.
        mode: ``"fan_in"``, ``"fan_out"`` or ``"fan_average"``.
        distribution: ``"normal"``, ``"uniform"``, or ``"truncated-normal"``, which is cut at two standard deviations
            and widened so that its variance is the same.

    Source: Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS
    2010.

    >>> VarianceScaling(2.0, distribution="uniform")
    VarianceScaling(scale=2.0, distribution='uniform')
    """

    def __init__(self, scale: float = 1.0, *, mode: Mode = "fan_in", distribution: Distribution = "normal") -> None:
        check_number(self, "scale", scale, above=0)
        check_choice(self, "mode", mode, ("fan_in", "fan_out", "fan_average"))
        check_choice(self, "distribution", distribution, ("normal", "uniform", "truncated-normal"))
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_average": (fan_in + fan_out) / 2}
        # a fan is 0 where an axis is: then there is nothing to draw
        deviation = math.sqrt(self.scale / max(fans[self.mode], 0.5))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * deviation
            return rng.uniform(-limit, limit, shape).astype(dtype)
        if self.distribution == "normal":
            return rng.normal(0.0, deviation, shape).astype(dtype)
        return truncated_normal(rng, shape, deviation=deviation).astype(dtype)
