"""The plain parameters of an estimator, judged when it is fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np

from layerkit.arguments import check_boolean, check_choice, check_integer, check_number
from layerkit.errors import ArgumentError
from layerkit.interfaces.optimizer import Optimizer

AUTO = "auto"
_ROWS = 200
_FLAGS = ("shuffle", "verbose", "warm_start", "early_stopping", "standardize")


@final
@dataclass(frozen=True)
class Settings:
    """What is left of the plain parameters once they are checked: numbers and booleans."""

    alpha: float
    batch_size: int | None
    max_iter: int
    tolerance: float
    patience: int | None
    validation_fraction: float
    shuffle: bool
    verbose: bool
    warm_start: bool
    early_stopping: bool
    standardize: bool

    def batches(self, count: int) -> int:
        """How many batches an epoch of ``count`` rows has, but for an optimizer that takes all at once."""
        return -(-count // min(count, self.batch_size or _ROWS))

    def rows(self, count: int, optimizer: Optimizer) -> int:
        """How many rows of ``count`` make a batch: at most 200, or all for one that asks again for the cost."""
        return min(count, self.batch_size or (count if optimizer.needs_evaluate else _ROWS))


def checked_settings(estimator: Any) -> Settings:
    """The settings that an estimator's parameters make.

    Raises:
        ArgumentError: one is out of range; the message names the estimator and the parameter.
    """
    flags = {name: _flag(estimator, name) for name in _FLAGS}
    check_number(estimator, "alpha", estimator.alpha, minimum=0)
    check_integer(estimator, "max_iter", estimator.max_iter, minimum=1)
    check_number(estimator, "tol", estimator.tol, minimum=0)
    check_number(estimator, "validation_fraction", estimator.validation_fraction, above=0, below=1)
    check_choice(estimator, "dtype", estimator.dtype, (AUTO, "float32", "float64"))
    if estimator.output is not None:
        check_choice(estimator, "output", estimator.output, (AUTO,))
    return Settings(
        alpha=float(estimator.alpha),
        batch_size=_batch_size(estimator),
        max_iter=int(estimator.max_iter),
        tolerance=float(estimator.tol),
        patience=_patience(estimator),
        validation_fraction=float(estimator.validation_fraction),
        **flags,
    )


def dtype_of(asked: str, x: Any, *, one_batch: bool) -> Literal["float32", "float64"]:
    """What a network computes in: as asked; else float32, but for data in float64 that makes one batch.

    There speed depends on the calls, not on the numbers, and digits are free.
    """
    if asked != AUTO:
        return "float64" if asked == "float64" else "float32"
    short = x.dtype.kind == "f" and x.dtype.itemsize <= 4
    return "float64" if one_batch and not short else "float32"


def _flag(estimator: Any, name: str) -> bool:
    value = getattr(estimator, name)
    if isinstance(value, np.bool_):
        return bool(value)
    if name == "verbose" and not isinstance(value, bool) and isinstance(value, (int, np.integer)) and value >= 0:
        return bool(value > 0)
    check_boolean(estimator, name, value)
    return bool(value)


def _batch_size(estimator: Any) -> int | None:
    value = estimator.batch_size
    if isinstance(value, str):
        check_choice(estimator, "batch_size", value, (AUTO,))
        return None
    check_integer(estimator, "batch_size", value, minimum=1)
    return int(value)


def _patience(estimator: Any) -> int | None:
    value = estimator.n_iter_no_change
    if isinstance(value, float) and math.isinf(value) and value > 0:
        return None
    try:
        check_integer(estimator, "n_iter_no_change", value, minimum=1)
    except ArgumentError as error:
        raise ArgumentError(f"{error}; np.inf trains for all of max_iter") from None
    return int(value)
