"""Means and deviations, gathered batch by batch."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.types import Array, DType


@final
class Moments:
    """The weighted mean and standard deviation of each feature, which lie on the last axis; in float64 throughout.

    All is reckoned from the first batch's mean on, and the sums of each batch around its own: no digit is lost to
    features that are far from 0, and one pass over the data is enough.

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

    @property
    def mean(self) -> Array:
        """Σ w x / Σ w; 0 as long as nothing weighs anything."""
        return self._origin + self._mean

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
        mean = np.einsum("i,ij->j", each, rows) / weight
        rows -= mean
        squares = np.einsum("i,ij,ij->j", each, rows, rows)
        total = self.weight + weight
        apart = mean - self._mean
        self._mean = self._mean + apart * (weight / total)
        self._squares = self._squares + squares + apart**2 * (self.weight * weight / total)
        self.weight = total

    def deviation(self, dtype: DType) -> Array:
        """√(Σ w (x − mean)² / Σ w), to divide by: 1 where a feature is constant as far as ``dtype`` tells."""
        found = np.sqrt(self._squares / (self.weight or 1.0))
        kind = np.finfo(dtype)
        return np.where(found <= np.maximum(kind.eps * np.abs(self.mean), kind.tiny), 1.0, found)
