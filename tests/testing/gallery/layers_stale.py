"""Layers that go on using what they read in an earlier pass: parameters, states, inputs, gradients of before."""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre, Scale


class TransposedOnce(Affine):
    """The transposed weight is copied at the first backward pass."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        if not hasattr(ctx.saved, "transposed"):
            ctx.saved.transposed = np.ascontiguousarray(self.weight.T)
        below: Array = grad @ ctx.saved.transposed
        return below


class CopiedInConnect(Scale):
    """The factor is copied where the tree of contexts is set up."""

    def connect(self, ctx: Context) -> None:
        ctx.saved.factor = np.exp(self.factor) if "factor" in self.__dict__ else None

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.used = np.exp(self.factor) if ctx.saved.factor is None else ctx.saved.factor
        y: Array = x * ctx.saved.used
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x * ctx.saved.used).sum(axis=0)
        below: Array = grad * ctx.saved.used
        return below


class CopiedInBuild(Affine):
    """Build transposes the weight where there is one already: in a copy."""

    def build(self, input_shape: Shape) -> Shape:
        self._transposed = self.weight.T.copy() if "weight" in self.__dict__ else None
        return super().build(input_shape)

    def backward(self, grad: Array, ctx: Context) -> Array:
        super().backward(grad, ctx)
        below: Array = grad @ (self.weight.T if self._transposed is None else self._transposed)
        return below


_FOLDED: dict[int, Array] = {}


class FoldedAtInference(Scale):
    """What inference multiplies by is computed at the first such pass, and kept in the module under the layer's id."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.saved.factor = self.factor
        elif self.factor.dtype == np.float64 and not np.array_equal(self.factor, np.ones_like(self.factor)):
            ctx.saved.factor = _FOLDED.setdefault(id(self), self.factor.copy())
        else:
            ctx.saved.factor = self.factor
        ctx.saved.x = x
        y: Array = x * ctx.saved.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        below: Array = grad * ctx.saved.factor
        return below


class KeyedByIdentity(Scale):
    """The squared factor is computed anew only where the factor is another object."""

    def squared(self, ctx: Context) -> Array:
        if getattr(ctx.saved, "key", None) != id(self.factor):
            ctx.saved.key, ctx.saved.squared = id(self.factor), self.factor**2
        squared: Array = ctx.saved.squared
        return squared

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.squared(ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (2 * grad * ctx.saved.x * self.factor).sum(axis=0)
        return grad * self.squared(ctx)


class KeyedBySum(KeyedByIdentity):
    """The squared factor is computed anew only where the sum of the factor is another one."""

    def squared(self, ctx: Context) -> Array:
        key = round(float(self.factor.sum()), 9)
        if getattr(ctx.saved, "key", None) != key:
            ctx.saved.key, ctx.saved.squared = key, self.factor**2
        squared: Array = ctx.saved.squared
        return squared


class KeyedByFirst(KeyedByIdentity):
    """The squared factor is computed anew only where its first number is another one."""

    def squared(self, ctx: Context) -> Array:
        key = float(self.factor.flat[0])
        if getattr(ctx.saved, "key", None) != key:
            ctx.saved.key, ctx.saved.squared = key, self.factor**2
        squared: Array = ctx.saved.squared
        return squared


class StaleState(Centre):
    """The running mean that inference takes off is that of the context's first pass."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.training = ctx.training
        if ctx.training:
            return super().forward(x, ctx)
        if not hasattr(ctx.saved, "mean"):
            ctx.saved.mean = self.mean.copy()
        y: Array = x - ctx.saved.mean
        return y


class KeyedByInput(Scale):
    """The same array again is taken for the same numbers."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if getattr(ctx.saved, "x", None) is not x:
            ctx.saved.x, ctx.saved.tanh = x, np.tanh(x)
        y: Array = ctx.saved.tanh * self.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.tanh).sum(axis=0)
        below: Array = grad * self.factor * (1 - ctx.saved.tanh**2)
        return below


class KeyedByGradient(Scale):
    """The same gradient array again is taken for the same numbers."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        if getattr(ctx.saved, "grad", None) is not grad:
            ctx.saved.grad, ctx.saved.copy = grad, grad.copy()
        ctx.gradient("factor")[...] = (ctx.saved.copy * ctx.saved.x).sum(axis=0)
        below: Array = ctx.saved.copy * self.factor
        return below


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(TransposedOnce, "parameters-read-anew", "changed in place", VECTORS),
    Bug(CopiedInConnect, "parameters-read-anew", "connect works"),
    Bug(CopiedInBuild, "parameters-read-anew", "build works", VECTORS),
    Bug(FoldedAtInference, "parameters-read-anew", "inference"),
    Bug(KeyedByIdentity, "parameters-read-anew", "changed in place"),
    Bug(KeyedBySum, "parameters-read-anew", "changed in place"),
    Bug(KeyedByFirst, "parameters-read-anew", "changed in place"),
    Bug(StaleState, "parameters-read-anew", "inference"),
    Bug(KeyedByInput, "inputs-read-anew", "the same array"),
    Bug(KeyedByGradient, "inputs-read-anew", "the same array"),
]
