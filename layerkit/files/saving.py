"""Writing a model to a file."""

from __future__ import annotations

import os

from layerkit.arguments import check_instance
from layerkit.errors import OwnershipError
from layerkit.files.arrays import as_tensor
from layerkit.files.atomic import Buffer
from layerkit.files.description import described
from layerkit.files.encoding import Encoder
from layerkit.files.header import PARAMETERS, STATES, Tensor
from layerkit.files.writing import write_document
from layerkit.interfaces.cost import Cost
from layerkit.models.model import Model
from layerkit.registry.host import PluginHost, default_host


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
    check_instance("save", "cost", cost, Cost, optional=True)
    if model.structure.root is not model:
        raise OwnershipError(f"{type(model).__name__} is part of another model: save that one, or a copy of this one")
    encoder = Encoder(host or default_host())
    content = described(model, encoder, kind="model", cost=cost)
    return write_document(path, content, model_tensors(model))


def model_tensors(model: Model) -> dict[Tensor, Buffer]:
    """The arrays of a model as a file holds them."""
    found = [as_tensor(f"{PARAMETERS}{path}", array) for path, array in model.parameters.items()]
    found += [as_tensor(f"{STATES}{path}", array) for path, array in model.states.items()]
    return dict(found)
