"""A learning rate that is told for each stretch of training."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import final

from layerkit.arguments import check_choice, check_integer, check_number, shown
from layerkit.errors import ArgumentError
from layerkit.interfaces.schedule import Schedule, Unit, elapsed
from layerkit.interfaces.update_context import UpdateContext


@final
class Piecewise(Schedule):
    """rates[0] up to boundaries[0], rates[1] from there up to boundaries[1], and so on; t in epochs or in steps.

    Args:
        rates: the learning rates, each at least 0: one more than there are boundaries.
        boundaries: from where on the next rate holds, each above the one before, at least 1.
        unit: ``"epoch"`` or ``"step"``.

    >>> Piecewise([0.1, 0.01, 0.001], boundaries=[10, 15])
    Piecewise([0.1, 0.01, 0.001], boundaries=[10, 15])
    """

    def __init__(self, rates: Sequence[float], *, boundaries: Sequence[int], unit: Unit = "epoch") -> None:
        for name, given in (("rates", rates), ("boundaries", boundaries)):
            if not isinstance(given, (list, tuple)):
                raise ArgumentError(f"Piecewise: {name} must be a list or tuple of numbers, got {shown(given)}")
        for rate in rates:
            check_number(self, "rates", rate, minimum=0)
        for boundary in boundaries:
            check_integer(self, "boundaries", boundary, minimum=1)
        if len(rates) != len(boundaries) + 1:
            raise ArgumentError(
                f"Piecewise: rates must be one more than boundaries, got {len(rates)} rates and {len(boundaries)} "
                "boundaries"
            )
        if any(later <= earlier for earlier, later in pairwise(boundaries)):
            raise ArgumentError(f"Piecewise: boundaries must rise, got {shown(boundaries)}")
        check_choice(self, "unit", unit, ("epoch", "step"))
        self.rates = rates
        self.boundaries = boundaries
        self.unit = unit

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return float(self.rates[bisect_right(self.boundaries, elapsed(step, self.unit, ctx))])
