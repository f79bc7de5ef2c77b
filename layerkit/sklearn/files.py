"""An estimator in a model file: beside the model, what its targets were."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from layerkit.arguments import check_path
from layerkit.config.codec import Encoder
from layerkit.config.marked import MARKED
from layerkit.errors import ArgumentError, ModelFileError
from layerkit.files.architecture import description_of
from layerkit.files.format.document import opened
from layerkit.files.format.tensors import write_document
from layerkit.files.limits import Limits
from layerkit.files.models import model_tensors, require_savable, restored
from layerkit.interfaces.cost import Cost
from layerkit.models.model import Model
from layerkit.registry.host import default_host
from layerkit.types import Array

_SECTION = "estimator"
_FIELDS = {"classifier": {"kind", "dtype", "classes"}, "regressor": {"kind", "one_axis"}}
_OBJECTS = "|O"


def write(path: str | os.PathLike[str], model: Model, cost: Cost, about: Mapping[str, Any]) -> None:
    """Write a model as ``layerkit.save`` does, and beside it what an estimator says of its targets.

    Raises:
        ArgumentError, ModelFileError: the model cannot be saved.
    """
    check_path("save", "path", path)
    require_savable(model, cost=cost)

    def taken() -> tuple[dict[str, Any], list[dict[str, Array]]]:
        content = description_of(model, Encoder(default_host(), MARKED), kind="model", cost=cost)
        arrays = (model.parameters, model.states)
        return content, [{name: array.copy() for name, array in each.items()} for each in arrays]

    # once there are copies, other threads may train the model
    content, (parameters, states) = model.structure.gate.still(taken)
    write_document(path, {**content, _SECTION: dict(about)}, model_tensors(parameters, states))


def read(path: str | os.PathLike[str]) -> tuple[Model, Cost | None, dict[str, Any] | None]:
    """The model in a file, its cost, and what an estimator has said of its targets, None where no estimator wrote it.

    Raises:
        ModelFileError: the file is refused.
    """
    limits = Limits()
    with opened(path, limits) as document:
        model, cost = restored(document, default_host(), limits)
        about = document.content.get(_SECTION)
        if _SECTION in document.content:
            kind = about.get("kind") if isinstance(about, dict) else None
            if about is None or not isinstance(kind, str) or set(about) != _FIELDS.get(kind):
                raise ModelFileError("what it says of its estimator lacks something, or has something that is unknown")
        return model, cost, about


def as_told(owner: str, classes: Array) -> dict[str, Any]:
    """Classes as text, and the dtype that they have besides.

    Raises:
        ArgumentError: they would not come back as they are.
    """
    values = classes.tolist()
    words = classes.dtype.str == _OBJECTS and all(type(value) is str for value in values)
    if not words and classes.dtype.kind not in "biufU":
        raise ArgumentError(
            f"{owner}: the classes have the dtype {classes.dtype}, which does not come back from a model file: keep "
            "the estimator by pickle or joblib, or give classes in words or numbers"
        )
    told = [value if isinstance(value, str) else repr(value) for value in values]
    return {"dtype": classes.dtype.str, "classes": told}


def classes_told(about: Mapping[str, Any], outputs: int) -> Array:
    """What ``as_told`` was given, for a network of so many outputs.

    Raises:
        ModelFileError: it has told no such classes.
    """
    told, name = about["classes"], about["dtype"]
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told) or not isinstance(name, str):
        raise ModelFileError("the classes of its estimator are no list of names with a dtype")
    try:
        found = _values(told, name)
    except (TypeError, ValueError, OverflowError):
        found = np.empty(0)
    sound = found.dtype.str == name and np.array_equal(np.unique(found), found)
    fitting = len(told) == outputs or (outputs <= 2 and len(told) in (1, 3 - outputs))
    if not len(found) or not sound or not fitting:
        raise ModelFileError(
            f"its estimator tells {len(told)} classes of the dtype {name[:20]!r} for {outputs} outputs, which are not "
            "different classes in order that it could have"
        )
    return found


def _values(told: list[str], name: str) -> Array:
    if name == _OBJECTS:
        return np.array(told, object)
    dtype = np.dtype(name)
    if dtype.kind == "U":
        return np.array(told, dtype)
    if dtype.kind == "b":
        return np.array([{"False": False, "True": True}.get(each) for each in told], object).astype(dtype)
    number = {"i": int, "u": int, "f": float}.get(dtype.kind)
    if number is None:
        raise ValueError(name)
    return np.array([number(each) for each in told], dtype)
