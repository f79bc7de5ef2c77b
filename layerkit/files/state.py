"""A trainer's state as arrays and JSON, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.errors import ModelFileError
from layerkit.files.arrays import as_tensor
from layerkit.files.atomic import Buffer
from layerkit.files.canonical import to_json
from layerkit.files.header import Tensor
from layerkit.files.values import decoded, encoded, refuse_value
from layerkit.types import Array

TRAINING = "training/"
REST = f"{TRAINING}rest"
"""The array that holds everything that is not an array, as JSON."""


def taken_apart(state: dict[str, Any]) -> dict[Tensor, Buffer]:
    """The arrays of a nested state, each under a number, and one of bytes with all the rest.

    Raises:
        ArgumentError: it holds something that a file cannot.
    """
    tensors: dict[Tensor, Buffer] = {}

    def array(value: Any) -> dict[str, Any]:
        if not isinstance(value, np.ndarray):
            return refuse_value(value)
        tensor, buffer = as_tensor(f"{TRAINING}{len(tensors)}", value)
        tensors[tensor] = buffer
        return {"$array": tensor.name}

    rest = to_json(encoded(state, array))
    tensors[Tensor(REST, "U8", (len(rest),))] = rest
    return tensors


def put_together(rest: Any, read: Callable[[str], Array]) -> Any:
    """The state, from the JSON value and a function that reads an array of the file.

    Raises:
        ModelFileError: it names an array that is not there.
    """

    def array(value: dict[str, Any]) -> Array:
        name = value.get("$array")
        if set(value) != {"$array"} or not isinstance(name, str) or not name.startswith(TRAINING):
            raise ModelFileError("the state of training that it holds is not as layerkit writes it")
        try:
            return read(name)
        except KeyError:
            raise ModelFileError(f"the state of training that it holds lacks the array {name!r}") from None

    return decoded(rest, array)
