"""Costs and metrics that let in what a mask leaves out."""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.numbers import Distance
from tests.testing.gallery.sound import Squares


class Padded(Squares):
    """The sum of squared differences over the positions that count."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        squares: Array = self.counted((prediction - target) ** 2, ctx)
        return squares.reshape(len(prediction), -1).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return self.counted(2 * (prediction - target), ctx)

    def counted(self, values: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(values)
        return values if mask is None else values * mask


class ForwardOnly(Padded):
    """The gradient does not know of the mask."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (prediction - target)


class BackwardOnly(Padded):
    """The cost does not know of the mask."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return Squares.forward(self, prediction, target, ctx)


class MeanOverAll(Padded):
    """The mean over time is taken over what is left out, too."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, target, ctx) / (1 if prediction.ndim < 3 else prediction.shape[1])

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, target, ctx) / (1 if prediction.ndim < 3 else prediction.shape[1])


class ByLength(Padded):
    """Takes as many positions from the beginning as the mask counts, wherever these are."""

    def counted(self, values: Array, ctx: Context) -> Array:
        if ctx.mask_over(values) is None:
            return values
        assert ctx.mask is not None
        within = np.arange(values.shape[1]) < ctx.mask.sum(axis=1, keepdims=True)
        return values * within.reshape(*within.shape, *[1] * (values.ndim - 2))


class FirstRowsMask(Padded):
    """Takes the first row's mask for that of all rows."""

    def counted(self, values: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(values)
        return values if mask is None else values * mask[:1]


class KeepsTheMask(Padded):
    """Goes on with the mask of an earlier pass where there is none."""

    def counted(self, values: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(values)
        if mask is None:
            mask = getattr(ctx.saved, "mask", None)
        ctx.saved.mask = mask
        return values if mask is None or mask.shape[:2] != values.shape[:2] else values * mask


class PerCountedPosition(Padded):
    """Divides by all positions of the batch that count."""

    def counted(self, values: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(values)
        return values if mask is None else values * mask / mask.mean()


class WithoutTheLastAxis(Padded):
    """Multiplies by the mask as it is, which does not fit."""

    def counted(self, values: Array, ctx: Context) -> Array:
        return values if ctx.mask is None or values.ndim < 3 else values * ctx.mask


class RefusesPadding(Padded):
    """Refuses targets of zeros, also where nothing counts."""

    def check_target(self, target: Array, ctx: Context) -> None:
        if (np.abs(target).sum(axis=-1) == 0).any():
            raise DataError("RefusesPadding: a target must not be 0")


class Steps(Distance):
    """The mean distance over the positions that count."""

    name = "steps"

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Steps: {prediction.shape} and {target.shape} differ")
        counts = self.counts(prediction, weights, ctx)
        totals += [(self.distances(prediction, target) * counts).sum(), counts.sum()]

    def distances(self, prediction: Array, target: Array) -> Array:
        return np.abs(prediction - target)

    def counts(self, prediction: Array, weights: Array, ctx: Context) -> Array:
        counts = weights.reshape(-1, *[1] * (prediction.ndim - 1)) * np.ones(prediction.shape)
        mask = ctx.mask_over(prediction)
        return counts if mask is None else counts * mask


class CountsWhatIsLeftOut(Steps):
    """What is left out counts in the denominator."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        counted = totals[1]
        super().update(totals, prediction, target, weights, ctx)
        totals[1] = counted + weights.sum() * prediction[0].size


class PaddingIsRight(Distance):
    """What is left out counts as a distance of 0."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        mask = ctx.mask_over(prediction)
        right = prediction if mask is None else np.where(mask, prediction, target)
        super().update(totals, right, target, weights, ctx)


class MaskForWeights(Steps):
    """Forgets the weights where there is a mask."""

    def counts(self, distances: Array, weights: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(distances)
        return super().counts(distances, weights if mask is None else np.ones(len(distances)), ctx)


class AgainstTheLargest(Steps):
    """Measures by the largest target of an example, which may stand where nothing counts."""

    def distances(self, prediction: Array, target: Array) -> Array:
        axes = tuple(range(1, target.ndim))
        return super().distances(prediction, target) / np.abs(target).max(axis=axes, keepdims=True)


TIME = {"input_shapes": [(4, 2)]}

BUGS = [
    Bug(ForwardOnly, "masked-positions", "gradient", TIME),
    Bug(BackwardOnly, "masked-positions", "in forward", TIME),
    Bug(MeanOverAll, "masked-positions", "alone", TIME),
    Bug(ByLength, "masked-positions", "mask_over", TIME),
    Bug(FirstRowsMask, "masked-positions", "mask_over", TIME),
    Bug(KeepsTheMask, "masked-positions", "earlier pass", TIME),
    Bug(PerCountedPosition, "masked-positions", "batch", TIME),
    Bug(WithoutTheLastAxis, "masked-positions", "mask_over", TIME),
    Bug(RefusesPadding, "masked-positions", "check_target", TIME),
    # also where the case says nothing of time: the kit tries
    Bug(ForwardOnly, "masked-positions", "gradient"),
    Bug(CountsWhatIsLeftOut, "masked-positions", "alone", TIME),
    Bug(PaddingIsRight, "masked-positions", "alone", TIME),
    Bug(MaskForWeights, "masked-positions", "weights", TIME),
    Bug(AgainstTheLargest, "masked-positions", "hold", TIME),
]
