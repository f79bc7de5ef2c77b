"""Layers one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from layerkit.arguments import check_instance
from layerkit.errors import ArgumentError
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.layers.chain import Chain
from layerkit.models.model import Model
from layerkit.types import Shape


@final
class Sequential(Chain, Model):
    """y = layerₙ(… layer₁(layer₀(x))): each layer's output is the next one's input.

    Args:
        layers: the layers in order; a Sequential may be one of them, and a layer may occur more than once.

    Raises:
        ArgumentError: there is no layer, or something among them is none.

    >>> import numpy as np
    >>> from layerkit import Dense, Sequential, Sigmoid
    >>> model = Sequential([Dense(3, activation=Sigmoid()), Dense(2)]).initialize(4, seed=0)
    >>> model.predict(np.ones((5, 4))).shape
    (5, 2)
    """

    recordable = True

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        if not isinstance(layers, (list, tuple)) or not layers:
            raise ArgumentError(f"Sequential: layers must be a list of at least one layer, got {layers!r}")
        for place, layer in enumerate(layers):
            check_instance(self, f"layers[{place}]", layer, Layer)

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the first layer that does not just pass integers on makes of them; of several inputs, in a tuple."""
        found: IntegerInput = "keep"
        for layer in reversed(self.layers):
            kind = layer.integer_input
            if isinstance(kind, tuple):
                # what is behind several inputs is one
                behind = "cast" if isinstance(found, tuple) else found
                found = tuple(behind if each == "keep" else each for each in kind)
            elif kind != "keep":
                found = kind
        return found

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the first layer."""
        return self.layers[0].input_names

    def build(self, input_shape: Shape) -> Shape:
        shape = input_shape
        for place, layer in enumerate(self.layers):
            shape = self.part(str(place), layer, shape)
        return shape

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, place: int) -> Layer:
        return self.layers[place]

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)
