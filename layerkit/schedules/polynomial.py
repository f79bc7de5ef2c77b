"""A learning rate that falls along a power."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class PolynomialDecay(Schedule):
    """final + (initial − final) (1 − t / length)ᵖ up to t = length, then final; t in epochs or in steps.

    Args:
        initial: the first learning rate, at least 0.
        length: how many units the fall takes, at least 1.
        final: the last learning rate, at least 0.
        power: p, above 0; 1, a straight line, unless said.
        unit: ``"epoch"`` or ``"step"``.

    >>> PolynomialDecay(0.1, length=20, power=2)
    PolynomialDecay(0.1, length=20, power=2)
    """

    def __init__(
        self, initial: float, *, length: int, final: float = 0.0, power: float = 1.0, unit: Unit = "epoch"
    ) -> None:
        check_number(self, "initial", initial, minimum=0)
        check_integer(self, "length", length, minimum=1)
        check_number(self, "final", final, minimum=0)
        check_number(self, "power", power, above=0)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.length = length
        self.final = final
        self.power = power
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        rest = 1 - min(elapsed(step, self.unit, ctx) / self.length, 1.0)
        return float(self.final + (self.initial - self.final) * rest**self.power)
