"""The hinge cost of classes that exclude each other."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.costs.class_rows import added_up, counted
from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array


@final
class CategoricalHinge(Cost):
    """C = max(0, 1 + max_{j≠y} zⱼ − z_y), the last axis being the classes: the right score leads by 1, or it costs.

    Where it costs, ∂C/∂z is −1 for the right class and 1 for its strongest rival, the first among equals; else 0. There
    is no readout: ``predict`` gives the scores, the class is that of the largest. Targets are integers ``(n,)`` or
    one-hot rows, others being refused; other axes, such as time, are summed over, without the positions that a mask
    leaves out.

    Source: Crammer and Singer, *On the algorithmic implementation of multiclass kernel-based vector machines*, Journal
    of Machine Learning Research 2, 2001.
    """

    recordable = True
    of_classes = True

    def check_target(self, target: Array, ctx: Context) -> None:
        _require_classes(target)
        wrong = ((target != 0) & (target != 1)).any(axis=-1) | (target.sum(axis=-1) != 1)
        mask = ctx.mask_over(target)
        if mask is not None:
            wrong &= mask[..., 0]
        if wrong.any():
            place = tuple(map(int, np.argwhere(wrong)[0]))
            position = f", position {', '.join(map(str, place[1:]))}" if place[1:] else ""
            raise DataError(
                "CategoricalHinge: targets must be integer labels (n,) or rows of 0 with a single 1, but row "
                f"{place[0]}{position} holds {target[place].tolist()}: for several labels of one example take Hinge, "
                "for probabilities CrossEntropy"
            )

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        _require_classes(prediction)
        rivals = np.where(target > 0, -np.inf, prediction)
        strongest = ctx.saved.strongest = rivals.argmax(axis=-1)
        right = np.multiply(prediction, target, out=ctx.scratch("right", prediction.shape)).sum(axis=-1)
        best = np.take_along_axis(rivals, strongest[..., None], axis=-1)[..., 0]
        short = ctx.saved.short = np.maximum(best - right + 1, 0).astype(prediction.dtype)
        return added_up(short, ctx, prediction)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = ctx.scratch("gradient", prediction.shape)
        classes = np.arange(prediction.shape[-1])
        np.subtract(ctx.saved.strongest[..., None] == classes, target, out=gradient)
        return counted(np.multiply(gradient, (ctx.saved.short > 0)[..., None], out=gradient), ctx)


def _require_classes(array: Array) -> None:
    if array.shape[-1] < 2:
        raise ShapeError(
            f"CategoricalHinge: predictions or targets are {array.shape}, and a class needs a rival. Give the last "
            "layer one output a class, or take Hinge, which has one output for two"
        )
