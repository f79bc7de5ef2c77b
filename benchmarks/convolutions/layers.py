"""One convolution, forward and backward, by each contender: what takes the time of one pass of both."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, final

import numpy as np
from layerkit_conv import Conv2D

from benchmarks.passes import Contender, LayerPasses
from layerkit.types import Array

BATCH = 64
KERNEL = 3


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


def passes_of(case: Case) -> LayerPasses:
    """The layer of a case, with a batch."""
    layer = Conv2D(case.filters, KERNEL, padding="same")
    shape = (case.side, case.side, case.channels)
    return LayerPasses(layer, shape, BATCH, needs_input_gradient=not case.first)


def torch(case: Case, passes: LayerPasses, *, channels_last: bool) -> Contender:
    """``torch.nn.functional.conv2d``, its input in either order of memory."""
    import torch

    torch.set_num_threads(1)
    order = torch.channels_last if channels_last else torch.contiguous_format
    parameters = passes.model.parameters
    weight, bias = (
        torch.from_numpy(np.ascontiguousarray(each))
        for each in (parameters["0.weight"].transpose(3, 2, 0, 1), parameters["0.bias"])
    )
    x, delta = (
        torch.from_numpy(np.ascontiguousarray(each.transpose(0, 3, 1, 2))).contiguous(memory_format=order)
        for each in (passes.x, passes.delta)
    )
    weight = weight.contiguous(memory_format=order)
    wanted = [weight.requires_grad_(), bias.requires_grad_()]
    if not case.first:
        wanted.append(x.requires_grad_())
    found: list[Any] = []

    def run() -> None:
        y = torch.nn.functional.conv2d(x, weight, bias, padding=1)
        found[:] = torch.autograd.grad(y, wanted, delta)

    def left() -> Array:
        own, of_bias = (each.detach().numpy() for each in found[:2])
        return np.concatenate([own.transpose(2, 3, 1, 0).ravel(), of_bias.ravel()])

    return run, left


def contenders(case: Case) -> dict[str, Contender]:
    """By their names; PyTorch only where it is installed."""
    passes = passes_of(case)
    found = {"compiled": passes.compiled(), "numpy": passes.numpy()}
    if find_spec("torch") is not None:
        found["torch"] = torch(case, passes, channels_last=False)
        found["torch, channels last"] = torch(case, passes, channels_last=True)
    return found
