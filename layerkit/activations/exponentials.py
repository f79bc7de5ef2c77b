"""Functions made of e^z, in forms that neither overflow nor lose digits, and that are as fast in float32 as exp is.

NumPy's expm1 and log1p take some 30 times as long as its exp in float32, so those of a few operations stand here.
"""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array

_TINY = 1e-30
"""Too small to change what it is added to, unless that is 0."""


def logistic(z: Array, scratch: Scratch, name: str) -> Array:
    """σ(z) = 1 / (1 + e⁻ᶻ), as ``scratch(name, z.shape)``, with full relative precision; never below e⁻⁸⁷ or e⁻⁷⁰⁸."""
    lowest = scratch.scalar("lowest", -87.0 if scratch.dtype.itemsize == 4 else -708.0)
    one = scratch.scalar("one", 1.0)
    out = scratch(name, z.shape)
    np.maximum(z, lowest, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.add(out, one, out=out)
    return np.divide(one, out, out=out)


def exponential_minus_one(z: Array, scratch: Scratch, name: str) -> Array:
    """eᶻ − 1 for z ≤ 0, as ``scratch(name, z.shape)``, with full relative precision: 2t / (1 − t), t = tanh(z/2)."""
    out, rest = scratch(name, z.shape), scratch("rest", z.shape)
    np.multiply(z, scratch.scalar("half", 0.5), out=out)
    np.tanh(out, out=out)
    np.subtract(scratch.scalar("one", 1.0), out, out=rest)
    np.add(out, out, out=out)
    return np.divide(out, rest, out=out)


def logarithm_of_one_plus(u: Array, scratch: Scratch, name: str) -> Array:
    """log(1 + u) for u from 0 to 1, as ``scratch(name, u.shape)``, with full relative precision.

    With w = 1 + u as it is rounded, log(w) is off by as much as w − 1 is, so that log(1 + u) = u · log(w) / (w − 1).

    Source: Kahan, quoted by Goldberg, *What every computer scientist should know about floating-point arithmetic*,
    ACM Computing Surveys 23, 1991, theorem 4.
    """
    out, rest = scratch(name, u.shape), scratch("rest", u.shape)
    one, tiny = scratch.scalar("one", 1.0), scratch.scalar("tiny", _TINY)
    np.add(u, one, out=rest)
    np.log(rest, out=out)
    np.subtract(rest, one, out=rest)
    # both are 0 where 1 + u is rounded to 1, and their quotient then stands for 1
    np.add(out, tiny, out=out)
    np.add(rest, tiny, out=rest)
    np.divide(out, rest, out=out)
    return np.multiply(out, u, out=out)
