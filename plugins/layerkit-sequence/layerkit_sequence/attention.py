"""Self-attention with several heads."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Glorot, Initializer, Layer, Zeros
from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_sequence import scaled_dot_product
from layerkit_sequence.masks import features_of, time_mask


@final
class MultiHeadSelfAttention(Layer):
    """Every step takes from the steps whose keys are like its query: y = [a₁ v₁ … a_h v_h] O + p.

    A product x W + b gives each head its queries q, keys k and values v, of features / heads numbers; a is
    softmax(q kᵀ / √(features / heads)) over the steps that may be read from: those that the mask lets count and,
    where ``causal``, none that comes later. A step with none to read from gets zeros for a v; a step that the mask
    leaves out has zeros as its output.

    With δ the gradient with respect to y and d = δ Oᵀ, for each head: ∂v = aᵀ d, ∂a = d vᵀ,
    ∂(q kᵀ) = a (∂a − Σ a ∂a) / √(features / heads), from which ∂q and ∂k follow, and ∂W, ∂b and ∂x from them as for a
    dense layer.

    Shapes: x and y ``(batch, time, features)``; ``weight`` W ``(features, 3 · features)`` and ``bias`` b
    ``(3 · features,)``, in the order q, k, v, each head by head; ``output_weight`` O ``(features, features)`` and
    ``output_bias`` p ``(features,)``. Memory grows with heads · time².

    Args:
        heads: how many; the features must be a multiple of it.
        causal: whether each step reads from itself and earlier steps only.
        initializer: draws W and O; Glorot's uniform by default.

    Raises:
        ShapeError: at build, the features are no multiple of ``heads``.

    Source: Vaswani et al., *Attention is all you need*, NeurIPS 2017.

    >>> from layerkit import Sequential
    >>> Sequential([MultiHeadSelfAttention(4)]).initialize((None, 32)).output_shape
    (None, 32)
    """

    weight: Array
    bias: Array
    output_weight: Array
    output_bias: Array

    def __init__(self, heads: int, *, causal: bool = False, initializer: Initializer | None = None) -> None:
        check_integer(self, "heads", heads, minimum=1)
        check_boolean(self, "causal", causal)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.heads = heads
        self.causal = causal
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        features = features_of(self, input_shape)
        if features % self.heads:
            raise ShapeError(
                f"MultiHeadSelfAttention: the features must be a multiple of heads ({self.heads}), "
                f"got inputs of {with_batch(input_shape)}"
            )
        initializer = self.initializer or Glorot()
        self.parameter("weight", (features, 3 * features), initializer, fan_in=features, fan_out=features)
        self.parameter("bias", (3 * features,), Zeros(), tags=("bias",))
        self.parameter("output_weight", (features, features), initializer, fan_in=features, fan_out=features)
        self.parameter("output_bias", (features,), Zeros(), tags=("bias",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        weight, scratch, saved = self.weight, ctx.scratch, ctx.saved
        batch, time, features = x.shape
        counts = time_mask(x, ctx)
        saved.idle = None if counts is None else ~counts
        saved.rows = x.reshape(-1, features)

        projected = saved.rows.dot(weight, scratch("projected", (batch * time, 3 * features)))
        np.add(projected, self.bias, projected)
        left_out = [] if saved.idle is None else [saved.idle[:, None, None, :]]
        if self.causal:
            left_out.append(_later(time))
        read = scaled_dot_product.read(ctx, *self._heads(projected, batch, time), left_out)
        y = read.dot(self.output_weight, scratch("y", read.shape))
        np.add(y, self.output_bias, y)
        y = y.reshape(x.shape)
        if saved.idle is not None:
            np.copyto(y, 0.0, where=saved.idle[:, :, None])
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, saved = ctx.scratch, ctx.saved
        batch, time, features = grad.shape
        if saved.idle is not None:
            grad = np.multiply(grad, ~saved.idle[:, :, None], out=scratch("counted gradient", grad.shape))
        rows = grad.reshape(-1, features)
        ones = scratch.ones(rows.shape[0])
        saved.read.T.dot(rows, ctx.gradient("output_weight"))
        ones.dot(rows, ctx.gradient("output_bias"))
        read_gradient = rows.dot(self.output_weight.T, scratch("read gradient", rows.shape))

        projected_gradient = scratch("projected gradient", (rows.shape[0], 3 * features))
        scaled_dot_product.gradients(ctx, read_gradient, *self._heads(projected_gradient, batch, time))

        saved.rows.T.dot(projected_gradient, ctx.gradient("weight"))
        ones.dot(projected_gradient, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = projected_gradient.dot(self.weight.T, scratch("gradient", rows.shape))
        return below.reshape(grad.shape)

    def _heads(self, projected: Array, batch: int, time: int) -> tuple[Array, Array, Array]:
        """Views of queries, keys and values, ``(batch, heads, time, features / heads)`` each."""
        width = projected.shape[1] // (3 * self.heads)
        q, k, v = projected.reshape(batch, time, 3, self.heads, width).transpose(2, 0, 3, 1, 4)
        return q, k, v


def _later(time: int) -> Array:
    """Which steps come later than each step, ``(time, time)``."""
    return np.triu(np.ones((time, time), np.bool_), 1)
