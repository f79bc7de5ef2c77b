"""A product of rows with weights, and a bias, as part of a kernel: forward, and all gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from layerkit_numba import Buffer, Call

from layerkit_sequence.numba_kernels.matrices import Blocks, Matrix, sum_of_rows


@final
@dataclass(frozen=True)
class Projection:
    """y = x W + b, W being columns of a parameter ``weight`` with ``features`` rows, and b those of ``bias``, or none.

    ``rows`` names how many rows x has, ``title`` what its buffers are called by.
    """

    title: str
    rows: str
    features: int
    weight: Matrix
    bias: str
    itemsize: int

    def forward(self, x: Matrix, y: Matrix) -> tuple[Call, ...]:
        """Fill y."""
        blocks, packed, start = self._blocks, f"{self.title} packed", f"{self.title} start"
        bias = Matrix(self.bias, self.weight.step, self.weight.first, self.weight.width)
        return (
            blocks.pack(self.weight, self.features, packed),
            *((blocks.pack(bias, 1, start),) if self.bias else ()),
            blocks.multiply(x, packed, y, start=start),
        )

    def gradients(self, x: Matrix, dy: Matrix) -> tuple[Call, ...]:
        """Fill the gradients of W and b."""
        weight, zeros = self.weight, f"{self.title} zeros"
        own = Matrix(f"gradient {weight.name}", weight.step, weight.first, weight.width)
        bias = Matrix(f"gradient {self.bias}", weight.step, weight.first, weight.width)
        sums = self._blocks.sum_products(self.rows, x, dy, own, room=f"{self.title} room", zeros=zeros)
        return (sums, sum_of_rows(self.rows, dy, bias)) if self.bias else (sums,)

    def backward(self, dy: Matrix, dx: Matrix, *, adds: bool = False) -> tuple[Call, ...]:
        """Fill dx, or add to it."""
        blocks, turned = self._back, f"{self.title} turned"
        return (
            blocks.pack_turned(self.weight, self.features, turned),
            blocks.multiply(dy, turned, dx, start=f"{self.title} zeros", adds=adds),
        )

    def buffers(self, *, trained: bool, back: bool) -> dict[str, Buffer]:
        """The memory that these calls need, if it is ``trained``, and if it is gone ``back`` to x."""
        blocks, width, title = self._blocks, self.weight.width, self.title
        longest = max(blocks.padded(width), self._back.padded(self.features))
        found = {
            f"{title} packed": blocks.packed(self.features, width),
            f"{title} start": Buffer((blocks.padded(width),), per_example=False, cleared=True),
            f"{title} zeros": Buffer((longest,), per_example=False, cleared=True),
        }
        if trained:
            found[f"{title} room"] = blocks.room(width)
        if back:
            found[f"{title} turned"] = self._back.packed(width, self.features)
        return found

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks.of(self.weight.width, self.itemsize)

    @cached_property
    def _back(self) -> Blocks:
        return Blocks.of(self.features, self.itemsize)
