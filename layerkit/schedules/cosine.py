"""A learning rate that falls along a cosine."""

from __future__ import annotations

import math
from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class CosineDecay(Schedule):
    """final + ½ (initial − final) (1 + cos(π t / length)) up to t = length, then final; t in epochs or in steps.

    Args:
        initial: the first learning rate, at least 0.
        length: how many units the fall takes, at least 1.
        final: the last learning rate, at least 0.
        unit: ``"epoch"`` or ``"step"``.

    Source: Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, ICLR 2017.
    """

    def __init__(self, initial: float, *, length: int, final: float = 0.0, unit: Unit = "epoch") -> None:
        check_number(self, "initial", initial, minimum=0)
        check_integer(self, "length", length, minimum=1)
        check_number(self, "final", final, minimum=0)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.length = length
        self.final = final
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        part = min(elapsed(step, self.unit, ctx) / self.length, 1.0)
        rate = self.final + 0.5 * (self.initial - self.final) * (1 + math.cos(math.pi * part))
        # where one end is far smaller than the other, rounding would lead past it
        return min(max(rate, min(self.initial, self.final)), max(self.initial, self.final))
