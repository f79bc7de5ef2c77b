"""Layers whose backward pass is wrong."""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre, Scale


class WrongSign(Scale):
    """The returned gradient has the wrong sign."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return -grad * self.factor


class ForgottenScale(Scale):
    """Forward has a factor that backward forgets."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(3 * x, ctx)


class Transposed(Affine):
    """The weight's gradient is transposed."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("weight")[...] = grad.T @ ctx.saved.x
        ctx.gradient("bias")[...] = grad.sum(axis=0)
        return grad @ self.weight.T


class NotTransposed(Affine):
    """The gradient goes through W, not through its transpose."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        return grad @ self.weight


class OneRowOnly(Affine):
    """The sum over the batch is missing: the last row stands for all."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("bias")[...] = grad[-1]
        return below


class MeanOverBatch(Affine):
    """The bias's gradient is the mean over the batch, which the host takes again."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = super().backward(grad, ctx)
        ctx.gradient("bias")[...] = grad.mean(axis=0)
        return below


class WrongAxis(Scale):
    """The factor's gradient is summed over the features instead of the rows."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=1)[: grad.shape[1]]
        return grad * self.factor


class Accumulated(Scale):
    """The gradient is added to the buffer."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        gradient = ctx.gradient("factor")
        gradient += (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor


class ForgottenParameter(Affine):
    """The bias's gradient is never written: a name is bound instead."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("weight")[...] = ctx.saved.x.T @ grad
        gradient = ctx.gradient("bias")
        gradient = grad.sum(axis=0)  # noqa: F841
        return grad @ self.weight.T


class EarlyReturn(Scale):
    """Where the input gradient is not wanted, the parameter's is forgotten too."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if not ctx.needs_input_gradient:
            ctx.gradient("factor")[...] = 0
            return None
        return super().backward(grad, ctx)


class Clipped(Scale):
    """Large gradients are clipped inside the layer."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(np.clip(grad, -2, 2), ctx)


class UsesUp(Scale):
    """Backward works in place on what forward saved."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x.copy()
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.saved.x *= grad
        ctx.gradient("factor")[...] = ctx.saved.x.sum(axis=0)
        return grad * self.factor


class WrongMode(Centre):
    """Backward takes the training formula also after inference."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad - grad.mean(axis=0)


class DetachedMean(Centre):
    """Backward takes the batch's mean for a constant."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class NoReturn(Scale):
    """Backward returns nothing."""

    def backward(self, grad: Array, ctx: Context) -> None:
        super().backward(grad, ctx)


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(WrongSign, "input-gradient", "sign is wrong"),
    Bug(ForgottenScale, "input-gradient", "factor"),
    Bug(Transposed, "parameter-gradients", "transposed", VECTORS),
    Bug(NotTransposed, "input-gradient", "transposed", VECTORS),
    Bug(OneRowOnly, "batch-gradient-is-sum", "sum over the batch is missing", VECTORS),
    Bug(MeanOverBatch, "batch-gradient-is-sum", "mean over the batch", VECTORS),
    Bug(WrongAxis, "parameter-gradients", "derivative", VECTORS),
    Bug(Accumulated, "gradient-overwritten", "+="),
    Bug(ForgottenParameter, "parameter-gradients", "[...] is missing", VECTORS),
    Bug(EarlyReturn, "input-gradient-not-wanted", "returns before"),
    Bug(Clipped, "gradient-linear", "clips"),
    Bug(UsesUp, "backward-repeatable", "in place on ctx.saved"),
    Bug(WrongMode, "input-gradient", "inference"),
    Bug(DetachedMean, "input-gradient", "factor"),
    Bug(NoReturn, "declared-output-shape", "missing return"),
]
