"""The schedule contract: the learning rate of each step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypeAlias

from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable

if TYPE_CHECKING:
    from layerkit.interfaces.update_context import UpdateContext

Unit: TypeAlias = Literal["step", "epoch"]


class Schedule(Configurable, ABC):
    """Step → learning rate, without a memory of its own."""

    @abstractmethod
    def rate(self, step: int, ctx: UpdateContext) -> float:
        """The learning rate of ``step``, counted from 0 over all of training; ``ctx`` knows the epoch's length."""


def elapsed(step: int, unit: Unit, ctx: UpdateContext) -> float:
    """For authors: how many units have passed at ``step``; epochs count in fractions.

    Raises:
        ArgumentError: epochs are asked for, and the epoch's length is unknown (a stream).
    """
    if unit == "step":
        return float(step)
    if ctx.steps_per_epoch is None:
        raise ArgumentError("a schedule in epochs needs data of known length; for a stream, use unit='step'")
    return step / ctx.steps_per_epoch
