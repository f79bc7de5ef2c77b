"""The passes of layers one after another."""

from __future__ import annotations

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.types import Value


class Chain(Layer):
    """A container each of whose parts takes what the one before it gives, in the order of ``build``."""

    def connect(self, ctx: Context) -> None:
        # nothing in front of the first trained layer needs a gradient: its backward pass would be thrown away
        wanted = ctx.needs_input_gradient
        chain = []
        for part in ctx.parts:
            part.needs_input_gradient = wanted
            if wanted or part.trainable:
                wanted = True
                chain.append(part)
        # made once for each tree, so that a step asks nothing about its layers
        ctx.saved.chain = tuple(reversed(chain))

    def forward(self, x: Value, ctx: Context) -> Value:
        for part in ctx.parts:
            x = part.forward(x)
        return x

    def backward(self, grad: Value, ctx: Context) -> Value | None:
        for part in ctx.saved.chain:
            grad = part.backward(grad)
        return grad if ctx.needs_input_gradient else None
