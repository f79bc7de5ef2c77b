"""Costs whose readout is not what a model can keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Context, Dense, Softmax
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Squares


class ReadsOutAFunction(Squares):
    """The readout is a function."""

    def readout(self) -> Any:
        return np.tanh


class ReadsOutAClass(Squares):
    """The readout is a class, without the brackets."""

    def readout(self) -> Any:
        return Softmax


class ReadsOutAName(Squares):
    """The readout is a name."""

    def readout(self) -> Any:
        return "softmax"


class ReadsOutALayer(Squares):
    """The readout is a dense layer, which is to be trained."""

    def readout(self) -> Any:
        return Dense(3)


class Halved(Activation):
    """The first half of the features, as if that were the same shape."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return x[..., : (x.shape[-1] + 1) // 2]

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class ReadsOutHalf(Squares):
    """The readout changes the shape."""

    def readout(self) -> Activation:
        return Halved()


class Stopping(Activation):
    """Raises at what a model gives."""

    def forward(self, x: Array, ctx: Context) -> Array:
        raise ValueError("probabilities must lie between 0 and 1")

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class ReadsOutAnError(Squares):
    """The readout refuses the predictions that the cost takes."""

    def readout(self) -> Activation:
        return Stopping()


BUGS = [
    Bug(ReadsOutAFunction, "readout-usable", "a function"),
    Bug(ReadsOutAClass, "readout-usable", "brackets"),
    Bug(ReadsOutAName, "readout-usable", "'softmax'"),
    Bug(ReadsOutALayer, "readout-usable", "Dense"),
    Bug(ReadsOutHalf, "readout-usable", "shape"),
    Bug(ReadsOutAnError, "readout-usable", "between 0 and 1"),
]
