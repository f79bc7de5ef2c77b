"""What costs share whose every output is a yes or no, with targets of 0 and 1."""

from __future__ import annotations

import numpy as np

from layerkit.costs.summed import refuse_targets
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.types import Array

_ROUNDING = 1e-6


def require_unit(cost: Cost, target: Array, ctx: Context, *, several: str) -> None:
    """Refuse targets that are neither 0 nor 1 nor between; ``several`` is the cost for classes that exclude each other.

    Raises:
        DataError: the message names the row.
    """
    wrong = (target < -_ROUNDING) | (target > 1 + _ROUNDING)
    _refuse(cost, wrong, target, ctx, "0 (no), 1 (yes) or a probability between", several)


def require_binary(cost: Cost, target: Array, ctx: Context, *, several: str) -> None:
    """Refuse targets that are neither 0 nor 1; ``several`` is the cost for classes that exclude each other.

    Raises:
        DataError: the message names the row.
    """
    _refuse(cost, (target != 0) & (target != 1), target, ctx, "0 (no) or 1 (yes)", several)


def _refuse(cost: Cost, wrong: Array, target: Array, ctx: Context, wanted: str, several: str) -> None:
    cure = (
        "write (y + 1) / 2 for targets of -1 and 1"
        if np.isin(target, (-1, 1)).all()
        else f"for more than two classes that exclude each other take {several} and one output a class, for numbers "
        "another cost, such as Quadratic"
    )
    refuse_targets(cost, wrong, target, ctx, wanted=wanted, cure=cure)
