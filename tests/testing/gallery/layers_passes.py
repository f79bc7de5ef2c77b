"""Layers whose passes read, keep or change what they must not."""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Affine, Centre, Drop, Scale


class KeepsOnSelf(Scale):
    """What forward saves is kept on self."""

    def forward(self, x: Array, ctx: Context) -> Array:
        self.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * self.x).sum(axis=0)
        return grad * self.factor


class CountsOnSelf(Scale):
    """A count of passes is kept on self."""

    def forward(self, x: Array, ctx: Context) -> Array:
        self.count = self.__dict__.get("count", 0) + 1
        return super().forward(x, ctx)


class MutatesInput(Scale):
    """Forward multiplies x in place."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x.copy()
        x *= self.factor
        return x


class MutatesGradient(Scale):
    """Backward multiplies grad in place."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        grad *= self.factor
        return grad


class NormalizesItself(Scale):
    """Forward keeps its factor at length 1, in place."""

    def forward(self, x: Array, ctx: Context) -> Array:
        self.factor /= np.linalg.norm(self.factor)
        return super().forward(x, ctx)


class SetsState(Centre):
    """The running mean is written at once instead of proposed."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            self.mean[...] = x.mean(axis=0)
        return super().forward(x, ctx)


class ProposesAtInference(Centre):
    """The running mean moves at inference, too."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.update_state("mean", 0.9 * self.mean + 0.1 * x.mean(axis=0))
        return super().forward(x, ctx)


class UndeclaredCoupling(Centre):
    """Rows are mixed, and the class does not say so."""

    coupled_rows = False


class SoftmaxOverRows(Scale):
    """A softmax over the batch axis."""

    def forward(self, x: Array, ctx: Context) -> Array:
        exponential = np.exp(x - x.max(axis=0)) if len(x) else x
        return super().forward(exponential / exponential.sum(axis=0), ctx)


class StaleScratch(Scale):
    """Scratch is added to before it is written."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = ctx.scratch("y", x.shape)
        y[:1] = 0
        y += x * self.factor
        y[:1] = x[:1] * self.factor
        return y


class HalfWritten(Scale):
    """Negative places of scratch are left as they were."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = ctx.scratch("y", x.shape)
        np.multiply(x, self.factor, out=y, where=np.abs(x) > 0.5)
        return np.where(np.abs(x) > 0.5, y, 0 * y)


class StaleSaved(Drop):
    """The mask of the first pass is used ever after."""

    def kept(self, x: Array, ctx: Context) -> Array:
        known = getattr(ctx.saved, "mask", None)
        if known is None or known.shape != x.shape:
            ctx.saved.mask = super().kept(x, ctx)
        mask: Array = ctx.saved.mask
        return mask


class TrainEvalMixedUp(Drop):
    """Drops at inference, and not in training."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.kept = np.ones_like(x) if ctx.training else self.kept(x, ctx)
        return x * ctx.saved.kept


class AlwaysDrops(Drop):
    """Drops at inference, too."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.kept = self.kept(x, ctx)
        return x * ctx.saved.kept


class Unnormalised(Drop):
    """What is left is not scaled, so the mean falls."""

    def kept(self, x: Array, ctx: Context) -> Array:
        return (ctx.rng.random(x.shape) >= self.rate).astype(x.dtype)


class UndeclaredDraws(Drop):
    """Draws random numbers, and the class does not say so."""

    stochastic = False


class GlobalGenerator(Drop):
    """Draws from NumPy's global generator."""

    def kept(self, x: Array, ctx: Context) -> Array:
        return ((np.random.random(x.shape) >= self.rate) / (1 - self.rate)).astype(x.dtype)


class OwnGenerator(Drop):
    """Draws from a generator of its own, which nobody seeded."""

    def kept(self, x: Array, ctx: Context) -> Array:
        drawn = np.random.default_rng().random(x.shape)
        return ((drawn >= self.rate) / (1 - self.rate)).astype(x.dtype)


class MemoryOrder(Affine):
    """Values are taken in the order in which they lie in memory."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x.ravel(order="K").reshape(x.shape), ctx)


class Forgets(Scale):
    """What was learned lies outside parameters and state."""

    def __init__(self) -> None:
        self._largest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            self._largest = max(self._largest, float(np.abs(x).max(initial=1.0)))
        return super().forward(x / np.asarray(self._largest, x.dtype), ctx)


class FrozenCopy(Scale):
    """The factor is read once and then never again, so nothing that is learned shows."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if "first" not in self.__dict__:
            self.first = self.factor.copy()
        ctx.saved.x = x
        return x * self.first


class OtherAtInference(Scale):
    """Inference has the other sign."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.sign = 1 if ctx.training else -1
        return super().forward(x, ctx) * ctx.saved.sign

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad * ctx.saved.sign, ctx)


_SHARED: dict[str, Array] = {}


class ModuleBuffer(Scale):
    """The output passes through memory of the module's."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        _SHARED["y"] = x * self.factor
        for _ in range(50):
            _SHARED["y"] = +_SHARED["y"]
        return _SHARED["y"]


class RemembersBuffer(Scale):
    """Writes its gradient where the last pass that was set up has its buffer."""

    def connect(self, ctx: Context) -> None:
        self._buffer = ctx.gradients.get("factor")

    def backward(self, grad: Array, ctx: Context) -> Array:
        if self._buffer is not None:
            self._buffer[...] = (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor


class MutatesWhereItCan(Scale):
    """Multiplies x in place where nothing prevents it."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x.copy()
        return np.multiply(x, self.factor, out=x if x.flags.writeable else None)


class UnseenBranch(Scale):
    """Declares recordable, and branches on numbers behind the recorder's back."""

    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.scale = 2.0 if np.asarray(x).max(initial=0) > THRESHOLD else 1.0
        return x * self.factor * ctx.saved.scale

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad * ctx.saved.scale, ctx)


THRESHOLD = 0.56


class LeavesALambda(Scale):
    """Build leaves a function on self."""

    def build(self, input_shape: Shape) -> Shape:
        self._shape = lambda: input_shape
        return super().build(input_shape)


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(KeepsOnSelf, "interleaved-passes", "ctx.saved"),
    Bug(CountsOnSelf, "keeps-nothing-on-itself", "self.count"),
    Bug(MutatesInput, "inputs-not-mutated", "in-place"),
    Bug(MutatesGradient, "inputs-not-mutated", "in-place"),
    Bug(NormalizesItself, "parameters-untouched", "self.<parameter>"),
    Bug(SetsState, "parameters-untouched", "ctx.update_state"),
    Bug(ProposesAtInference, "parameters-untouched", "ctx.training"),
    Bug(UndeclaredCoupling, "rows-independent", "coupled_rows"),
    Bug(SoftmaxOverRows, "rows-independent", "batch axis"),
    Bug(StaleScratch, "scratch-reused", "before it is written"),
    Bug(HalfWritten, "scratch-reused", "before it is written"),
    Bug(StaleSaved, "scratch-reused", "outlives"),
    Bug(TrainEvalMixedUp, "stochastic-training", "ctx.training"),
    Bug(AlwaysDrops, "inference-deterministic", "ctx.training"),
    Bug(Unnormalised, "stochastic-training", "divide by the probability"),
    Bug(UndeclaredDraws, "stochastic-training", "declare"),
    Bug(GlobalGenerator, "global-generators-untouched", "np.random"),
    Bug(OwnGenerator, "same-seed-same-result", "generator that is given"),
    Bug(MemoryOrder, "memory-layouts", "order", VECTORS),
    Bug(Forgets, "state-saved-and-restored", "self.state"),
    Bug(FrozenCopy, "keeps-nothing-on-itself", "self.first"),
    Bug(OtherAtInference, "learns", "training and inference that differ"),
    Bug(RemembersBuffer, "twice-in-one-network", "elsewhere than into"),
    Bug(MutatesWhereItCan, "inside-a-network", "still reads"),
    Bug(UnseenBranch, "recorded-passes", "numbers of an array are read", {**VECTORS, "checks": ["recorded-passes"]}),
    Bug(LeavesALambda, "built-model-pickled", "build or a pass"),
    Bug(ModuleBuffer, "threads", "in the module"),
]
