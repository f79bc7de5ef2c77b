"""What costs share that are one function of prediction and target, added up over all places of an example."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


class SummedCost(Cost):
    """C = Σⱼ f(aⱼ, yⱼ), over outputs and other axes, such as time, without the positions that a mask leaves out.

    Both methods work in memory from ``scratch``, by operations that do not depend on the numbers. What ``terms`` leaves
    there by name, ``slopes`` may use: it is called after it, for the same arrays.
    """

    recordable = True

    @abstractmethod
    def terms(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        """f(a, y) at each place, as memory of ``scratch`` that may be overwritten."""

    @abstractmethod
    def slopes(self, prediction: Array, target: Array, scratch: Scratch) -> Array:
        """∂f/∂a at each place, as memory of ``scratch`` that may be overwritten."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        terms = self.terms(prediction, target, ctx.scratch)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            np.multiply(terms, mask, out=terms)
        rows = terms.reshape(terms.shape[0], -1)
        return rows.dot(ctx.scratch.ones(rows.shape[1]))

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = self.slopes(prediction, target, ctx.scratch)
        mask = ctx.mask_over(prediction)
        return gradient if mask is None else np.multiply(gradient, mask, out=gradient)


def refuse_targets(cost: Cost, wrong: Array, target: Array, ctx: Context, *, wanted: str, cure: str) -> None:
    """Refuse the first place that counts where ``wrong``, shaped like ``target``, is true.

    Raises:
        DataError: the message names the row, what it holds, what is ``wanted``, and the ``cure``.
    """
    mask = ctx.mask_over(target)
    if mask is not None:
        wrong = wrong & mask
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        where = f"row {place[0]}" + (f", place {', '.join(map(str, place[1:]))}" if target[0].size > 1 else "")
        raise DataError(f"{type(cost).__name__}: targets must be {wanted}, but {where} holds {target[place]}: {cure}")
