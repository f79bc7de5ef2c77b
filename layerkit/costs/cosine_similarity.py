"""The cosine cost."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.costs.class_rows import added_up, counted
from layerkit.costs.summed import refuse_targets
from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class CosineSimilarity(Cost):
    """C = 1 − cos(a, y), with cos(a, y) = Σⱼ aⱼ yⱼ / (|a| |y|) over the last axis: 0 where both point one way.

    It is at most 2. ∂C/∂a = (cos(a, y) a / |a| − y / |y|) / |a|: lengths do not count, so the gradient turns a and
    never stretches it. A prediction of zeros has no direction: it costs 1, without a gradient. A target of zeros is
    refused before the first step. Other axes, such as time, are summed over, without the positions that a mask leaves
    out.

    Source: Salton, Wong and Yang, *A vector space model for automatic indexing*, Communications of the ACM 18, 1975.
    """

    recordable = True
    minimum = 0.0

    def check_target(self, target: Array, ctx: Context) -> None:
        _require_direction(target)
        wrong = np.broadcast_to((target == 0).all(axis=-1, keepdims=True), target.shape)
        cure = "leave such rows out, or take another cost, such as Quadratic"
        refuse_targets(self, wrong, target, ctx, wanted="rows with a direction, not of zeros alone", cure=cure)

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        _require_direction(prediction)
        saved = ctx.saved
        saved.own, saved.length = _direction(prediction, ctx.scratch, "own")
        saved.wanted, _ = _direction(target, ctx.scratch, "wanted")
        product = np.multiply(saved.own, saved.wanted, out=ctx.scratch("product", prediction.shape))
        saved.cosine = product.sum(axis=-1)
        return added_up(1 - saved.cosine, ctx, prediction)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        saved = ctx.saved
        gradient = np.multiply(saved.own, saved.cosine[..., None], out=ctx.scratch("gradient", prediction.shape))
        np.subtract(gradient, saved.wanted, out=gradient)
        np.divide(gradient, saved.length, out=gradient)
        # none where there is no direction
        np.multiply(gradient, (saved.own != 0).any(axis=-1, keepdims=True), out=gradient)
        return counted(gradient, ctx)


def _direction(x: Array, scratch: Scratch, name: str) -> tuple[Array, Array]:
    """x / |x| over the last axis, zeros where x is 0, and |x|, ``(…, 1)``."""
    unit, squares = scratch(name, x.shape), scratch("squares", x.shape)
    tiny = scratch.scalar("tiny", float(np.finfo(x.dtype).tiny))
    # divided by the largest first, whose square may be more than there is
    largest = np.maximum(np.absolute(x, out=squares).max(axis=-1, keepdims=True), tiny)
    np.divide(x, largest, out=unit)
    length = np.sqrt(np.maximum(np.multiply(unit, unit, out=squares).sum(axis=-1, keepdims=True), tiny))
    np.divide(unit, length, out=unit)
    return unit, np.maximum(length * largest, tiny)


def _require_direction(array: Array) -> None:
    if array.shape[-1] < 2:
        raise ShapeError(
            f"CosineSimilarity: predictions or targets are {array.shape}, and a single number has no direction but its "
            "sign: give the network more outputs, or take another cost, such as Quadratic"
        )
