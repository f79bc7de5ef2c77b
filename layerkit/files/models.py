"""Models in files: written by names and numbers, and read though anybody may have written them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from layerkit.arguments import check_instance, check_path
from layerkit.atomic import Buffer
from layerkit.calls import explained
from layerkit.config.codec import Encoder
from layerkit.config.marked import MARKED
from layerkit.errors import ArgumentError, ModelFileError, OwnershipError, ShapeError
from layerkit.files.architecture import ArchitectureDecoder, description_of
from layerkit.files.format.canonical import from_json, to_json
from layerkit.files.format.document import Document, opened
from layerkit.files.format.header import PARAMETERS, STATES, Tensor
from layerkit.files.format.tensors import as_tensor, read_into, write_document
from layerkit.files.limits import Limits
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.models.classes import decision_of
from layerkit.models.model import Model
from layerkit.models.node import Declaration, Node
from layerkit.models.plan import plan
from layerkit.models.schema import Schema
from layerkit.models.structure import Structure
from layerkit.registry.host import PluginHost, default_host
from layerkit.shapes import as_shape
from layerkit.types import Array

DTYPES = {"float32": "F32", "float64": "F64"}
"""The dtypes of models, with their names in the format."""

_SECTION = {"architecture", "cost", "dtype", "frozen", "input_shape", "readout", "schema", "threshold"}
_LONGEST_AXIS = 2**40


@explained
def save(
    model: Model, path: str | os.PathLike[str], *, cost: Cost | None = None, host: PluginHost | None = None
) -> str:
    """Write a model to a safetensors file: architecture, parameters, untrained state, readout, what is frozen.

    The file is written whole or not at all, is on the disk when this returns, and holds no code: components are told by
    the names under which they are registered. The same model gives the same bytes.

    Args:
        model: a model that has values.
        path: where to; by custom it ends in ``.safetensors``.
        cost: the cost that the model was trained with, kept for ``layerkit evaluate``.
        host: whose names are used; those of this process if left out.

    Returns:
        The digest: the SHA-256 of all that the file says.

    Raises:
        NotBuiltError: the model has no values yet.
        ArgumentError: a layer, or something else in the model, is registered under no name.
        ModelFileError: the file could not be written; what was there before is as it was.

    >>> import tempfile, layerkit
    >>> from layerkit import Dense, Sequential, Sigmoid
    >>> model = Sequential([Dense(3, activation=Sigmoid())]).initialize(2, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     digest = layerkit.save(model, f"{folder}/model.safetensors")
    ...     layerkit.load(f"{folder}/model.safetensors")
    Sequential([Dense(3, activation=Sigmoid())])
    """
    check_instance("save", "model", model, Model)
    check_path("save", "path", path)
    check_instance("save", "cost", cost, Cost, optional=True)
    if model.structure.root is not model:
        raise OwnershipError(f"{type(model).__name__} is part of another model: save that one, or a copy of this one")
    host = host or default_host()

    def taken() -> tuple[dict[str, Any], list[dict[str, Array]]]:
        content = description_of(model, Encoder(host, MARKED), kind="model", cost=cost)
        return content, [
            {path: array.copy() for path, array in each.items()} for each in (model.parameters, model.states)
        ]

    # once there are copies, other threads may train the model or lay it out anew
    content, (parameters, states) = model.structure.gate.still(taken)
    tensors = model_tensors(parameters, states)
    try:
        _require_loadable(content, {tensor.name: tensor for tensor in tensors}, host)
    except ModelFileError as error:
        raise ModelFileError(f"{os.fspath(path)} was not written, for it could not be read again: {error}") from error
    return write_document(path, content, tensors)


def require_savable(model: Model, *, cost: Cost | None = None, host: PluginHost | None = None) -> None:
    """Refuse, before it is trained, an initialized model that could not be saved after that.

    Raises:
        ArgumentError: something in it is registered under no name.
        ModelFileError: its description is larger, or deeper, than what is read again.
    """
    host = host or default_host()
    content = description_of(model, Encoder(host, MARKED), kind="model", cost=cost)
    limits = Limits()
    try:
        from_json(to_json({"content": content, "sha256": ""}), values=limits.values, nesting=limits.nesting)
        tensors = model_tensors(model.parameters, model.states)
        _require_loadable(content, {tensor.name: tensor for tensor in tensors}, host)
    except ModelFileError as error:
        raise ModelFileError(f"the model cannot be saved, for it could not be read again: {error}") from error


def _require_loadable(content: dict[str, Any], tensors: Mapping[str, Tensor], host: PluginHost) -> None:
    """Let the reader judge what is to be written: it makes the model anew, without its values.

    Raises:
        ModelFileError: it would refuse it.
    """
    _, _, node = _judged(content, host, Limits())
    compare_tensors(tensors, node, DTYPES[content["model"]["dtype"]], checkpoint=False)


@explained
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


def model_tensors(parameters: Mapping[str, Array], states: Mapping[str, Array]) -> dict[Tensor, Buffer]:
    """The arrays of a model as a file holds them."""
    found = [as_tensor(f"{PARAMETERS}{path}", array) for path, array in parameters.items()]
    found += [as_tensor(f"{STATES}{path}", array) for path, array in states.items()]
    return dict(found)


def restored(document: Document, host: PluginHost, limits: Limits) -> tuple[Model, Cost | None]:
    """The model of a document, with its values, and its cost.

    Raises:
        ModelFileError: something does not fit.
    """
    model, cost, node = _judged(document.content, host, limits)
    dtype = document.content["model"]["dtype"]
    compare_tensors(document.tensors, node, DTYPES[dtype], checkpoint=document.content["kind"] == "checkpoint")
    try:
        structure = Structure(node, np.dtype(dtype))
    except ShapeError as error:
        raise ModelFileError(f"it cannot be loaded here: {error}") from error
    for entry in structure.entries:
        read_into(document, f"{PARAMETERS}{entry.path}", entry.view(structure.parameters))
    for entry in structure.state_entries:
        read_into(document, f"{STATES}{entry.path}", entry.view(structure.states))
        try:
            entry.declaration.require_reached(entry.path, entry.view(structure.states))
        except ArgumentError as error:
            raise ModelFileError(f"it holds what no layer has had: {error}") from error
    structure.install()
    return model, cost


def _judged(content: dict[str, Any], host: PluginHost, limits: Limits) -> tuple[Model, Cost | None, Node]:
    """The model that is described, its cost, and its plan; nothing of it has values.

    Raises:
        ModelFileError: something does not fit.
    """
    section = content.get("model")
    if content.get("kind") not in ("model", "checkpoint") or not isinstance(section, dict):
        raise ModelFileError("it describes no model")
    try:
        return _planned(section, content, host, limits)
    except ModelFileError:
        raise
    except Exception as error:
        # components, also those of third parties, are given whatever the file says
        raise ModelFileError(f"its model cannot be built: {type(error).__name__}: {error}") from error


def _planned(
    section: dict[str, Any], content: dict[str, Any], host: PluginHost, limits: Limits
) -> tuple[Model, Cost | None, Node]:
    if set(section) != _SECTION:
        raise ModelFileError("its description of the model lacks something, or has something that is unknown")
    if section["dtype"] not in DTYPES:
        raise ModelFileError(f"its model has the dtype {section['dtype']!r}; known are {', '.join(DTYPES)}")
    sources = content.get("components")
    decoder = ArchitectureDecoder(host, sources if isinstance(sources, dict) else {}, limits)
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
    model.schema = _schema(section["schema"], node)
    model.threshold = section["threshold"]
    decision_of(node, readout, model.threshold)
    _freeze(node, section["frozen"])
    return model, cost, node


def _schema(told: Any, node: Node) -> Schema:
    try:
        schema = Schema.of_plain(told)
        schema.require_fitting(node.input_shape)
    except ArgumentError as error:
        raise ModelFileError(str(error)) from error
    return schema


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


def compare_tensors(tensors: Mapping[str, Tensor], node: Node, dtype: str, *, checkpoint: bool) -> None:
    """Refuse a file whose arrays are not those that the network of ``node`` needs.

    Raises:
        ModelFileError: an array is missing, has another shape or dtype, or has no place.
    """
    wanted = _declared(node)
    for name, declared in wanted.items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ModelFileError(f"it lacks the array {name!r} of shape {declared.shape}, which its architecture needs")
        if (tensor.shape, tensor.dtype) != (declared.shape, dtype):
            raise ModelFileError(
                f"its array {name!r} has the shape {tensor.shape} and the dtype {tensor.dtype}; its architecture needs "
                f"{declared.shape} and {dtype}"
            )
    other = [name for name in tensors if name not in wanted]
    if checkpoint:
        other = [name for name in other if not name.startswith("training/")]
    if other:
        raise ModelFileError(f"it holds the array {other[0]!r}, for which its architecture has no place")


def _declared(node: Node) -> dict[str, Declaration]:
    """What the architecture needs, by the names of a file's arrays."""
    found: dict[str, Declaration] = {}
    for inner in node.walk():
        if inner.first:
            found |= {f"{PARAMETERS}{inner.join(name)}": declared for name, declared in inner.parameters.items()}
            found |= {f"{STATES}{inner.join(name)}": declared for name, declared in inner.states.items()}
    return found
