"""A learning rate that falls exponentially."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class ExponentialDecay(Schedule):
    """initial · factorᵗ, with t in epochs or in steps; it falls within an epoch too.

    Args:
        initial: the first learning rate, at least 0.
        factor: what it is multiplied by in each unit, at least 0.
        unit: ``"epoch"`` or ``"step"``.

    >>> ExponentialDecay(0.1, factor=0.9)
    ExponentialDecay(0.1, factor=0.9)
    """

    def __init__(self, initial: float, *, factor: float, unit: Unit = "epoch") -> None:
        check_number(self, "initial", initial, minimum=0)
        check_number(self, "factor", factor, minimum=0)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.factor = factor
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return float(self.initial * self.factor ** elapsed(step, self.unit, ctx))
