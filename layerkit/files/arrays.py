"""Arrays as a file holds them: row by row, in little-endian numbers."""

from __future__ import annotations

import sys

import numpy as np

from layerkit.errors import ArgumentError, ModelFileError
from layerkit.files.document import Document
from layerkit.files.header import Tensor
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
    require_little_endian()
    document.read_into(name, array.reshape(-1).view(np.uint8).data)
    if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
        raise ModelFileError(f"its array {name!r} holds booleans that are neither true nor false")


def read(document: Document, name: str) -> Array:
    """The file's array ``name``, in memory of its own."""
    tensor = document.tensors[name]
    array = np.empty(tensor.shape, DTYPES[tensor.dtype])
    read_into(document, name, array)
    return array


def require_little_endian() -> None:
    """Refuse machines whose numbers are the other way round.

    Raises:
        ModelFileError: this is one.
    """
    if sys.byteorder != "little":
        raise ModelFileError("files are read on little-endian machines only, and this one is big-endian")
