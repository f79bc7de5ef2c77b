"""The scaled exponential linear unit."""

from __future__ import annotations

from typing import final

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponential_linear import exponential_linear, exponential_linear_slopes
from layerkit.constants import SELU_ALPHA, SELU_SCALE
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class SELU(Elementwise):
    """y = λ z above 0, and λ α (eᶻ − 1) below, with λ ≈ 1.0507 and α ≈ 1.6733.

    The two numbers are those for which values of mean 0 and variance 1 keep both from layer to layer, when weights are
    drawn with mean 0 and variance 1 / fan_in (the initializer ``LeCun``). The derivative is λ for z > 0 and λ α eᶻ
    otherwise, also at 0 itself.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, *Self-normalizing neural networks*, NeurIPS 2017.
    """

    kinks = (0.0,)
    lowest = -SELU_SCALE * SELU_ALPHA

    def values(self, z: Array, scratch: Scratch) -> Array:
        return exponential_linear(z, scratch, alpha=SELU_ALPHA, scale=SELU_SCALE)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        return exponential_linear_slopes(z, scratch, alpha=SELU_ALPHA, scale=SELU_SCALE)
