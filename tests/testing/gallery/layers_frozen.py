"""Layers and containers that are right while all is trained, and not where something is frozen."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Dense, Layer, Tanh
from layerkit.arguments import check_instance
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre


class EndsWhereNothingLearns(Affine):
    """Sends back what it got where it has no gradients to fill."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad, ctx) if ctx.trainable else grad


class KeepsForGradientsAlone(Affine):
    """Keeps the input only where a parameter's gradient needs it."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.trainable:
            ctx.saved.x = x
        return x @ self.weight + self.bias


class OtherOutputFrozen(Affine):
    """Leaves the offset out where it is not trained."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        return y if ctx.trainable else y - self.bias


class GoesOnAveraging(Centre):
    """Takes what layerkit says of the mode for what its author says, and moves its mean while frozen."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        if self.frozen:
            ctx.update_state("mean", 0.9 * self.mean + 0.1 * x.mean(axis=0))
        return y


class InTurn(Layer):
    """g(f(x)); the second part is not asked for an input gradient unless the first one is trained."""

    def __init__(self, first: Layer, *, second: Layer) -> None:
        check_instance(self, "first", first, Layer)
        check_instance(self, "second", second, Layer)
        self.first, self.second = first, second

    def build(self, input_shape: Shape) -> Shape:
        return self.part("second", self.second, self.part("first", self.first, input_shape))

    def forward(self, x: Array, ctx: Context) -> Any:
        return ctx.part("second").forward(ctx.part("first").forward(x))

    def backward(self, grad: Array, ctx: Context) -> Any:
        back: Any = ctx.part("second").backward(grad)
        first = ctx.part("first")
        return first.backward(back) if first.trainable else np.zeros((len(grad), *_shape_of(first)))


def _shape_of(ctx: Context) -> tuple[int, ...]:
    weight: Array = vars(ctx.layer)["weight"]
    return (weight.shape[0],)


class EndsBehindTheFrozen(InTurn):
    """The way back ends where the second part is frozen, though the first one learns."""

    def backward(self, grad: Array, ctx: Context) -> Any:
        second, first = ctx.part("second"), ctx.part("first")
        back: Any = second.backward(grad)
        return first.backward(back if second.trainable else 0 * back)


_PARTS = {"arguments": {"first": Dense(3, activation=Tanh()), "second": Dense(2)}, "input_shapes": [(4,)]}
_VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(EndsWhereNothingLearns, "frozen-passes", "input gradient", _VECTORS),
    Bug(KeepsForGradientsAlone, "frozen-passes", "AttributeError", _VECTORS),
    Bug(OtherOutputFrozen, "frozen-passes", "the output is", _VECTORS),
    Bug(GoesOnAveraging, "frozen-passes", "a state is proposed", _VECTORS),
    Bug(InTurn, "frozen-parts", "'first' frozen", _PARTS),
    Bug(EndsBehindTheFrozen, "frozen-parts", "'second' frozen", _PARTS),
]
