"""The distribution function of the normal distribution, which NumPy lacks."""

from __future__ import annotations

import numpy as np

from layerkit.constants import NORMAL_COEFFICIENTS, NORMAL_FURTHEST
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array

_SCALARS = {
    size: tuple(np.array(value, f"f{size}") for value in coefficients)
    for size, (_, coefficients) in NORMAL_COEFFICIENTS.items()
}


def normal_distribution(z: Array, scratch: Scratch, name: str) -> tuple[Array, Array]:
    """Φ(z) = ½ (1 + erf(z / √2)), and e^(−z²/2), as memory of ``scratch`` named ``name`` and ``name`` + "-density".

    Φ(−|z|) = e^(−z²/2) · s · p(2s − 1), with s = k / (|z| + k) and a polynomial p of degree 9 in float32 and 22 in
    float64, fitted by tests/reference/make_normal_distribution.py. The exponent is split in two, the larger part being
    exact, so that the left tail keeps its digits as well. Measured against 50 digits at 2,600 places, Φ is
    off by at most 6 units in the last place in both dtypes, and by 0.8 on average, wherever Φ is a normal number.

    Source of the form: Shepherd and Laframboise, *Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞*,
    Mathematics of Computation 36, 1981; of the split: Cody, *Rational Chebyshev approximations for the error function*,
    Mathematics of Computation 23, 1969.
    """
    size = z.dtype.itemsize
    scale = scratch.scalar("scale", NORMAL_COEFFICIENTS[size][0])
    first, *coefficients = _SCALARS[size]
    found, density = scratch(name, z.shape), scratch(f"{name}-density", z.shape)
    place, work = scratch("place", z.shape), scratch("work", z.shape)
    _gaussian(z, scratch, density, place, work)
    np.add(place, scale, out=place)
    np.divide(scale, place, out=place)
    np.multiply(density, place, out=work)
    np.add(place, place, out=place)
    np.subtract(place, scratch.scalar("one", 1.0), out=place)
    np.multiply(place, first, out=found)
    np.add(found, coefficients[0], out=found)
    for coefficient in coefficients[1:]:
        np.multiply(found, place, out=found)
        np.add(found, coefficient, out=found)
    np.multiply(found, work, out=found)
    # 1 − Φ(−z) for z above 0, where |1 − …| is that, and |0 − …| what there is already
    above = np.greater(z, scratch.scalar("zero", 0.0), out=scratch("above", z.shape, np.dtype(bool)))
    np.subtract(above, found, out=found)
    return np.absolute(found, out=found), density


def _gaussian(z: Array, scratch: Scratch, density: Array, place: Array, work: Array) -> None:
    """e^(−z²/2) into ``density``, and |z|, which ends where that is 0, into ``place``."""
    np.absolute(z, out=place)
    np.minimum(place, scratch.scalar("furthest", NORMAL_FURTHEST), out=place)
    # |z| in sixteenths, whose square is exact, and the rest of z²: (|z| − h) (|z| + h)
    np.multiply(place, scratch.scalar("sixteen", 16.0), out=work)
    np.rint(work, out=work)
    np.multiply(work, scratch.scalar("sixteenth", 1 / 16), out=work)
    np.subtract(place, work, out=density)
    rest = scratch("rest", z.shape)
    np.add(place, work, out=rest)
    np.multiply(density, rest, out=rest)
    np.multiply(rest, scratch.scalar("minus-half", -0.5), out=rest)
    np.exp(rest, out=rest)
    np.multiply(work, work, out=density)
    np.multiply(density, scratch.scalar("minus-half", -0.5), out=density)
    np.exp(density, out=density)
    np.multiply(density, rest, out=density)
