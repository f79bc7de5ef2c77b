"""The product of several inputs."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.several import folded, one_shape
from layerkit.types import Array, Shape


@final
class Multiply(Layer):
    """y = x₁ · x₂ · … · xₙ, number by number: several inputs of one shape, ``(batch, …)``, such as values and gates.

    ∂xᵢ = δ · Πⱼ xⱼ over all j but i; nothing is divided, so zeros do no harm.

    Raises:
        ShapeError: at build, if the inputs have several shapes: nothing is broadcast.

    >>> from layerkit import Dense, Parallel, Sequential, Sigmoid
    >>> gated = Parallel([Dense(3), Dense(3, activation=Sigmoid())], join=Multiply())
    >>> Sequential([gated]).initialize(5).output_shape
    (3,)
    """

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        return one_shape(self, input_shape)

    def forward(self, x: tuple[Array, ...], ctx: Context) -> Array:
        ctx.saved.x = x
        return folded(self, x, ctx, np.multiply)

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, ...]:
        x, scratch = ctx.saved.x, ctx.scratch
        below = [scratch(f"gradient {place}", grad.shape) for place in range(len(x))]
        # each is δ times all in front of it, from the left, and then times all behind it, from the right
        np.copyto(below[0], grad)
        for place in range(1, len(x)):
            np.multiply(below[place - 1], x[place - 1], out=below[place])
        if len(x) > 1:
            behind = scratch("behind", grad.shape)
            np.copyto(behind, x[-1])
            for place in range(len(x) - 2, -1, -1):
                np.multiply(below[place], behind, out=below[place])
                np.multiply(behind, x[place], out=behind)
        return tuple(below)
