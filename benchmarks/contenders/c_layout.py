"""How the C floor lays a network out: what the processor holds, and where each layer's values lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Processor:
    """``lanes``: float32 values in its widest vector; ``registers``: how many vectors it holds."""

    lanes: int
    registers: int

    @classmethod
    def of(cls, macros: str) -> Processor:
        """The processor that a compiler's predefined macros describe."""
        if "__AVX512F__" in macros:
            return cls(lanes=16, registers=32)
        if "__AVX__" in macros:
            return cls(lanes=8, registers=16)
        return cls(lanes=4, registers=32 if "__aarch64__" in macros else 16)

    def rows(self, vectors: int) -> int:
        """How many rows a tile of so many vectors has: with its accumulators and vectors the registers are full."""
        return max(1, (self.registers - 2 - vectors) // vectors)


class Run(NamedTuple):
    """Equal pieces from ``start`` to ``stop``, each of ``step``."""

    start: int
    stop: int
    step: int


def runs(count: int, most: int) -> list[Run]:
    """Cut ``count`` into pieces of ``most`` and the rest."""
    whole = count - count % most
    return [run for run in (Run(0, whole, most), Run(whole, count, count - whole)) if run.step and run.start < run.stop]


@dataclass(frozen=True, slots=True)
class Layer:
    """One dense layer: its sizes, and how its values lie in memory.

    Weights lie in panels of ``panel`` vectors of columns, row after row, so that a product reads them in order. A
    first layer so narrow that vectors of columns would be half empty lies by output instead: vectors of rows.
    """

    index: int
    n_in: int
    n_out: int
    lanes: int
    panel: int = 2

    @property
    def vectors(self) -> int:
        """How many vectors hold the outputs of an example."""
        return -(-self.n_out // self.lanes)

    @property
    def by_output(self) -> bool:
        """Whether the weights lie output by output."""
        return self.index == 0 and 2 * self.n_out <= self.lanes and self.n_in % self.lanes == 0

    @property
    def row(self) -> int:
        """Floats from an example's outputs to the next's: wide layers avoid powers of two, which share cache sets."""
        return self.lanes * (self.vectors + (self.vectors >= 8))

    @property
    def panels(self) -> list[Run]:
        """The full panels, and the narrower last one if there is one."""
        return runs(self.vectors, self.panel)

    @property
    def place(self) -> str:
        """Where the weight from input i to output n lies."""
        if self.by_output:
            return f"n * {self.n_in} + i"
        width, last = self.panel * self.lanes, self.panels[-1]
        row = f"(n < {last.start * self.lanes} ? {width} : {last.step * self.lanes})"
        return f"n / {width} * {width * self.n_in} + i * {row} + n % {width}"

    def memory(self) -> str:
        """The declarations of the arrays that the layer needs."""
        padded = self.vectors * self.lanes
        weights = self.n_in * (self.n_out if self.by_output else padded)
        text = f"static float weights{self.index}[{weights}] ALIGNED, biases{self.index}[{padded}] ALIGNED;\n"
        text += f"static float output{self.index}[BATCH * {self.row}] ALIGNED;\n"
        text += f"static float delta{self.index}[BATCH * {self.row}] ALIGNED;\n"
        if self.index:
            below = -(-self.n_in // self.lanes) * self.lanes
            text += f"static float transposed{self.index}[{below * self.n_out}] ALIGNED;\n"
        return text
