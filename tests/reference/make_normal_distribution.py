"""Makes normal_distribution.npz: the normal distribution function to 50 digits, rounded; and fits its polynomials.

Run it in an environment of its own that has mpmath and NumPy: ``python tests/reference/make_normal_distribution.py``.
It prints the coefficients that stand in ``layerkit/activations/normal_distribution.py``; the test suite only reads the
file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

mpmath.mp.dps = 50
FORMS = {"float32": (4, 9, 14.5), "float64": (6, 22, 38.6)}
"""By dtype: k, the degree, and where the function ends to be a normal number."""


def fitted(k: Any, degree: int, furthest: float) -> list[float]:
    """The coefficients of p, that of the highest power first.

    e^(x²/2) Φ(−x) = s p(2s − 1), with s = k / (x + k), holds exactly at the Chebyshev nodes of 2s − 1, with x from 0
    to ``furthest``: near the best approximation by relative error, which is at most 1.3e-8 and 8.5e-18.
    """
    k, count = mpmath.mpf(k), degree + 1
    least = 2 * k / (furthest + k) - 1
    matrix, ones = mpmath.matrix(count, count), mpmath.matrix(count, 1)
    for row in range(count):
        node = mpmath.cos(mpmath.pi * (2 * row + 1) / (2 * count))
        t = (1 + least) / 2 + (1 - least) / 2 * node
        s = (t + 1) / 2
        x = k / s - k
        wanted = mpmath.exp(x * x / 2) * mpmath.ncdf(-x) / s
        ones[row] = 1
        for power in range(count):
            matrix[row, power] = t**power / wanted
    return [float(each) for each in list(mpmath.lu_solve(matrix, ones))[::-1]]


def main() -> None:
    for dtype, form in FORMS.items():
        sys.stdout.write(f"{dtype}: {fitted(*form)}\n")
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for dtype, (_, _, furthest) in FORMS.items():
        # where Φ is a normal number: its logarithm is above that of the smallest
        lowest = -13.0 if dtype == "float32" else -37.4
        drawn = rng.uniform(lowest, 9, 500), rng.normal(size=400), 1e-3 * rng.normal(size=50)
        z = np.concatenate([*drawn, [0, furthest]]).astype(dtype)
        found[f"{dtype}/z"] = z
        found[f"{dtype}/distribution"] = np.array([float(mpmath.ncdf(mpmath.mpf(float(each)))) for each in z])
        found[f"{dtype}/density"] = np.array([float(mpmath.exp(-(mpmath.mpf(float(each)) ** 2) / 2)) for each in z])
    np.savez_compressed(Path(__file__).with_name("normal_distribution.npz"), **found)


if __name__ == "__main__":
    main()
