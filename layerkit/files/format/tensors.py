"""Arrays as a file holds them – row by row, in little-endian numbers – and the writing of a file of them."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors.numpy import save as serialized

from layerkit.atomic import NO_FILE, Buffer, mode_of, not_written, require_writable, write_atomically
from layerkit.errors import ArgumentError, ModelFileError
from layerkit.files.format.canonical import to_json
from layerkit.files.format.document import Document, entry_of, read_description
from layerkit.files.format.header import KEY, LENGTH_BYTES, Tensor, read_header
from layerkit.files.limits import Limits
from layerkit.replacing import begins_with, require_replaceable
from layerkit.types import Array, DType

DTYPES: dict[str, DType] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U32": np.dtype("<u4"),
    "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_BEGINNING = f'{{"__metadata__":{{"{KEY}":'.encode()
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def dtype_name(dtype: DType) -> str:
    """The format's name of a dtype.

    Raises:
        ArgumentError: the format, as layerkit uses it, has none.
    """
    name = _NAMES.get(dtype.newbyteorder("<"))
    if name is None:
        raise ArgumentError(f"a file holds arrays of floating numbers, integers and booleans, not of {dtype}")
    return name


def as_tensor(name: str, array: Array) -> tuple[Tensor, memoryview]:
    """An array's description and its bytes; a copy is made only where its memory is laid out otherwise."""
    described = Tensor(name, dtype_name(array.dtype), array.shape)
    flat = np.ascontiguousarray(array, DTYPES[described.dtype]).reshape(-1)
    return described, flat.view(np.uint8).data


def read_into(document: Document, name: str, array: Array) -> None:
    """Fill a contiguous array with the bytes of the file's array ``name``.

    Raises:
        ModelFileError: they are not those that were written.
    """
    _require_little_endian()
    document.read_into(name, array.reshape(-1).view(np.uint8).data)
    if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
        raise ModelFileError(f"its array {name!r} holds booleans that are neither true nor false")


def read(document: Document, name: str) -> Array:
    """The file's array ``name``, in memory of its own."""
    tensor = document.tensors[name]
    array = np.empty(tensor.shape, DTYPES[tensor.dtype])
    read_into(document, name, array)
    return array


def _require_little_endian() -> None:
    """Refuse machines whose numbers are the other way round.

    Raises:
        ModelFileError: this is one.
    """
    if sys.byteorder != "little":
        raise ModelFileError("files are read on little-endian machines only, and this one is big-endian")


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
    _write_whole(path, file)
    return digest


def require_place(path: str | os.PathLike[str]) -> None:
    """Find out whether a file could be written here, before there is one.

    Raises:
        OSError: it could not; nothing was changed.
    """
    _require_replaceable(path)
    require_writable(path)


def _write_whole(path: str | os.PathLike[str], file: bytes) -> None:
    try:
        _require_replaceable(path)
        write_atomically(path, [file], files_only=True)
    except OSError as error:
        raise ModelFileError(not_written(path, error)) from error


def _require_replaceable(path: str | os.PathLike[str]) -> None:
    mode = mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        raise OSError(None, NO_FILE)
    own = begins_with(_BEGINNING, after=LENGTH_BYTES)
    require_replaceable(path, own, "a model or a checkpoint of layerkit's")


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
