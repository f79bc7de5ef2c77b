"""The state of a layer and of all inside it at one moment, for copies and pickles, which go from layer to layer."""

from __future__ import annotations

from typing import Any, final

from layerkit.interfaces.layer import Layer, state_now
from layerkit.models.node import Node
from layerkit.types import DType, Shape


@final
class Moment:
    """What ``__getstate__`` gives of each layer, taken at once.

    A pickle asks the layers one after another, and nobody knows when it ends. So the first one that is asked lays the
    moment into its own state, and those inside it find it for as long as that state lives.
    """

    def __init__(self, layer: Layer, node: Node, dtype: DType) -> None:
        self.layer = layer
        self.dtype = dtype
        self.ahead = False
        """Whether it was made before ``layer`` itself is asked, by what holds the layer."""
        self._nodes = {id(inner.layer): inner for inner in reversed(list(node.walk()))}
        self._states = {key: state_now(inner.layer) for key, inner in self._nodes.items()}

    def serves(self, layer: Layer) -> bool:
        """Whether it holds the state of ``layer``, which is asked inside a copy that has begun."""
        begins = layer is self.layer
        serves = id(layer) in self._states and (self.ahead or not begins)
        self.ahead = self.ahead and not begins
        return serves

    def state_of(self, layer: Layer) -> dict[str, Any]:
        """The state of a layer, with the moment in it."""
        return {**self._states[id(layer)], "_moment": self}

    def input_shape_of(self, layer: Layer) -> Shape:
        """The shape that a layer took where it stood first."""
        return self._nodes[id(layer)].input_shape

    def __deepcopy__(self, memo: Any) -> Moment:
        return self

    def __reduce__(self) -> tuple[type, tuple[()]]:
        # it is nothing once the pickle is written
        return type(None), ()
