"""Orthogonal first values."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Orthogonal(Initializer):
    """Orthogonal blocks side by side, times ``gain``: W = gain · [Q₁ Q₂ …], each Qᵢᵀ Qᵢ = 1.

    An array of ``(…, columns)`` is a matrix of all its other axes' places as rows. It is cut into blocks of as many
    columns as there are rows, one for each gate of a recurrent layer; the last may be narrower. A square block keeps
    the length of what is multiplied by it, so a signal neither grows nor fades over many steps.

    Args:
        gain: the length that a vector of length 1 gets, above 0.

    Source: Saxe, McClelland and Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks*, ICLR 2014.
    """

    def __init__(self, gain: float = 1.0) -> None:
        check_number(self, "gain", gain, above=0)
        self.gain = gain

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        columns = shape[-1] if shape else 1
        rows = math.prod(shape[:-1])
        if rows == 0 or columns == 0:
            return np.empty(shape, dtype)
        width = min(rows, columns)
        q, r = np.linalg.qr(rng.standard_normal((-(-columns // width), rows, width)))
        # with the signs of r's diagonal every orthogonal matrix is as likely as any other
        blocks = q * np.copysign(self.gain, np.diagonal(r, axis1=1, axis2=2))[:, None, :]
        matrix = np.concatenate(list(blocks), axis=1)[:, :columns]
        return matrix.reshape(shape).astype(dtype)
