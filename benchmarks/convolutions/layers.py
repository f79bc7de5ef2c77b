"""One convolution, forward and backward, by each contender: what takes the time of one pass of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias, final

import numpy as np
from layerkit_conv import Conv2D
from layerkit_numba.occurrences import Kind, Planner, trained_layers
from layerkit_numba.passes import Passes
from layerkit_numba.testing.subject import Stage
from layerkit_numba.writer import Writer

from layerkit import Sequential
from layerkit.engines import Pass, RandomStreams
from layerkit.memory import aligned
from layerkit.types import Array

BATCH = 64
KERNEL = 3

Run: TypeAlias = Callable[[], object]


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A convolution with 3 × 3 windows that keeps the size; the first of a network computes no input gradient."""

    side: int
    channels: int
    filters: int
    first: bool = False

    @property
    def name(self) -> str:
        """How a table calls it."""
        return f"{self.side}², {self.channels} → {self.filters}"

    @property
    def operations(self) -> int:
        """Multiplications and additions of all its products, those with the zeros of the padding among them."""
        once = 2 * BATCH * self.side**2 * KERNEL**2 * self.channels * self.filters
        return once * (2 if self.first else 3)


CASES = (Case(28, 1, 16, first=True), Case(28, 16, 32), Case(14, 32, 64))


@final
class Problem:
    """The layer of a case, with a batch and the gradient of its output."""

    def __init__(self, case: Case) -> None:
        self.case = case
        rng = np.random.default_rng(0)
        self.shape = (case.side, case.side, case.channels)
        self.model = Sequential([Conv2D(case.filters, KERNEL, padding="same")]).initialize(self.shape, seed=1)
        self.x: Array = rng.normal(size=(BATCH, *self.shape)).astype(np.float32)
        self.delta: Array = rng.normal(size=(BATCH, case.side, case.side, case.filters)).astype(np.float32)

    def compiled(self) -> tuple[Run, Callable[[], Array]]:
        """The passes under layerkit-numba, and the gradient that they leave."""
        structure = self.model.structure
        gradient = np.zeros_like(structure.parameters)
        node = structure.node.parts["0"]
        wanted = not self.case.first
        tree = Pass(structure, node, RandomStreams(0), training=True, gradient=gradient, needs_input_gradient=wanted)
        planner = Planner(structure.dtype, BATCH, trained_layers(structure.entries), masked=False)
        place = planner.plan(node, tree.context, (Kind(self.shape),))
        writer = Writer(BATCH)
        x = writer.allocate("x", self.shape)
        passes = Passes(writer, structure)
        passes.forward(place, (x,), kept=True)
        delta = writer.allocate("dy", self.delta.shape[1:])
        passes.backward(place, (delta,), kept=True)
        memory = aligned((writer.memory_size,), structure.dtype, zero=True)
        for value, array in ((x, self.x), (delta, self.delta)):
            memory[value.start : value.start + array.size] = array.ravel()
        arrays = {
            "parameters": structure.parameters,
            "gradients": gradient,
            "memory": memory,
            "room": aligned((writer.room_size,), np.dtype(np.uint8), zero=True),
        }
        return Stage(writer.instructions, structure.dtype).bound(arrays, BATCH), lambda: gradient

    def numpy(self) -> tuple[Run, Callable[[], Array]]:
        """The layer's own passes."""
        structure = self.model.structure
        gradient = np.zeros_like(structure.parameters)
        wanted = not self.case.first
        node = structure.node.parts["0"]
        tree = Pass(structure, node, RandomStreams(0), training=True, gradient=gradient, needs_input_gradient=wanted)

        def run() -> None:
            tree.forward(self.x, float(BATCH), None)
            tree.backward(self.delta)

        return run, lambda: gradient

    def torch(self, *, channels_last: bool) -> tuple[Run, Callable[[], Array]]:
        """``torch.nn.functional.conv2d``, its input in either order of memory."""
        import torch

        torch.set_num_threads(1)
        order = torch.channels_last if channels_last else torch.contiguous_format
        parameters = self.model.parameters
        weight, bias = (
            torch.from_numpy(np.ascontiguousarray(each))
            for each in (parameters["0.weight"].transpose(3, 2, 0, 1), parameters["0.bias"])
        )
        x, delta = (
            torch.from_numpy(np.ascontiguousarray(each.transpose(0, 3, 1, 2))).contiguous(memory_format=order)
            for each in (self.x, self.delta)
        )
        weight = weight.contiguous(memory_format=order)
        wanted = [weight.requires_grad_(), bias.requires_grad_()]
        if not self.case.first:
            wanted.append(x.requires_grad_())
        found: list[Any] = []

        def run() -> None:
            y = torch.nn.functional.conv2d(x, weight, bias, padding=1)
            found[:] = torch.autograd.grad(y, wanted, delta)

        def left() -> Array:
            own, of_bias = (each.detach().numpy() for each in found[:2])
            return np.concatenate([own.transpose(2, 3, 1, 0).ravel(), of_bias.ravel()])

        return run, left


def contenders() -> dict[str, Callable[[Problem], tuple[Run, Callable[[], Array]]]]:
    """By their names; PyTorch only where it is installed."""
    found: dict[str, Any] = {"compiled": Problem.compiled, "numpy": Problem.numpy}
    if find_spec("torch") is not None:
        found["torch"] = lambda problem: problem.torch(channels_last=False)
        found["torch, channels last"] = lambda problem: problem.torch(channels_last=True)
    return found
