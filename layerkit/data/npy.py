"""One array in NumPy's ``.npy`` format, read without evaluating anything that stands in the file."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass

import numpy as np

from layerkit.data.data_file import PathLike, native, read_data
from layerkit.errors import DatasetError
from layerkit.types import Array, DType

_LARGEST_HEADER = 10_000
_MAXIMUM_AXES = 32

# The header is written as a Python dictionary, its three entries in any order; matched here, never evaluated.
_ENTRY = re.compile(r"""\s*['"](\w+)['"]\s*:\s*(?:['"]([^'"]*)['"]|(True|False)|\(([\d,\s]*)\))\s*,?""", re.ASCII)
_NAMES = ("descr", "fortran_order", "shape")
_NUMERIC = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248])", re.ASCII)
_TEXT = re.compile(r"[<>=]?U[1-9]\d{0,3}", re.ASCII)
_LARGEST_SIGN = 0x10FFFF


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """What a ``.npy`` header declares."""

    dtype: DType
    shape: tuple[int, ...]
    columns_first: bool

    @property
    def count(self) -> int:
        """The bytes of data that have to follow."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_npy_header(file: io.BufferedIOBase, path: PathLike, *, text: bool = False) -> NpyHeader:
    """The header at the beginning of ``file``; ``path`` names the place in errors.

    Raises:
        DatasetError: it is no ``.npy`` header, or one of objects, records, complex numbers, or text that ``text`` does
            not allow.
    """
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY" or len(magic) < 8 or magic[6] not in (1, 2, 3):
        raise DatasetError(f"{path}: not an array in NumPy's format")
    width = 2 if magic[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > _LARGEST_HEADER:
        raise DatasetError(f"{path}: its header of {length:,} bytes is longer than {_LARGEST_HEADER:,}")
    written = file.read(length).decode("latin-1").strip()
    entries = _entries(written)
    if entries is None:
        raise DatasetError(f"{path}: not an array of numbers: its header is {_shortened(written)}")
    descr, order, shape = entries
    if not _NUMERIC.fullmatch(descr) and not (text and _TEXT.fullmatch(descr)):
        what = "Python objects, which are never loaded" if "O" in descr else f"values of type {_shortened(descr)}"
        raise DatasetError(f"{path}: it holds {what}; save integers, floats or booleans")
    axes = [axis.strip() for axis in shape.split(",")]
    if axes[-1] == "":
        axes.pop()
    possible = len(axes) <= _MAXIMUM_AXES and all(axis.isdigit() and len(axis) <= 18 for axis in axes)
    # an axis of length 0 lets others be anything, but NumPy refuses arrays whose other axes alone are too long
    if not possible or math.prod(int(axis) or 1 for axis in axes) > 2**58:
        raise DatasetError(f"{path}: its header declares the impossible shape {_shortened(f'({shape})')}")
    return NpyHeader(np.dtype(descr), tuple(map(int, axes)), order == "True")


def read_npy_data(file: io.BufferedIOBase, header: NpyHeader, path: PathLike) -> Array:
    """The array that follows ``header`` and ends ``file``, in this machine's byte order.

    Raises:
        DatasetError: there are fewer or more bytes than declared.
    """
    values = read_data(file, header.count, path).view(header.dtype)
    if header.dtype.kind == "U" and header.count:
        signs = values.view(np.dtype(np.uint32).newbyteorder(header.dtype.byteorder))
        if signs.max() > _LARGEST_SIGN:
            raise DatasetError(f"{path}: it holds numbers that are no characters, where text is declared")
    return native(values.reshape(header.shape, order="F" if header.columns_first else "C"))


def _entries(text: str) -> tuple[str, str, str] | None:
    if not (text.startswith("{") and text.endswith("}")):
        return None
    inner, place, found = text[1:-1].rstrip(), 0, dict[str, tuple[str | None, ...]]()
    while place < len(inner):
        match = _ENTRY.match(inner, place)
        if match is None:
            return None
        found[match[1]] = match.group(2, 3, 4)
        place = match.end()
    if found.keys() != set(_NAMES):
        return None
    descr, order, shape = (found[name][kind] for kind, name in enumerate(_NAMES))
    return None if descr is None or order is None or shape is None else (descr, order, shape)


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")
