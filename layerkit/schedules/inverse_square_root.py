"""A learning rate that falls as one over a square root."""

from __future__ import annotations

import math
from typing import final

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class InverseSquareRoot(Schedule):
    """initial · √(after / max(t, after)), with t in steps or in epochs: constant up to ``after``, then falling.

    With ``WarmUp`` in front it is the schedule of the first transformers.

    Args:
        initial: the first learning rate, at least 0.
        after: for how many units it stays, at least 1.
        unit: ``"epoch"`` or ``"step"``.

    Source: Vaswani et al., *Attention is all you need*, NeurIPS 2017, section 5.3.

    >>> InverseSquareRoot(1e-3, after=400, unit="step")
    InverseSquareRoot(0.001, after=400, unit='step')
    """

    def __init__(self, initial: float, *, after: int, unit: Unit = "epoch") -> None:
        check_number(self, "initial", initial, minimum=0)
        check_integer(self, "after", after, minimum=1)
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.initial = initial
        self.after = after
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return self.initial * math.sqrt(self.after / max(elapsed(step, self.unit, ctx), self.after))
