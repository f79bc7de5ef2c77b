"""One learning rate for all of training."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_number
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext


@final
class ConstantRate(Schedule):
    """The same learning rate at every step; a plain number does the same.

    Args:
        value: the learning rate, at least 0.
    """

    def __init__(self, value: float) -> None:
        check_number(self, "value", value, minimum=0)
        self.value = value

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return self.value
