"""What a file says of a model: its architecture by names, and the shapes it was built for."""

from __future__ import annotations

from typing import Any

from layerkit import __version__
from layerkit.files.encoding import Encoder
from layerkit.files.migrations import FORMAT
from layerkit.interfaces.cost import Cost
from layerkit.models.model import Model
from layerkit.types import Shape


def described(model: Model, encoder: Encoder, *, kind: str, cost: Cost | None) -> dict[str, Any]:
    """The description of an initialized model.

    Raises:
        NotBuiltError: the model has no values.
        ArgumentError: a component cannot be told in a file.
    """
    structure = model.structure
    nodes = structure.node.walk()
    section = {
        "architecture": encoder.encode(model),
        "cost": None if cost is None else encoder.encode(cost),
        "dtype": structure.dtype.name,
        "frozen": sorted(node.path for node in nodes if node.first and node.layer.frozen),
        "input_shape": as_lists(model.input_shape),
        "readout": None if model.readout is None else encoder.encode(model.readout),
    }
    return {
        "components": encoder.sources,
        "format": FORMAT,
        "kind": kind,
        "layerkit": __version__,
        "model": section,
    }


def as_lists(shape: Shape) -> Any:
    """A shape as JSON has it."""
    return [as_lists(part) for part in shape] if isinstance(shape, tuple) else shape
