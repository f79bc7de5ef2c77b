"""A learning rate that rises once and falls once."""

from __future__ import annotations

import math
from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class OneCycle(Schedule):
    """From peak / divide up to peak, then down to peak / (divide · final_divide), each along half a cosine.

    Args:
        peak: the highest learning rate, at least 0.
        length: how many units the whole cycle takes, at least 1; after it the rate stays the lowest.
        rise: the part of the length that the rise takes, 0 < rise < 1.
        divide: how many times lower than the peak the first rate is, at least 1.
        final_divide: how many times lower than the first rate the last one is, at least 1.
        unit: ``"epoch"`` or ``"step"``.

    Source: Smith and Topin, *Super-convergence: very fast training of neural networks using large learning rates*,
    2018.

    >>> OneCycle(0.1, length=10)
    OneCycle(0.1, length=10)
    """

    def __init__(
        self,
        peak: float,
        *,
        length: int,
        rise: float = 0.3,
        divide: float = 25.0,
        final_divide: float = 1e4,
        unit: Unit = "epoch",
    ) -> None:
        check_number(self, "peak", peak, minimum=0)
        check_integer(self, "length", length, minimum=1)
        check_number(self, "rise", rise, above=0, below=1)
        check_number(self, "divide", divide, minimum=1)
        check_number(self, "final_divide", final_divide, minimum=1)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.peak = peak
        self.length = length
        self.rise = rise
        self.divide = divide
        self.final_divide = final_divide
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        passed = elapsed(step, self.unit, ctx)
        top = self.rise * self.length
        first = self.peak / self.divide
        if passed <= top:
            return _eased(first, self.peak, passed / top)
        return _eased(self.peak, first / self.final_divide, min((passed - top) / (self.length - top), 1.0))


def _eased(start: float, end: float, part: float) -> float:
    """Half a cosine from ``start`` to ``end``."""
    return end + 0.5 * (start - end) * (1 + math.cos(math.pi * part))
