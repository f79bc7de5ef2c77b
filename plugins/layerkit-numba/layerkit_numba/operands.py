"""What the functions of a step are called with: arrays, and numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias, final

from layerkit_numba.interface import Fixed

INTEGERS = ("batch", "slot", "first", "step", "last", "active")
"""The integers that change from batch to batch: its number, the place of its step's costs, its first row in the order,
the step, the batch that ends the last step of this run, and how many groups of columns are not all zero."""

NUMBERS = ("rate", "weight", "factor")
"""The other numbers: the learning rate, what the batch weighs, and what its gradient is still to be multiplied with."""


FOUND = ("active", "weight", "factor")
"""Those of them that instructions find, in the first thread; the others are told before a batch begins."""


@final
@dataclass(frozen=True, slots=True)
class Value:
    """An array of the program: in ``memory``, from ``start`` on, ``(*shape,)`` or ``(n, *shape)``.

    ``dtype`` is empty for the model's; of others ``memory`` is bytes, and ``start`` counts these. ``rows`` is how many
    of its rows an example of the batch has: more than one where a part runs on each step of a sequence.
    """

    name: str
    memory: str
    start: int
    shape: tuple[int, ...]
    per_example: bool = True
    dtype: str = ""
    rows: int = 1

    @property
    def size(self) -> int:
        """How many numbers an example (or the whole, if it is not per example) has."""
        return math.prod(self.shape) * self.rows

    @property
    def integer(self) -> bool:
        """Whether it holds integers."""
        return self.dtype.startswith(("int", "uint"))

    def reshaped(self, name: str, shape: tuple[int, ...]) -> Value:
        """The same memory in another shape."""
        return Value(name, self.memory, self.start, shape, self.per_example, self.dtype, self.rows)

    def by_steps(self, name: str) -> Value:
        """The same memory with a row for each step of an example, which is its first axis."""
        steps, *shape = self.shape
        return Value(name, self.memory, self.start, tuple(shape), self.per_example, self.dtype, self.rows * steps)

    def by_sequences(self, name: str, steps: int) -> Value:
        """The same memory with a row for so many steps."""
        shape = steps, *self.shape
        return Value(name, self.memory, self.start, shape, self.per_example, self.dtype, self.rows // steps)

    def view(self, form: str = "") -> View | Count:
        """It in a form: plain, rows, table or flat; or its count or its size."""
        leading = self.rows * math.prod(self.shape[:-1]) if self.shape else self.rows
        last = self.shape[-1] if self.shape else 1
        n = self.per_example
        if form in ("count", "size"):
            return Count(leading if form == "count" else self.size, n)
        axes: tuple[Count, ...]
        if form == "":
            axes = (*([Count(self.rows, True)] * n), *(Count(axis) for axis in self.shape))
        elif form == "rows":
            axes = Count(leading, n), Count(last)
        elif form == "table":
            axes = Count(self.rows, n), Count(self.size // self.rows)
        else:
            axes = (Count(self.size, n),)
        return View(self.memory, self.start, axes, self.dtype)


@final
@dataclass(frozen=True, slots=True)
class Count:
    """A number that follows from the rows of the batch: ``factor``, or n times that."""

    factor: int
    per_example: bool = False

    def of(self, n: int) -> int:
        """The number, in a batch of n rows."""
        return self.factor * n if self.per_example else self.factor


@final
@dataclass(frozen=True, slots=True)
class Edge:
    """Where a piece of ``range(count)`` begins, or ends if ``last``: at a multiple of ``grain``, or with the range."""

    count: Count
    grain: int
    last: bool

    def of(self, n: int, piece: int, pieces: int) -> int:
        """The number, in a batch of n rows, for one of so many pieces."""
        whole, number = self.count.of(n), piece + self.last
        return whole if number == pieces else whole * number // pieces // self.grain * self.grain


@final
@dataclass(frozen=True, slots=True)
class View:
    """A contiguous array in the program's memory."""

    memory: str
    start: int
    axes: tuple[Count, ...]
    dtype: str


@final
@dataclass(frozen=True, slots=True)
class Whole:
    """An array, or a generator, that the program is given."""

    name: str


@final
@dataclass(frozen=True, slots=True)
class Register:
    """A number that changes from batch to batch: one of ``INTEGERS`` or ``NUMBERS``."""

    name: str


@final
@dataclass(frozen=True, slots=True)
class Number:
    """A number that the function is given; of which kind is seen from its type."""

    value: int | float | bool


Operand: TypeAlias = View | Whole | Count | Edge | Register | Number | Fixed
