"""Writes a file: one description and arrays, in the safetensors format."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors.numpy import save as serialized

from layerkit.errors import ModelFileError
from layerkit.files.arrays import DTYPES
from layerkit.files.atomic import Buffer, write_atomically
from layerkit.files.canonical import to_json
from layerkit.files.document import entry_of, read_description
from layerkit.files.header import KEY, LENGTH_BYTES, Tensor, read_header
from layerkit.files.limits import Limits
from layerkit.types import Array


def write_document(path: str | os.PathLike[str], content: Mapping[str, Any], arrays: Mapping[Tensor, Buffer]) -> str:
    """Write a file, whole or not at all; returns its digest. The same content gives the same bytes.

    Raises:
        ModelFileError: it could not be written.
    """
    table = {tensor.name: entry_of(tensor, hashlib.sha256(data).hexdigest()) for tensor, data in arrays.items()}
    described = {**content, "tensors": table}
    digest = hashlib.sha256(to_json(described)).hexdigest()
    metadata = to_json({"content": described, "sha256": digest}).decode()
    file = serialized({tensor.name: _array(tensor, data) for tensor, data in arrays.items()}, {KEY: metadata})
    _require_readable(file, path)
    write_atomically(path, [file])
    return digest


def _array(tensor: Tensor, data: Buffer) -> Array:
    dtype = DTYPES[tensor.dtype]
    return np.frombuffer(data, dtype).reshape(tensor.shape) if tensor.size else np.empty(tensor.shape, dtype)


def _require_readable(file: bytes, path: str | os.PathLike[str]) -> None:
    """Refuse to write what would be refused when it is read, rather than lose it then."""
    limits = Limits()
    end = LENGTH_BYTES + int.from_bytes(file[:LENGTH_BYTES], "little")
    size = len(file) - end
    try:
        if end > limits.header_bytes or size > limits.total_bytes:
            raise ModelFileError(f"it has {end:,} bytes of header and {size:,} bytes of arrays")
        tensors, metadata = read_header(file[LENGTH_BYTES:end], size, limits)
        read_description(metadata, tensors, limits)
    except ModelFileError as error:
        raise ModelFileError(f"{os.fspath(path)} was not written, for it could not be read again: {error}") from error
