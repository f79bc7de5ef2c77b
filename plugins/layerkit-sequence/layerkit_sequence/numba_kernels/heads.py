"""How the heads of an attention are called: the blocks in which they are computed, and the memory that they need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call
from layerkit_numba.gathered import gathered_blocks
from layerkit_numba.tiles import widest_lanes

from layerkit_sequence.numba_kernels.matrices import Blocks
from layerkit_sequence.numba_kernels.reading import read_heads, trace_heads

_ABREAST = 3
"""Vectors of queries whose scores lie side by side."""


@final
@dataclass(frozen=True)
class Heads:
    """``heads`` of so many numbers, ``steps`` queries and ``read`` keys and values.

    The arrays are ``queries``, ``keys`` and ``values``, what they read is ``found``, and each has its gradient.
    """

    heads: int
    width: int
    steps: int
    read: int
    causal: bool
    masked: bool
    itemsize: int

    def read_forward(self) -> Call:
        """Fill ``found``."""
        mask = ("mask:flat", True) if self.masked else ("no mask", False)
        return Call(
            read_heads,
            *self._numbers,
            *("queries:flat", "keys:flat", "values:flat", "attention:flat", "found:flat"),
            *("packed", "packed values", "zeros", "tops", "totals"),
            *mask,
            *self._sizes,
            over="n",
        )

    def read_back(self) -> Call:
        """Fill the gradients of ``queries``, ``keys`` and ``values``, from that of ``found``."""
        return Call(
            trace_heads,
            *self._numbers,
            *("queries:flat", "keys:flat", "values:flat", "attention:flat"),
            *(f"{name} gradient:flat" for name in ("found", "queries", "keys", "values")),
            *("packed", "packed values", "packed queries", "weights gradient", "zeros", "totals"),
            *self._sizes,
            over="n",
        )

    def buffers(self, *, back: bool) -> dict[str, Buffer]:
        """The memory that these calls need; ``back``: of the way back too."""
        panel, across = self._scores.panel, self._across.padded(self.width)
        features = self.heads * self.width
        blocks = math.ceil(self.steps / panel)
        lengths = {"queries": self.steps, "keys": self.read, "values": self.read, "found": self.steps}
        found = {name: Buffer((length, features)) for name, length in lengths.items()}
        scratch = {
            "packed": self.width * panel,
            "packed values": self.read * across,
            "tops": panel,
            "totals": panel,
        }
        if back:
            found |= {f"{name} gradient": Buffer((length, features)) for name, length in lengths.items()}
            scratch |= {"packed queries": panel * across, "weights gradient": self.read * panel}
        zeros = Buffer((max(panel, across),), per_example=False, cleared=True)
        return (
            found
            | {name: Buffer((size,), scratch=True) for name, size in scratch.items()}
            | {
                "attention": Buffer((self.heads * blocks * self.read * panel,)),
                "zeros": zeros,
                "no mask": Buffer((1,), per_example=False, dtype="bool"),
            }
        )

    @property
    def _numbers(self) -> tuple[Any, ...]:
        return *self._scores.numbers, *self._across.numbers

    @property
    def _sizes(self) -> tuple[Any, ...]:
        scale = 1 / math.sqrt(self.width)
        return self.causal, scale, self.heads, self.width, self.steps, self.read, "begin", "end"

    @property
    def _scores(self) -> Blocks:
        return Blocks(*gathered_blocks(_ABREAST * widest_lanes(self.itemsize), self.itemsize), self.itemsize)

    @property
    def _across(self) -> Blocks:
        return Blocks.of(self.width, self.itemsize)
