"""Orthogonal first values."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from layerkit import Initializer
from layerkit.arguments import check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, DType


@final
class Orthogonal(Initializer):
    """Orthogonal blocks side by side, times ``gain``: W = gain · [Q₁ Q₂ …], each Qᵢᵀ Qᵢ = 1.

    A matrix ``(rows, columns)`` is cut into blocks of ``rows`` columns, one for each gate of a recurrent layer; the
    last may be narrower. Each block keeps the length of what is multiplied by it, so a signal neither grows nor fades
    over many steps. The variance is gain² / rows.

    Args:
        gain: the length that a vector of length 1 gets, above 0.

    Raises:
        ShapeError: the array has other than two axes.

    Source: Saxe, McClelland and Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks*, ICLR 2014.
    """

    conformance_cases: ClassVar[tuple[dict[str, Any], ...]] = (
        {"bad_arguments": {"gain": [0, -1]}, "variance": lambda fan_in, fan_out: 1 / fan_in},
    )

    def __init__(self, gain: float = 1.0) -> None:
        check_number(self, "gain", gain, above=0)
        self.gain = gain

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        if len(shape) != 2:
            raise ShapeError(f"Orthogonal: takes arrays of two axes, got the shape {shape}")
        rows, columns = shape
        blocks = [self._block(rows, rng) for _ in range(-(-columns // max(rows, 1)))]
        if not blocks:
            return np.empty(shape, dtype)
        return (self.gain * np.concatenate(blocks, axis=1)[:, :columns]).astype(dtype)

    @staticmethod
    def _block(rows: int, rng: np.random.Generator) -> Array:
        q, r = np.linalg.qr(rng.standard_normal((rows, rows)))
        # with the signs of r's diagonal every orthogonal matrix is as likely as any other
        block: Array = q * np.copysign(1.0, np.diagonal(r))
        return block
