"""Layers with a table of places that ends, for sequences that may have any length."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Layer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.layers_masked import steps_of

_MOST = 600


class Places(Layer):
    """y = x + sin of the place."""

    def build(self, input_shape: Shape) -> Shape:
        steps_of(self, input_shape)
        return input_shape

    def table(self, x: Array) -> Array:
        return np.sin(np.arange(x.shape[1]))[:, None].astype(x.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = x + self.table(x)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class TableOf512(Places):
    """The table has 512 places."""

    def table(self, x: Array) -> Array:
        return np.sin(np.arange(512))[: x.shape[1], None].astype(x.dtype)


class TableOfTheModule(Places):
    """The length of the table stands in the module, and what lies behind it is not finite."""

    def table(self, x: Array) -> Array:
        table = np.full((x.shape[1], 1), np.inf, x.dtype)
        table[:_MOST] = np.sin(np.arange(min(_MOST, x.shape[1])))[:, None]
        return table


class SaysItsLongest(Places):
    """Takes 512 steps at most, and says so."""

    def table(self, x: Array) -> Array:
        if x.shape[1] > 512:
            raise ShapeError(f"SaysItsLongest takes 512 steps at most, got {x.shape[1]}")
        return super().table(x)


_SEQUENCES: dict[str, Any] = {"input_shapes": [(None, 2)]}
SOUND: list[tuple[type, dict[str, Any]]] = [(Places, _SEQUENCES), (SaysItsLongest, _SEQUENCES)]
BUGS = [
    Bug(TableOf512, "long-sequences", "(1,513,2)", _SEQUENCES),
    Bug(TableOfTheModule, "long-sequences", "length of 601", _SEQUENCES),
]
