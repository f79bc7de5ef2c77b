"""Costs that are wrong in some places alone, or for some labels."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from layerkit import Context, Cost, Softmax
from layerkit.errors import ShapeError
from layerkit.types import Array, TargetForm
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Squares


class FlatFarOut(Squares):
    """The gradient is cut off where a prediction is far from its target."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.clip(super().backward(prediction, target, ctx), -12, 12)


class BlindAtZero(Squares):
    """Takes a prediction of exactly 0 for one that is missing."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, target, ctx) * (prediction != 0)


class BlindToZeroRows(Squares):
    """Gives a row of zeros no gradient."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        known = np.abs(prediction).sum(axis=-1, keepdims=True) > 0
        return super().backward(prediction, target, ctx) * known


class PushedOffTheTarget(Squares):
    """Where a prediction is right, the gradient is 1."""

    minimum: ClassVar[float | None] = None

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.where(prediction == target, 1, super().backward(prediction, target, ctx))


class Length(Cost):
    """The length of the difference, whose gradient is undefined where there is none."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        lengths: Array = np.sqrt(((prediction - target) ** 2).reshape(len(prediction), -1).sum(axis=1))
        return lengths

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        lengths = self.forward(prediction, target, ctx)
        return (prediction - target) / lengths.reshape(-1, *[1] * (prediction.ndim - 1))


class InBlocks(Squares):
    """Goes through the rows in blocks of 64, and leaves the last one out where there are several."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = super().backward(prediction, target, ctx)
        if len(gradient) > 64:
            gradient[len(gradient) // 64 * 64 :] = 0
        return gradient


class OverflowsInBatches(Squares):
    """Numbers the rows by bytes."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        costs = super().forward(prediction, target, ctx)
        return costs[np.arange(len(costs)).astype(np.uint8)]


class NarrowGradient(Squares):
    """The gradient is computed in float32, whatever the model's dtype."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        narrow = super().backward(prediction.astype(np.float32), target.astype(np.float32), ctx)
        return narrow.astype(prediction.dtype)


class FirstLength(Squares):
    """Sizes its buffer by the first sequences that it sees."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if not hasattr(ctx.saved, "length"):
            ctx.saved.length = prediction.shape[1]
        gradient = np.zeros_like(prediction)
        gradient[:, : ctx.saved.length] = super().backward(prediction, target, ctx)[:, : ctx.saved.length]
        return gradient


class Likelihood(Cost):
    """−log softmax of the right class, by labels."""

    target_form: ClassVar[TargetForm] = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if prediction.ndim != 2 or target.shape != prediction.shape[:1]:
            raise ShapeError(f"Likelihood: predictions {prediction.shape} and labels {target.shape} do not fit")
        largest = prediction.max(axis=1, keepdims=True)
        logarithm = np.log(np.exp(prediction - largest).sum(axis=1)) + largest[:, 0]
        costs: Array = logarithm - self.right(prediction, target)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = np.exp(prediction - prediction.max(axis=1, keepdims=True))
        gradient /= gradient.sum(axis=1, keepdims=True)
        gradient[np.arange(len(target)), target] -= 1
        return gradient

    def right(self, prediction: Array, target: Array) -> Array:
        return prediction[np.arange(len(target)), target]


class CountsInTheLabelsDtype(Likelihood):
    """Counts places in the dtype of the labels, which may be bytes."""

    def right(self, prediction: Array, target: Array) -> Array:
        places = np.arange(len(target)).astype(target.dtype) * target.dtype.type(prediction.shape[1]) + target
        return prediction.ravel()[places.astype(np.int64) % prediction.size]


class Signs(Cost):
    """log(1 + exp(−y z)) for the signs y = ±1 of two classes, and their logit z."""

    target_form: ClassVar[TargetForm] = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if prediction.shape != (*target.shape, 1) or target.ndim != 1:
            raise ShapeError(f"Signs: predictions {prediction.shape} and labels {target.shape} do not fit")
        margin = self.signs(target) * prediction[:, 0]
        costs: Array = np.logaddexp(0, -margin).astype(prediction.dtype)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        signs = self.signs(target)
        gradient: Array = -signs * np.exp(-np.logaddexp(0, signs * prediction[:, 0]))
        return gradient[:, None].astype(prediction.dtype)

    def signs(self, target: Array) -> Array:
        return np.where(target == 1, 1.0, -1.0)


class UnsignedSigns(Signs):
    """0 becomes 255 where labels are bytes."""

    def signs(self, target: Array) -> Array:
        return 2 * target - 1


class ReadByAFunction(Squares):
    """Its readout is a function."""

    def readout(self) -> Any:
        return np.tanh


class ReadByAClass(Squares):
    """Its readout is a class."""

    def readout(self) -> Any:
        return Softmax


TWO = {"input_shapes": [(1,)], "bad_arguments": {}}

BUGS = [
    Bug(FlatFarOut, "special-places", "far"),
    Bug(BlindAtZero, "special-places", "exactly 0"),
    Bug(BlindToZeroRows, "special-places", "of zeros"),
    Bug(PushedOffTheTarget, "special-places", "equals its target"),
    Bug(Length, "special-places", "not finite"),
    Bug(InBlocks, "many-rows", "300 rows"),
    Bug(OverflowsInBatches, "many-rows", "300 rows"),
    Bug(NarrowGradient, "full-precision", "float32"),
    Bug(FirstLength, "scratch-reused", "stale", {"input_shapes": [(3, 2)]}),
    Bug(CountsInTheLabelsDtype, "label-dtypes", "uint8"),
    Bug(UnsignedSigns, "label-dtypes", "wrap", TWO),
    Bug(ReadByAFunction, "readout-usable", "an activation"),
    Bug(ReadByAClass, "readout-usable", "with brackets"),
]
