"""Sines and cosines that tell the steps of a sequence apart."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array, DType, Shape
from layerkit_sequence.masks import features_of


@final
class PositionalEncoding(Layer):
    """y = x + P, with P[t, 2i] = sin(t / baseʲ) and P[t, 2i + 1] = cos(t / baseʲ), where j = 2i / features.

    Nothing is learned. Shapes: x and y ``(batch, time, features)``, both axes of any length; t counts from 0, padding
    included. ∂x = δ.

    Args:
        base: the slowest wave has a length of about 2π · base steps; above 1.

    Source: Vaswani et al., *Attention is all you need*, NeurIPS 2017, section 3.5.
    """

    def __init__(self, *, base: float = 10_000.0) -> None:
        check_number(self, "base", base, above=1)
        self.base = base

    def build(self, input_shape: Shape) -> Shape:
        features_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        # the base is an argument, which may be assigned between two passes
        key = self.base, x.shape[1:]
        if getattr(ctx.saved, "key", None) != key:
            ctx.saved.table = self._table(x.shape[1], x.shape[2], x.dtype)
            ctx.saved.key = key
        return np.add(x, ctx.saved.table, out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad

    def _table(self, time: int, features: int, dtype: DType) -> Array:
        waves = -(-features // 2)
        angle = np.arange(time)[:, None] * self.base ** (-2.0 * np.arange(waves) / features)
        return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(time, 2 * waves)[:, :features].astype(dtype)
