"""The model's part of what training goes on from."""

from __future__ import annotations

from typing import Any

from layerkit.models.model import Model
from layerkit.models.schema import Schema
from layerkit.steps.target_scale import readout_state
from layerkit.types import Shape


def model_state(model: Model) -> dict[str, Any]:
    """Values (copies), dtype, input shape, what is frozen, the scale of standardised targets, names, and threshold."""
    threshold = model.threshold
    structure = model.structure
    return {
        "parameters": {path: array.copy() for path, array in model.parameters.items()},
        "states": {path: array.copy() for path, array in model.states.items()},
        "dtype": structure.dtype.name,
        "input_shape": _as_lists(model.input_shape),
        "frozen": [node.path for node in structure.node.walk() if node.layer.frozen],
        "readout": readout_state(model),
        "schema": model.schema.plain(),
        "threshold": list(threshold) if isinstance(threshold, tuple) else threshold,
    }


def restore_model(model: Model, state: dict[str, Any], *, seed: int) -> None:
    """Take over what ``model_state`` gave and was checked, but for the readout, which depends on the cost."""
    if not model.initialized:
        model.initialize(state["input_shape"], seed=seed, dtype=state["dtype"])
    for node in list(model.structure.node.walk()):
        if node.first and node.layer.frozen != (node.path in state["frozen"]):
            node.layer.unfreeze() if node.layer.frozen else node.layer.freeze()
    model.astype(state["dtype"])
    for kind, values in (("parameters", model.parameters), ("states", model.states)):
        for path, array in values.items():
            array[...] = state[kind][path]
    # states of earlier versions do not tell these
    if "schema" in state:
        model.schema = Schema.of_plain(state["schema"])
    if "threshold" in state:
        model.threshold = state["threshold"]


def _as_lists(shape: Shape) -> Any:
    return [_as_lists(part) for part in shape] if isinstance(shape, tuple) else shape
