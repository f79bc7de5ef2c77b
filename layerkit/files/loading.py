"""Reading a model from a file that may have been written by anybody."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from layerkit.errors import ModelFileError
from layerkit.files.arrays import read_into
from layerkit.files.decoding import Decoder
from layerkit.files.document import Document, opened
from layerkit.files.header import PARAMETERS, STATES
from layerkit.files.limits import Limits
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.models.model import Model
from layerkit.models.node import Declaration, Node
from layerkit.models.plan import plan
from layerkit.models.structure import Structure
from layerkit.registry.host import PluginHost, default_host
from layerkit.shapes import as_shape

_DTYPES = {"float32": "F32", "float64": "F64"}
_LONGEST_AXIS = 2**40


def load(path: str | os.PathLike[str], *, host: PluginHost | None = None, limits: Limits | None = None) -> Model:
    """The model in a file, as ``save`` wrote it; of a checkpoint, its model.

    Nothing in the file is run. Components are found by registered name, in the registry of ``host`` (this process's if
    left out); which arrays there must be is computed from the architecture before memory is taken; every byte is
    compared with the digest. That shows damage; who wrote a file it does not show.

    Raises:
        ModelFileError: the file is refused; the message says why, and what to install if a plugin is missing.
    """
    return load_with_cost(path, host=host, limits=limits)[0]


def load_with_cost(
    path: str | os.PathLike[str], *, host: PluginHost | None = None, limits: Limits | None = None
) -> tuple[Model, Cost | None]:
    """The model in a file, and the cost that it was trained with, if the file names one.

    Raises:
        ModelFileError: as ``load``.
    """
    limits = limits or Limits()
    with opened(path, limits) as document:
        return restored(document, host or default_host(), limits)


def restored(document: Document, host: PluginHost, limits: Limits) -> tuple[Model, Cost | None]:
    """The model of a document, with its values, and its cost.

    Raises:
        ModelFileError: something does not fit.
    """
    section = document.content.get("model")
    if document.content.get("kind") not in ("model", "checkpoint") or not isinstance(section, dict):
        raise ModelFileError("it describes no model")
    try:
        model, cost, node = _planned(section, document, host, limits)
    except ModelFileError:
        raise
    except Exception as error:
        # components, also those of third parties, are given whatever the file says
        raise ModelFileError(f"its model cannot be built: {type(error).__name__}: {error}") from error
    dtype = section["dtype"]
    _compare_tensors(document, node, _DTYPES[dtype], checkpoint=document.content["kind"] == "checkpoint")
    _fill(document, node, np.dtype(dtype))
    return model, cost


def _planned(
    section: dict[str, Any], document: Document, host: PluginHost, limits: Limits
) -> tuple[Model, Cost | None, Node]:
    if set(section) != {"architecture", "cost", "dtype", "frozen", "input_shape", "readout"}:
        raise ModelFileError("its description of the model lacks something, or has something that is unknown")
    if section["dtype"] not in _DTYPES:
        raise ModelFileError(f"its model has the dtype {section['dtype']!r}; known are {', '.join(_DTYPES)}")
    sources = document.content.get("components")
    decoder = Decoder(host, sources if isinstance(sources, dict) else {}, limits)
    model = decoder.decode(section["architecture"])
    cost, readout = decoder.decode(section["cost"]), decoder.decode(section["readout"])
    if not isinstance(model, Model):
        raise ModelFileError(f"its outermost part is no model, but {type(model).__name__}")
    if not isinstance(readout, (Activation, type(None))) or not isinstance(cost, (Cost, type(None))):
        raise ModelFileError("its readout is no activation, or its cost no cost")
    shape = () if section["input_shape"] == [] else as_shape(_checked_shape(section["input_shape"], limits))
    node = plan(model, shape, limit=3 * limits.occurrences)
    if readout is not None:
        # at `predict` it is built for this shape; what cannot be built is refused now
        plan(readout, node.output_shape, limit=3 * limits.occurrences)
    model.readout = readout
    _freeze(node, section["frozen"])
    return model, cost, node


def _checked_shape(shape: Any, limits: Limits) -> Any:
    if isinstance(shape, list) and len(shape) <= limits.axes:
        for axis in shape:
            if isinstance(axis, list):
                _checked_shape(axis, limits)
            elif axis is not None and (type(axis) is not int or not 0 < axis <= _LONGEST_AXIS):
                raise ModelFileError(f"its model takes inputs of shape {shape}, which is none")
        return shape
    raise ModelFileError("its model takes inputs of a shape that is none")


def _freeze(node: Node, frozen: Any) -> None:
    places = {inner.path: inner.layer for inner in node.walk() if inner.first}
    if not isinstance(frozen, list) or not all(isinstance(path, str) and path in places for path in frozen):
        raise ModelFileError("its description freezes a layer that is not there")
    if frozen != sorted(set(frozen)):
        raise ModelFileError("its description does not name each frozen layer once, in order")
    for path in frozen:
        places[path].freeze()


def _declared(node: Node) -> dict[str, Declaration]:
    """What the architecture needs, by the names of a file's arrays."""
    found: dict[str, Declaration] = {}
    for inner in node.walk():
        if inner.first:
            found |= {f"{PARAMETERS}{inner.join(name)}": declared for name, declared in inner.parameters.items()}
            found |= {f"{STATES}{inner.join(name)}": declared for name, declared in inner.states.items()}
    return found


def _compare_tensors(document: Document, node: Node, dtype: str, *, checkpoint: bool) -> None:
    wanted = _declared(node)
    for name, declared in wanted.items():
        tensor = document.tensors.get(name)
        if tensor is None:
            raise ModelFileError(f"it lacks the array {name!r} of shape {declared.shape}, which its architecture needs")
        if (tensor.shape, tensor.dtype) != (declared.shape, dtype):
            raise ModelFileError(
                f"its array {name!r} has the shape {tensor.shape} and the dtype {tensor.dtype}; its architecture needs "
                f"{declared.shape} and {dtype}"
            )
    other = [name for name in document.tensors if name not in wanted]
    if checkpoint:
        other = [name for name in other if not name.startswith("training/")]
    if other:
        raise ModelFileError(f"it holds the array {other[0]!r}, for which its architecture has no place")


def _fill(document: Document, node: Node, dtype: np.dtype[Any]) -> None:
    """Give the layers memory, and read the file's arrays straight into it."""
    nothing = np.zeros((), dtype)
    for inner in node.walk():
        for name, declared in (inner.parameters | inner.states).items():
            # a value of the right shape that takes no memory: so no initializer is run
            inner.layer.__dict__[name] = np.broadcast_to(nothing, declared.shape)
    structure = Structure(node, dtype, 0)
    root = structure.root
    assert isinstance(root, Model)
    for path, array in root.parameters.items():
        read_into(document, f"{PARAMETERS}{path}", array)
    for path, array in root.states.items():
        read_into(document, f"{STATES}{path}", array)
