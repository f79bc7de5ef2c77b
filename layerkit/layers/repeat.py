"""One layer several times over."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.layers.chain import Chain
from layerkit.layers.copies import with_copies
from layerkit.types import Shape


@final
class Repeat(Chain):
    """y = fₙ(… f₂(f₁(x))): a layer, and n − 1 copies of it behind it, each with parameters of its own.

    The layer itself is the first; ``repeat[place]`` is one of them. Values that it has already are those of all copies.

    Args:
        layer: f; a Sequential, say.
        times: n.
        tied: whether the layer itself stands in all places instead, so that there is one set of parameters, whose
            gradients are added up; it must keep the shape then.

    Raises:
        ArgumentError: n copies would be more than 10,000 layers.
        ShapeError: at build, if a copy cannot take what the one before it gives.

    >>> from layerkit import Dense, Residual, Sequential, Tanh
    >>> model = Sequential([Dense(8), Repeat(Residual(Dense(8, activation=Tanh())), 3), Dense(2)]).initialize(5)
    >>> [path for path in model.parameters if path.endswith("weight")]
    ['0.weight', '1.0.inner.weight', '1.1.inner.weight', '1.2.inner.weight', '2.weight']
    """

    recordable = True

    def __init__(self, layer: Layer, times: int, *, tied: bool = False) -> None:
        check_instance(self, "layer", layer, Layer)
        check_integer(self, "times", times, minimum=1)
        check_boolean(self, "tied", tied)
        self.layer = layer
        self.times = times
        self.tied = tied
        self._copies = (layer,) if tied else with_copies(self, "times", layer, times)

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the layer makes of integers."""
        return self.layer.integer_input

    @property
    def output_part(self) -> str:  # type: ignore[override]
        return str(self.times - 1)

    def build(self, input_shape: Shape) -> Shape:
        shape = input_shape
        for place in range(self.times):
            shape = self.part(str(place), self[place], shape)
        return shape

    def __len__(self) -> int:
        return self.times

    def __getitem__(self, place: int) -> Layer:
        return self._copies[0 if self.tied else place]
