"""Costs of which two outputs answer each number of a target."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Cost
from layerkit.errors import ShapeError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug


class Spread(Cost):
    """Σ (e² + (s − |t|)²) / 2, with e the error of a number's first output, and s its second."""

    @property
    def outputs_per_target(self) -> int:
        return 2

    def columns(self, value: Array) -> tuple[Array, Array]:
        return value[..., 0::2], value[..., 1::2]

    def errors(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        if prediction.shape[-1] % 2:
            raise ShapeError(f"Spread wants two outputs for each number, got {prediction.shape}")
        wanted = target.copy()
        middle, spread = self.columns(wanted)
        spread[...] = np.abs(middle)
        mask = ctx.mask_over(prediction)
        return prediction - wanted if mask is None else np.where(mask, prediction - wanted, 0)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        each = self.errors(prediction, target, ctx) ** 2 / 2
        costs: Array = each.reshape(len(each), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return self.errors(prediction, target, ctx)


class Halved(Spread):
    """Takes the first half of the outputs for the middles, and the second for the spreads."""

    def columns(self, value: Array) -> tuple[Array, Array]:
        half = value.shape[-1] // 2
        return value[..., :half], value[..., half:]


class FirstNumberAlone(Spread):
    """Compares all outputs with the first number."""

    def errors(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().errors(prediction, np.broadcast_to(target[..., :1], target.shape), ctx)


class Sides(Spread):
    """Σ w e², w being ¼ or ¾ by the sign of e, the other way round for the second output of each number."""

    def levels(self, numbers: int) -> Array:
        return np.tile([0.25, 0.75], numbers)

    def errors(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        mask = ctx.mask_over(prediction)
        error = prediction - target
        level = self.levels(error.shape[-1] // 2).astype(error.dtype)
        weighted = error * np.sqrt(np.where(error > 0, 1 - level, level))
        return weighted if mask is None else np.where(mask, weighted, 0)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        error = self.errors(prediction, target, ctx)
        level = self.levels(error.shape[-1] // 2).astype(error.dtype)
        below: Array = error * np.sqrt(np.where(error > 0, 1 - level, level))
        return below


class RepeatedLevels(Sides):
    """Has the levels of the first numbers' outputs, then those of the last ones'."""

    def levels(self, numbers: int) -> Array:
        return np.repeat([0.25, 0.75], numbers)


_PAIRS: dict[str, Any] = {"input_shapes": [(4,), (3, 2)]}
SOUND: list[tuple[type, dict[str, Any]]] = [(Spread, _PAIRS), (Sides, _PAIRS)]
BUGS = [
    Bug(Halved, "every-target-counts", "in halves", _PAIRS),
    Bug(FirstNumberAlone, "every-target-counts", "number 2", _PAIRS),
    Bug(RepeatedLevels, "every-target-counts", "np.tile", _PAIRS),
]
