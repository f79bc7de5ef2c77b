"""The model's part of what training goes on from."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.plan import plan
from layerkit.models.schema import Schema
from layerkit.models.structure import Structure
from layerkit.shapes import as_shape
from layerkit.steps.target_scale import readout_state
from layerkit.types import Shape
from layerkit.uninterrupted import uninterrupted


def model_state(model: Model) -> dict[str, Any]:
    """Values (copies), dtype, input shape, what is frozen, the scale of standardised targets, names, and threshold."""
    threshold = model.threshold
    structure = model.structure
    return {
        "parameters": {path: array.copy() for path, array in model.parameters.items()},
        "states": {path: array.copy() for path, array in model.states.items()},
        "dtype": structure.dtype.name,
        "input_shape": _as_lists(model.input_shape),
        "frozen": frozen_in(structure.node),
        "readout": readout_state(model),
        "schema": model.schema.plain(),
        "threshold": list(threshold) if isinstance(threshold, tuple) else threshold,
    }


def restore_model(model: Model, state: dict[str, Any]) -> list[str]:
    """Take over what ``model_state`` gave and was checked, but for the readout, which depends on the cost.

    Returns the paths of the layers that were frozen before.
    """
    frozen = _restore_values(model, state)
    # states of earlier versions do not tell these
    if "schema" in state:
        model.schema = Schema.of_plain(state["schema"])
    if "threshold" in state:
        model.threshold = state["threshold"]
    return frozen


def frozen_in(node: Node) -> list[str]:
    """The paths of the layers that are frozen."""
    return [inner.path for inner in node.walk() if inner.layer.frozen]


def _restore_values(model: Model, state: dict[str, Any]) -> list[str]:
    values = {**state["parameters"], **state["states"]}
    if not model.initialized:
        # laid out before it is the model's: nobody sees it with other values
        node = plan(model, as_shape(state["input_shape"]))
        before = frozen_in(node)
        _freeze(node, state["frozen"])
        structure = Structure(node, np.dtype(state["dtype"]))
        structure.fill(lambda entry: values[entry.path])
        uninterrupted(structure.install)
        return before
    with model.structure.gate.exclusive():
        before = frozen_in(model.structure.node)
        _freeze(model.structure.node, state["frozen"])
        model.astype(state["dtype"])
        for path, array in (*model.parameters.items(), *model.states.items()):
            array[...] = values[path]
    return before


def _freeze(node: Node, frozen: list[str]) -> None:
    for inner in list(node.walk()):
        if inner.first and inner.layer.frozen != (inner.path in frozen):
            inner.layer.unfreeze() if inner.layer.frozen else inner.layer.freeze()


def _as_lists(shape: Shape) -> Any:
    return [_as_lists(part) for part in shape] if isinstance(shape, tuple) else shape
