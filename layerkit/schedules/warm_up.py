"""A rising beginning in front of any learning rate."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class WarmUp(Schedule):
    """From ``start`` times the first rate of ``then`` up to it, in a straight line over ``length``; after it, ``then``.

    ``then`` counts from the end of the warm-up on, so a schedule that falls over 20 epochs ends after length + 20.

    Args:
        then: what comes after the warm-up: a Schedule, or a number of at least 0.
        length: how many units the warm-up takes, at least 1.
        start: the part of the first rate to begin with, 0 ≤ start ≤ 1.
        unit: ``"epoch"`` or ``"step"``.

    Source: Goyal et al., *Accurate, large minibatch SGD*, 2017.

    >>> from layerkit import CosineDecay
    >>> WarmUp(CosineDecay(0.1, length=20), length=3)
    WarmUp(CosineDecay(0.1, length=20), length=3)
    """

    def __init__(self, then: float | Schedule, *, length: int, start: float = 0.0, unit: Unit = "epoch") -> None:
        if not isinstance(then, Schedule):
            check_number(self, "then", then, minimum=0)
        check_integer(self, "length", length, minimum=1)
        check_number(self, "start", start, minimum=0, maximum=1)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.then = then
        self.length = length
        self.start = start
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        passed = elapsed(step, self.unit, ctx) / self.length
        if passed < 1:
            return self._after(0, ctx) * (self.start + (1 - self.start) * passed)
        per_unit = 1 if self.unit == "step" else ctx.steps_per_epoch or 1
        return self._after(step - self.length * per_unit, ctx)

    def _after(self, step: int, ctx: UpdateContext) -> float:
        return self.then.rate(step, ctx) if isinstance(self.then, Schedule) else float(self.then)
