"""The learning rate that makes a short last batch count as the assignment wants it."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext


@final
class NominalRate(Schedule):
    """``eta``; at the last step of an epoch, eta · last / size, for ``last`` rows in a batch of nominal ``size``.

    The trainer divides a batch's summed gradient by the rows that it has, the assignment by the nominal size: this is
    the factor between them.
    """

    def __init__(self, eta: float, *, size: int, last: int) -> None:
        self.eta = eta
        self.size = size
        self.last = last

    def rate(self, step: int, ctx: UpdateContext) -> float:
        assert ctx.steps_per_epoch is not None
        at_end = (step + 1) % ctx.steps_per_epoch == 0
        return self.eta * (self.last / self.size) if at_end else self.eta
