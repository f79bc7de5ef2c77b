"""Components that raise when they are used, and layers whose fault looks like another one."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Dense, Layer, Sigmoid, Transform, UpdateContext
from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Drop, Momentum, Scale, Squares


class ForgetsAnArgument(Affine):
    """Multiplies matrices that do not fit."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.weight @ x + self.bias


class RaisesAtInference(Scale):
    """Keeps its input in training alone, and needs it always."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.saved.x = x
        return x * self.factor


class RaisesInTraining(Drop):
    """Asks a generator for what it does not have."""

    def kept(self, x: Array, ctx: Context) -> Array:
        generator: Any = ctx.rng
        return np.asarray(generator.rand(*x.shape) >= self.rate).astype(x.dtype)


class WantsItsOwn(Scale):
    """Takes a view that only an array of one's own has."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if not x.flags.writeable:
            raise TypeError("x must be an array of one's own")
        return super().forward(x, ctx)


class MisspeltState(Momentum):
    """Asks the context for what it is not called."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        context: Any = ctx
        parameters -= ctx.learning_rate * context.memory_of("velocity")


class MisspeltSlices(Transform):
    """Asks a slice for what it does not have."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            gradient[each.start : each.stop] *= vars(each)["size"]


class MisspeltMask(Squares):
    """Asks the context for what it does not have."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        context: Any = ctx
        costs: Array = super().forward(prediction, target, ctx) * context.weights
        return costs


class DrawsOnTheWayBack(Drop):
    """Draws once more what was left out."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return grad * self.kept(grad, ctx) if np.any(ctx.saved.kept != 1) else grad


class RunningShare(Layer):
    """Adds a share of what it saw in the pass before, which it keeps where a pass is kept."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        seen: float = getattr(ctx.saved, "seen", 0.5)
        if ctx.training:
            ctx.saved.seen = 0.9 * seen + 0.01
        ctx.saved.share = seen
        y: Array = x * seen
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        back: Array = grad * ctx.saved.share
        return back


class Halves(Layer):
    """The mean of neighbours; of an odd number, the last one is left alone, and so is its gradient."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int) or input_shape[0] < 2:
            raise ShapeError(f"Halves: takes vectors of two numbers and more, got {input_shape}")
        return (input_shape[0] // 2,)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        half = x.shape[1] // 2
        y: Array = (x[:, : 2 * half : 2] + x[:, 1 : 2 * half : 2]) / 2
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        back = ctx.scratch("back", ctx.saved.shape)
        half = ctx.saved.shape[1] // 2
        back[:, : 2 * half : 2] = back[:, 1 : 2 * half : 2] = grad / 2
        return back


class Twofold(Layer):
    """f(f(x) / 2), both times in one context."""

    def __init__(self, inner: Layer) -> None:
        check_instance(self, "inner", inner, Layer)
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self.inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Any:
        inner = ctx.part("inner")
        once: Any = inner.forward(x)
        return inner.forward(once / 2)

    def backward(self, grad: Array, ctx: Context) -> Any:
        inner = ctx.part("inner")
        return inner.backward(inner.backward(grad) / 2)


class AsksNobody(Twofold):
    """Says in connect that its part's input gradient is not wanted."""

    def connect(self, ctx: Context) -> None:
        ctx.part("inner").needs_input_gradient = False

    def forward(self, x: Array, ctx: Context) -> Any:
        return ctx.part("inner").forward(x)

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("inner").backward(grad)


_VECTORS = {"input_shapes": [(4,)]}
_INNER = {"arguments": {"inner": Dense(4, activation=Sigmoid())}, "input_shapes": [(4,)]}

BUGS = [
    Bug(ForgetsAnArgument, "runs", "return self.weight @ x", _VECTORS),
    Bug(RaisesAtInference, "runs", "after an inference pass; a training pass goes well", _VECTORS),
    Bug(RaisesInTraining, "runs", "in a training pass; an inference pass goes well", _VECTORS),
    Bug(WantsItsOwn, "runs", "where what it receives is read-only", _VECTORS),
    Bug(MisspeltState, "runs", "memory_of"),
    Bug(MisspeltSlices, "runs", "in before"),
    Bug(MisspeltMask, "runs", "weights"),
    Bug(DrawsOnTheWayBack, "backward-repeatable", "draws from ctx.rng", _VECTORS),
    Bug(RunningShare, "scratch-reused", "goes on from pass to pass", _VECTORS),
    Bug(Halves, "other-lengths", "has no influence on the output", _VECTORS),
    Bug(Twofold, "input-gradient", "'inner' is run several times in one context", _INNER),
    Bug(AsksNobody, "declared-output-shape", "connect sets needs_input_gradient of the part 'inner'", _INNER),
]
