"""Costs whose gradient is not theirs far from a target, at a jump, or for targets of one size."""

from __future__ import annotations

import numpy as np

from layerkit import Context, Cost
from layerkit.types import Array
from tests.testing.gallery.bug import Bug

_WIDTH = 6.0


class FlatterFarOut(Cost):
    """The sum of e²/2 up to a width, and of a logarithm beyond it."""

    beyond = _WIDTH**2 / 2

    def error(self, prediction: Array, target: Array) -> Array:
        self.require_same_shape(prediction, target)
        return np.asarray(prediction - target)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        size = np.abs(self.error(prediction, target))
        far = self.beyond + _WIDTH**2 * np.log(np.maximum(size, _WIDTH) / _WIDTH)
        each = np.where(size <= _WIDTH, size * size / 2, far).astype(prediction.dtype)
        costs: Array = each.reshape(len(each), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        error = self.error(prediction, target)
        size = np.maximum(np.abs(error), _WIDTH)
        return np.where(np.abs(error) <= _WIDTH, error, _WIDTH**2 * np.sign(error) / size).astype(prediction.dtype)


class JumpsAtTheWidth(FlatterFarOut):
    """The branch beyond begins lower than the other one ends."""

    beyond = _WIDTH**2 / 2 - 0.2


class SteeperInBetween(FlatterFarOut):
    """Between 11 and 15 from the target the gradient is too large."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        size = np.abs(self.error(prediction, target))
        between = (size > 11) & (size < 15)
        return super().backward(prediction, target, ctx) * np.where(between, 1.5, 1).astype(prediction.dtype)


class Relative(Cost):
    """The sum of e² / max(|t|, 0.01)."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        each = (prediction - target) ** 2 / np.maximum(np.abs(target), 0.01).astype(prediction.dtype)
        costs: Array = each.reshape(len(each), -1).sum(axis=1)
        return costs

    def sizes(self, target: Array) -> Array:
        return np.maximum(np.abs(target), 0.01)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return (2 * (prediction - target) / self.sizes(target)).astype(prediction.dtype)


class ForgetsSmallTargets(Relative):
    """Backward takes small targets for 0.05."""

    def sizes(self, target: Array) -> Array:
        return np.where(np.abs(target) < 0.05, 0.05, np.abs(target))


SOUND: tuple[tuple[type[Cost], dict[str, object]], ...] = ((FlatterFarOut, {}), (Relative, {}))

BUGS = [
    Bug(JumpsAtTheWidth, "gradient-adds-up", "the cost jumps by"),
    Bug(SteeperInBetween, "gradient-adds-up", "a branch of the gradient"),
    Bug(ForgetsSmallTargets, "special-places", "targets are 0, 0.01"),
]
