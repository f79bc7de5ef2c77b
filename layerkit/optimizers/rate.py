"""The check that every optimizer makes of its learning rate."""

from __future__ import annotations

from layerkit.arguments import check_number
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule


def check_learning_rate(optimizer: Optimizer, learning_rate: float | Schedule) -> None:
    """Refuse anything but a Schedule or a finite number of at least 0."""
    if not isinstance(learning_rate, Schedule):
        check_number(optimizer, "learning_rate", learning_rate, minimum=0)
