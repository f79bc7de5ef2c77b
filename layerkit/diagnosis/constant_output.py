"""What makes a network's output the same whatever its input, which can be told from the layers alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.activations.log_softmax import LogSoftmax
from layerkit.activations.softmax import Softmax
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.layers.rescale import Rescale
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.sequential import Sequential
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array

_ROWS, _MOST_NUMBERS = 4, 2**13
_ANY_LENGTH = 3
_ALIKE = 1e-4
"""The spread over rows of inputs of about 3 below which outputs count as the same for every row."""


@final
@dataclass(frozen=True, slots=True)
class _Cause:
    node: Node
    value: float


def about_constant_output(model: Model, cost: Cost) -> LayerkitWarning | None:
    """A warning where a layer gives the same whatever it is given, and so does the network: a softmax over one output,
    a normalisation over one feature, a factor of 0."""
    structure = model.structure
    cause = _cause(structure, structure.node)
    if cause is None:
        return None
    layer, title = cause.node.layer, cause.node.title
    name, readout = type(layer).__name__, cost.readout()
    if isinstance(layer, (Softmax, LogSoftmax)):
        what = f"{title} is over one output, and so always {cause.value:g}"
        cure = (
            f"Leave {name} out, for {type(cost).__name__} applies {type(readout).__name__} itself"
            if readout is not None
            else "Sigmoid is meant for a yes or no, no activation for a number; for several classes, give the layer in "
            "front one output each"
        )
    elif layer.normalizes:
        what = f"{title} normalises each number by itself, inputs of {with_batch(cause.node.input_shape)}, and so gives"
        what += f" {cause.value:g} to begin with"
        cure = (
            "Leave it out, put it where there are more features, or take BatchNormalization or Standardize, which go "
            "by how the rows differ"
        )
    else:
        what, cure = f"{title} gives {cause.value:g}", "Leave it out, or give it another factor than 0"
    return LayerkitWarning(
        f"{what}, whatever the input: every example gets the same prediction, and nothing is learned from the "
        f"features. {cure}",
        name="constant-output",
    )


def _cause(structure: Structure, node: Node) -> _Cause | None:
    """What makes the output of ``node`` the same for every input; None if nothing does."""
    for part in node.parts.values():
        found = _cause(structure, part)
        # whatever is in front of it or behind it in a row; of others, what is beside it may count
        if found is not None and (_in_a_row(node, part) or _constant(structure, node) is not None):
            return found
    if not _may_be(node):
        return None
    value = _constant(structure, node)
    return None if value is None else _Cause(node, value)


def _in_a_row(node: Node, part: Node) -> bool:
    """Whether all that ``node`` gives has gone through its ``part``."""
    layer = node.layer
    if isinstance(layer, Sequential) or part.layer is getattr(layer, "activation", None):
        return True
    return layer.output_part is not None and node.parts[layer.output_part] is part


def _may_be(node: Node) -> bool:
    # an elementwise function goes by its input, but for a factor of 0
    layer = node.layer
    if isinstance(layer, Rescale):
        return layer.scale == 0
    # running values may be far from what is drawn here
    return (layer.normalizes and not node.states) or (isinstance(layer, Activation) and not layer.elementwise)


def _constant(structure: Structure, node: Node) -> float | None:
    """What ``node`` by itself gives for every input; None where that depends, or cannot be tried."""
    if is_many(node.input_shape) or not node.input_shape:
        return None
    if isinstance(node.layer, (Softmax, LogSoftmax)):
        return float(isinstance(node.layer, Softmax)) if node.input_shape[-1] == 1 else None
    shape = tuple(axis if isinstance(axis, int) else _ANY_LENGTH for axis in node.input_shape)
    if math.prod(shape) > _MOST_NUMBERS:
        return None
    rng = RandomStreams(0).generator("diagnosis", node.path)
    x: Array = rng.normal(scale=3.0, size=(_ROWS, *shape)).astype(structure.dtype)
    try:
        with np.errstate(all="ignore"):
            y = Pass(structure, node, RandomStreams(0), training=False).forward(x, float(_ROWS))
    except Exception:
        # what a layer cannot do, training says itself
        return None
    if isinstance(y, tuple) or not y.size or not np.isfinite(y).all() or np.ptp(y, axis=0).max() > _ALIKE:
        return None
    return float(y.flat[0])
