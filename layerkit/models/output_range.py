"""What a network's outputs can be, as its last activation declares it."""

from __future__ import annotations

import math

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.layer import Layer
from layerkit.layers.rescale import Rescale
from layerkit.models.node import Node

UNBOUNDED = (-math.inf, math.inf)


def prediction_range(node: Node, readout: Activation | None) -> tuple[float, float]:
    """The lowest and the highest value that ``predict`` can give: those of the readout, else of the last activation.

    Layers that pass values on, such as a reshape, are looked behind; any other last layer has no bounds.
    """
    if readout is not None and readout.integer_input != "keep":
        return readout.lowest, readout.highest
    return _range(node) or UNBOUNDED


def passes_on(layer: Layer) -> bool:
    """Whether a layer hands its input on as it is, in another shape perhaps."""
    return layer.integer_input == "keep" or (isinstance(layer, Rescale) and (layer.scale, layer.offset) == (1, 0))


def _range(node: Node) -> tuple[float, float] | None:
    """None: the layer passes values on."""
    # a Sequential is a model, and models ask for their range
    from layerkit.models.sequential import Sequential

    layer = node.layer
    if isinstance(layer, Sequential):
        return next((found for part in reversed(node.parts.values()) if (found := _range(part))), None)
    if layer.output_part is not None:
        return _range(node.parts[layer.output_part])
    # a layer's own activation comes last, after what else the layer does
    own = [part for part in node.parts.values() if part.layer is getattr(layer, "activation", None)]
    if own:
        return _range(own[0]) or UNBOUNDED
    if passes_on(layer):
        return None
    return (layer.lowest, layer.highest) if isinstance(layer, Activation) else UNBOUNDED
