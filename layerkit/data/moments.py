"""Means and deviations, gathered batch by batch."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.types import Array, DType

_SMALLEST, _LARGEST = 1e-140, 1e140
"""Between these a number's square, and sums of many, are numbers of float64."""
_LEAST_EXPONENT = -1021


@final
class Moments:
    """The weighted mean and standard deviation of each feature, which lie on the last axis; in float64 throughout.

    All is reckoned from the first batch's mean on, and the sums of each batch around its own: no digit is lost to
    features that are far from 0, and one pass over the data is enough. Features so large or so small that their squares
    are no numbers are reckoned in a unit of their own, a power of 2, which changes no digit either.

    Source: Chan, Golub and LeVeque, *Updating formulae and a pairwise algorithm for computing sample variances*, 1979.

    >>> moments = Moments(2)
    >>> moments.add(np.array([[1.0, 5.0], [3.0, 5.0]]), np.ones(2))
    >>> moments.mean.tolist(), moments.deviation(np.dtype(float)).tolist()
    ([2.0, 5.0], [1.0, 1.0])
    """

    def __init__(self, features: int) -> None:
        self.weight = 0.0
        """What all that was added weighs."""
        self._origin: Array = np.zeros(features)
        self._mean: Array = np.zeros(features)
        self._squares: Array = np.zeros(features)
        self._unit: Array = np.zeros(features)
        """In which the two are, of each feature; 0 as long as nothing differs from the origin."""

    @property
    def mean(self) -> Array:
        """Σ w x / Σ w; 0 as long as nothing weighs anything."""
        return self._origin + self._mean * _unit(self._unit)

    def add(self, x: Array, weights: Array, mask: Array | None = None) -> None:
        """Add a batch ``(batch, …, features)``, whose rows weigh ``weights``, ``(batch,)``.

        ``mask``, with axes of length 1 as ``ctx.mask_over(x)`` gives it, says which positions count.
        """
        each = np.broadcast_to(weights.reshape(-1, *[1] * (x.ndim - 2)), x.shape[:-1])
        if mask is not None:
            each = each * mask[..., 0]
        each, rows = each.reshape(-1), x.reshape(-1, x.shape[-1]).astype(np.float64)
        weight = float(each.sum())
        if not weight:
            return
        # einsum, for the bits of BLAS's sums depend on how many threads it has
        if not self.weight:
            self._origin = np.einsum("i,ij->j", each, rows) / weight
        rows -= self._origin
        self._make_room(np.abs(rows).max(axis=0, initial=0))
        if (self._unit != 1).any():
            rows /= _unit(self._unit)
        mean = np.einsum("i,ij->j", each, rows) / weight
        rows -= mean
        squares = np.einsum("i,ij,ij->j", each, rows, rows)
        total = self.weight + weight
        apart = mean - self._mean
        self._mean = self._mean + apart * (weight / total)
        self._squares = self._squares + squares + apart**2 * (self.weight * weight / total)
        self.weight = total

    def _make_room(self, largest: Array) -> None:
        """Choose units for what is at most so far from the origin, and bring to them what was added before."""
        moderate = (largest > _SMALLEST) & (largest < _LARGEST)
        wanted = np.where(
            moderate | ~np.isfinite(largest), 1.0, np.ldexp(1.0, np.maximum(np.frexp(largest)[1], _LEAST_EXPONENT))
        )
        unit = np.maximum(self._unit, np.where(largest == 0, 0.0, wanted))
        if (unit != self._unit).any():
            smaller = np.where(self._unit == 0, 1.0, self._unit / _unit(unit))
            self._mean, self._squares, self._unit = self._mean * smaller, self._squares * smaller**2, unit

    @property
    def spread(self) -> Array:
        """√(Σ w (x − mean)² / Σ w), as it is."""
        return np.sqrt(self._squares / (self.weight or 1.0)) * _unit(self._unit)

    def deviation(self, dtype: DType) -> Array:
        """√(Σ w (x − mean)² / Σ w), to divide by: 1 where a feature is constant as far as ``dtype`` tells."""
        found = self.spread
        kind = np.finfo(dtype)
        return np.where(found <= np.maximum(kind.eps * np.abs(self.mean), kind.tiny), 1.0, found)


def _unit(unit: Array) -> Array:
    return np.where(unit == 0, 1.0, unit)
