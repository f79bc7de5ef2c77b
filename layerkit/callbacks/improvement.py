"""What counts as better, for callbacks that follow a measure."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

from layerkit.arguments import check_choice, check_instance, check_integer, check_number
from layerkit.interfaces.metric import lower_is_better

Mode: TypeAlias = Literal["auto", "lowest", "highest"]


def check_followed(owner: object, *, monitor: Any, patience: Any, minimum_change: Any, mode: Any) -> None:
    """Refuse arguments that follow no measure.

    Raises:
        ArgumentError: one is out of range.
    """
    check_instance(owner, "monitor", monitor, str)
    check_integer(owner, "patience", patience, minimum=1)
    check_number(owner, "minimum_change", minimum_change, minimum=0)
    check_choice(owner, "mode", mode, ("auto", "lowest", "highest"))


def is_new_best(value: float, best: float | None, *, monitor: str, mode: Mode, minimum_change: float) -> bool:
    """Whether ``value`` is better than ``best``, None before the first, by ``minimum_change`` at least.

    >>> is_new_best(0.2, 0.3, monitor="validation_cost", mode="auto", minimum_change=0.05)
    True
    """
    if not math.isfinite(value):
        return False
    if best is None:
        return True
    lowest = mode == "lowest" or (mode == "auto" and lower_is_better(monitor))
    gain = best - value if lowest else value - best
    return gain > 0 and gain >= minimum_change
