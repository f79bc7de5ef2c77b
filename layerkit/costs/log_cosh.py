"""The log-cosh cost."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.costs.summed import SummedCost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class LogCosh(SummedCost):
    """C = Σⱼ log cosh(aⱼ − yⱼ), nearly ½ d² for small differences d and |d| − log 2 for large; ∂C/∂a = tanh(a − y).

    Like ``Huber`` with delta 1, and smooth. Computed as −½ log(1 − tanh² d) where |d| < 1, which keeps the digits of
    small costs, and elsewhere as |d| − log 2 + log(1 + e^−2|d|), which cannot overflow.

    Source: Green, *Bayesian reconstructions from emission tomography data using a modified EM algorithm*, IEEE
    Transactions on Medical Imaging 9, 1990.
    """

    minimum = 0.0

    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        shape = prediction.shape
        size, slope, near = scratch("size", shape), scratch("slope", shape), scratch("near", shape)
        np.subtract(prediction, target, out=size)
        np.tanh(size, out=slope)
        np.absolute(size, out=size)
        np.minimum(size, scratch.scalar("one", 1.0), out=near)
        np.tanh(near, out=near)
        np.multiply(near, near, out=near)
        np.log1p(np.negative(near, out=near), out=near)
        np.multiply(near, scratch.scalar("minus-half", -0.5), out=near)
        far = np.multiply(size, scratch.scalar("minus-two", -2.0), out=scratch("far", shape))
        np.log1p(np.exp(far, out=far), out=far)
        np.add(far, size, out=far)
        np.subtract(far, scratch.scalar("log-two", math.log(2)), out=far)
        small = np.less(size, scratch.scalar("one", 1.0), out=scratch("small", shape, np.dtype(bool)))
        np.copyto(far, near, where=small)
        return far

    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        return scratch("slope", prediction.shape)
