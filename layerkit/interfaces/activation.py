"""The activation contract: a layer that keeps the shape."""

from __future__ import annotations

from typing import ClassVar, final

from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


class Activation(Layer):
    """A layer without a shape of its own: on its own in a Sequential, or as ``Dense(30, activation=Sigmoid())``.

    An elementwise one says so with ``elementwise = True`` and gives ``derivative(z)``; the rest is declared so that
    the conformance kit can hold the activation to it.
    """

    elementwise: ClassVar[bool] = False
    """Whether each output depends on the input at the same place alone."""

    kinks: ClassVar[tuple[float, ...]] = ()
    """Where an elementwise activation has no derivative."""

    lowest: float = float("-inf")
    """No output is below this; set in the constructor where an argument decides it."""

    highest: float = float("inf")
    """No output is above this."""

    monotonic: ClassVar[bool] = True
    """Whether an elementwise activation never falls as its input rises."""

    @final
    def build(self, input_shape: Shape) -> Shape:
        self.declare(input_shape)
        return input_shape

    def declare(self, input_shape: Shape) -> None:
        """Declare parameters (a learned slope, say), as ``build`` does in other layers."""

    def derivative(self, z: Array) -> Array:
        """For an elementwise activation: d output / d z at each place, shaped like ``z``."""
        raise NotImplementedError(f"{type(self).__name__} is not elementwise")
