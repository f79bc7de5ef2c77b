"""What is checked: a component in a case, made as often as wanted; numbers to check it with, and programs for them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, final

import numpy as np

from layerkit.testing import Case
from layerkit.types import Array, DType
from layerkit_numba.meeting import meeting_place
from layerkit_numba.operands import INTEGERS
from layerkit_numba.tables import Piece, Registers, Stretch, Table, Walk
from layerkit_numba.team import Team
from layerkit_numba.writer import Instruction

ROWS = 7
"""The rows of a full batch: no multiple of what vectors hold."""
HUGE = 300.0
"""How many times their usual size numbers are where exponentials overflow in float32."""

KEPT = ", or the maker hands out what it made for another component: keep functions, and no numbers of a component's"
"""A likely cause, too, where numbers are others."""

VARYING = 3
"""The length of an axis that may have any."""


@final
class UnmetError(Exception):
    """The kernel does not do what a check wants."""

    def __init__(self, found: str, *, expected: str, cause: str) -> None:
        super().__init__(found)
        self.found, self.expected, self.cause = found, expected, cause


@final
class InapplicableError(Exception):
    """A check has nothing to say about this kernel, for the reason given."""


@final
@dataclass(slots=True)
class Subject:
    """A component's class and the case in which its kernel is checked; ``kept`` is what checks have computed."""

    target: Any
    case: Case
    kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"the kernel of {self.target.__name__}"

    def make(self) -> Any:
        """A component that shares nothing with the others."""
        return self.target(**copy.deepcopy(dict(self.case.arguments)))

    def once(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What ``compute`` gives, computed once for this key."""
        if key not in self.kept:
            self.kept[key] = compute()
        return self.kept[key]


def subject_of(component: Any, case: Case) -> Subject:
    """Of a class, of a component (its class, with its arguments), or of ``"module:Class"``."""
    if isinstance(component, str):
        module, _, name = component.partition(":")
        component = getattr(import_module(module), name)
    if isinstance(component, type):
        return Subject(component, case)
    options = {name: getattr(case, name) for name in case.__slots__}
    options["arguments"] = {**component.config, **case.arguments}
    return Subject(type(component), Case(**options))


def generator(seed: int) -> np.random.Generator:
    """Always the same numbers."""
    return np.random.default_rng([20, 26, seed])


@final
class Stage:
    """Instructions that are run once a call, on arrays that are given anew each time.

    Those that may be cut are made in so many ``cuts``, one after another.
    """

    def __init__(self, instructions: list[Instruction], dtype: DType, *, cuts: int = 1) -> None:
        self._instructions, self._dtype, self._cuts = instructions, dtype, cuts

    def run(self, arrays: dict[str, Any], rows: int, *, active: int = 0, rate: float = 0.0, step: int = 0) -> None:
        """Run them for a batch of so many rows."""
        self.bound(arrays, rows, active=active, rate=rate, step=step)()

    def bound(
        self, arrays: dict[str, Any], rows: int, *, active: int = 0, rate: float = 0.0, step: int = 0
    ) -> Callable[[], object]:
        """What runs them for a batch of so many rows, as often as wanted."""
        registers = Registers()
        registers.integers[INTEGERS.index("active")] = active
        cuts = self._cuts
        table = Table(self._instructions, arrays, registers, self._dtype, rows, own=range(cuts), pieces=cuts)
        shared = meeting_place()
        walk = Walk(table, registers, np.full(1, rate), shared)
        stretch = Stretch(Piece(0, 1, rows, stride=rows, last=0), base=0, accumulate=1, step=step)
        return partial(Team([walk], shared).run, stretch)


TOLERANCE = {"float64": 1e-9, "float32": 3e-4}


def require_close(found: Array, wanted: Array, what: str, *, expected: str, cause: str) -> None:
    """Refuse numbers that differ by more than rounding.

    Raises:
        UnmetError: they do; the message names the first place.
    """
    if found.shape != wanted.shape:
        raise UnmetError(f"{what} has the shape {found.shape}", expected=f"{wanted.shape}", cause=cause)
    scale = float(np.abs(wanted).max(initial=1.0)) if np.isfinite(wanted).all() else 1.0
    with np.errstate(invalid="ignore"):
        near = np.abs(found.astype(np.float64) - wanted) <= TOLERANCE[wanted.dtype.name] * scale
    wrong = ~(near | (found == wanted) | (np.isnan(found) & np.isnan(wanted)))
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise UnmetError(
            f"{what}{list(place)} is {found[place]:.6g}, where the component has {wanted[place]:.6g} "
            f"({int(wrong.sum())} of {wrong.size} differ)",
            expected=expected,
            cause=cause,
        )


def require_finite(found: Array, wanted: Array, what: str) -> None:
    """Refuse numbers that are not finite where the component's are.

    Raises:
        UnmetError: there are some; the message names the first place.
    """
    wrong = np.isfinite(wanted) & ~np.isfinite(found)
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise UnmetError(
            f"{what}{list(place)} is {found[place]}, where the component has {wanted[place]:.6g} "
            f"({int(wrong.sum())} of {wrong.size} are not finite)",
            expected="finite numbers: e^89 is more than float32 holds",
            cause="an exponential overflows: take the largest number off first, or the form of the formula for which "
            "the exponent is negative",
        )
