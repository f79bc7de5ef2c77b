"""What the kernels of recurrent layers share: products of all steps at once, before and behind a walk through time."""

from __future__ import annotations

from typing import Any, final

from layerkit_numba import Buffer, Call, LayerKernel, Part

from layerkit_sequence.numba_kernels.matrices import Blocks, Matrix, sum_of_rows
from layerkit_sequence.numba_kernels.time_order import lay_by_sequence, lay_by_step

_NO_MASK = Buffer((1,), per_example=False, dtype="bool")


@final
class Recurrence:
    """The calls of one recurrent layer whose cell has so many gates.

    All that a step works on lies together, ``(steps, n, …)``, in the order in which steps are run: ``inputs``;
    ``projected``, x W + b; and ``states``, of which there is one more, for the first is zeros. A walk is a function
    that goes through time for some sequences of the batch, so that threads need not wait for each other at every step.
    """

    def __init__(self, part: Part, gates: int) -> None:
        self.part = part
        self.steps, self.features = part.input_shape
        self.units: int = part.layer.units
        self.width = gates * self.units
        self.blocks, self.back, self._below = (
            Blocks.of(columns, part.dtype.itemsize) for columns in (self.width, self.units, self.features)
        )
        self.inputs = Matrix("inputs:flat", self.features)
        self.projected = Matrix("projected:flat", self.width)
        self.states = Matrix("states:flat", self.units)
        self.recurrent_weight = Matrix("recurrent_weight:flat", self.width)

    def kernel(
        self,
        forward: tuple[Call, ...],
        backward: tuple[Call, ...],
        gradients: tuple[Call, ...],
        projected_gradients: tuple[Matrix, ...],
        buffers: dict[str, Buffer],
    ) -> LayerKernel:
        """The layer's kernel, from what its cell does: the walk ``forward`` and that ``backward``, and how it finds the
        ``gradients`` of all parameters but W and b.

        ``projected_gradients`` are the columns of the gradient with respect to x W + b.
        """
        part, trained = self.part, self.part.trained
        return LayerKernel(
            forward=(*self._project(), *forward),
            backward=(
                *backward,
                *(self._gradients(projected_gradients) if trained else ()),
                *(gradients if trained else ()),
                *(self._input_gradient(projected_gradients) if part.needs_input_gradient else ()),
            ),
            buffers=self._buffers() | buffers,
            reads_input=False,
            reads_output=False,
            masks="heeded",
        )

    def walk(self, function: Any, *arrays: Any) -> Call:
        """A walk forward, which fills y; its products are computed in ``blocks``."""
        return self._walk(self.blocks, function, *arrays, "y:flat")

    def walk_back(self, function: Any, *arrays: Any) -> Call:
        """The way back, which reads dy; its products are computed in the blocks ``back``."""
        return self._walk(self.back, function, *arrays, "dy:flat")

    def _walk(self, blocks: Blocks, function: Any, *arrays: Any) -> Call:
        layer = self.part.layer
        mask = "mask:flat" if self.part.masked else "no mask"
        forms = self.part.masked, bool(layer.return_sequences), bool(layer.reverse)
        sizes = self.steps, self.units
        told = (mask, *forms, *sizes, "n", "begin", "end")
        return Call(function, *blocks.numbers, *arrays, *told, over="n", grain=blocks.tall)

    def recurrent_gradient(self, gradient: Matrix) -> Call:
        """The gradient of ``recurrent_weight``, from that with respect to h U of all steps."""
        sums = Matrix("gradient recurrent_weight:flat", self.width)
        return self.blocks.sum_products("projected:count", self.states, gradient, sums, room="room", zeros="zeros")

    def of_step(self, width: int) -> Buffer:
        """Memory for so many numbers of each step."""
        return Buffer((self.steps, width))

    def _project(self) -> tuple[Call, ...]:
        blocks, weight = self.blocks, Matrix("weight:flat", self.width)
        return (
            Call(lay_by_step, "x:flat", "inputs:flat", *self._order, "n", "begin", "end", over="n"),
            blocks.pack(weight, self.features, "packed weight"),
            blocks.pack(Matrix("bias", self.width), 1, "packed bias"),
            blocks.multiply(self.inputs, "packed weight", self.projected, start="packed bias"),
        )

    def _gradients(self, projected: tuple[Matrix, ...]) -> list[Call]:
        calls, at = [], 0
        for gradient in projected:
            sums = Matrix("gradient weight:flat", self.width, at)
            calls.append(
                self.blocks.sum_products("projected:count", self.inputs, gradient, sums, room="room", zeros="zeros")
            )
            calls.append(sum_of_rows("projected:count", gradient, Matrix("gradient bias", self.width, at)))
            at += gradient.width
        return calls

    def _input_gradient(self, projected: tuple[Matrix, ...]) -> list[Call]:
        calls, at = [], 0
        below = Matrix("below:flat", self.features)
        for gradient in projected:
            weight = Matrix("weight:flat", self.width, at, gradient.width)
            calls.append(self._below.pack_turned(weight, self.features, "turned weight"))
            calls.append(self._below.multiply(gradient, "turned weight", below, start="zeros", adds=at > 0))
            at += gradient.width
        calls.append(Call(lay_by_sequence, "below:flat", "dx:flat", *self._order, "n", "begin", "end", over="n"))
        return calls

    @property
    def _padded(self) -> int:
        """As many columns as the widest of all results has, in panels."""
        widths = (self.blocks, self.width), (self.back, self.units), (self._below, self.features)
        return max(blocks.padded(width) for blocks, width in widths)

    @property
    def _order(self) -> tuple[int, int, bool]:
        return self.steps, self.features, bool(self.part.layer.reverse)

    def _buffers(self) -> dict[str, Buffer]:
        blocks, part = self.blocks, self.part
        buffers = {
            "inputs": self.of_step(self.features),
            "projected": self.of_step(self.width),
            "states": Buffer((self.steps + 1, self.units)),
            "packed weight": blocks.packed(self.features, self.width),
            "packed bias": blocks.packed(1, self.width),
            "zeros": Buffer((self._padded,), per_example=False, cleared=True),
            "room": blocks.room(self.width),
            "no mask": _NO_MASK,
        }
        if part.needs_input_gradient:
            buffers["below"] = self.of_step(self.features)
            buffers["turned weight"] = self._below.packed(self.width, self.features)
        return buffers
