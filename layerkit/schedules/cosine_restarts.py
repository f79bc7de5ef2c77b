"""A learning rate that falls along a cosine again and again."""

from __future__ import annotations

import math
from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class CosineRestarts(Schedule):
    """final + ½ (initial − final) (1 + cos(π t / p)), with t counted anew in each period; periods grow by ``growth``.

    Args:
        initial: the learning rate at each restart, at least 0.
        period: p of the first period in units, at least 1.
        growth: how many times longer each period is than the one before, at least 1.
        final: the learning rate at the end of a period, at least 0.
        unit: ``"epoch"`` or ``"step"``.

    Source: Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, ICLR 2017.

    >>> CosineRestarts(0.1, period=5, growth=2)
    CosineRestarts(0.1, period=5, growth=2)
    """

    def __init__(
        self, initial: float, *, period: int, growth: int = 1, final: float = 0.0, unit: Unit = "epoch"
    ) -> None:
        check_number(self, "initial", initial, minimum=0)
        check_integer(self, "period", period, minimum=1)
        check_integer(self, "growth", growth, minimum=1)
        check_number(self, "final", final, minimum=0)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.period = period
        self.growth = growth
        self.final = final
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        passed, period = elapsed(step, self.unit, ctx), float(self.period)
        if self.growth == 1:
            passed %= period
        while passed >= period:
            passed -= period
            period *= self.growth
        return self.final + 0.5 * (self.initial - self.final) * (1 + math.cos(math.pi * passed / period))
