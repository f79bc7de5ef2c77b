"""A learning rate that falls in steps."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class StepDecay(Schedule):
    """initial · factor^⌊t / every⌋, with t in epochs or in steps.

    Args:
        initial: the first learning rate, at least 0.
        every: how many units each rate lasts, at least 1.
        factor: what it is multiplied by then, at least 0.
        unit: ``"epoch"`` or ``"step"``.
    """

    def __init__(self, initial: float, *, every: int, factor: float = 0.1, unit: Unit = "epoch") -> None:
        check_number(self, "initial", initial, minimum=0)
        check_integer(self, "every", every, minimum=1)
        check_number(self, "factor", factor, minimum=0)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.every = every
        self.factor = factor
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return float(self.initial * self.factor ** int(elapsed(step, self.unit, ctx) // self.every))
