"""IDX files, the format of MNIST: a header of big-endian numbers, then one array."""

from __future__ import annotations

import gzip
import io
import math

import numpy as np

from layerkit.data.data_file import DEFLATE_RATIO, MAXIMUM_BYTES, PathLike, native, opened, read_data, size_of
from layerkit.data.file_kind import seems_to_be
from layerkit.errors import DatasetError
from layerkit.types import Array

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAXIMUM_AXES = 8


def read_idx(path: PathLike, *, maximum_bytes: int = MAXIMUM_BYTES) -> Array:
    """The array in an IDX file, gzipped or not (its first bytes tell, not its name), in this machine's byte order.

    Nothing is allocated before the header has been checked against the size of the file and ``maximum_bytes``, and
    never more is unpacked than the header declares. A header in little-endian order, which some programs write, is read
    where the values are single bytes: the file's length then tells the order, and the values have none.

    Raises:
        DatasetError: the file cannot be read, is no IDX file, is empty, cut off, too long, too large, or corrupt.
    """
    with opened(path) as file:
        size = size_of(file)
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        if not packed:
            return _read(file, path, size, size, maximum_bytes)
        with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            return _read(unpacked, path, size * DEFLATE_RATIO, None, maximum_bytes)


def _read(file: io.BufferedIOBase, path: PathLike, available: int, size: int | None, maximum_bytes: int) -> Array:
    magic = _exactly(file, 4, path)
    reversed_magic = magic[2:] == b"\0\0" and magic[1] in _DTYPES and magic[0] != 0
    if reversed_magic:
        magic = magic[::-1]
    if magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise DatasetError(
            f"{path}: not an IDX file: it begins with {magic.hex(' ')}, not with 00 00 and a type code"
            f"{seems_to_be(magic + file.read(60))}"
        )
    dtype, axes = np.dtype(_DTYPES[magic[2]]), magic[3]
    if not 1 <= axes <= _MAXIMUM_AXES:
        raise DatasetError(f"{path}: its header declares {axes} axes; 1 to {_MAXIMUM_AXES} are possible")
    sizes = _exactly(file, 4 * axes, path)
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    swapped = tuple(np.frombuffer(sizes, "<u4").tolist())
    if reversed_magic or _is_swapped(shape, swapped, dtype.itemsize, available - 4 - 4 * axes, size is not None):
        if dtype.itemsize > 1:
            raise DatasetError(
                f"{path}: its header is in little-endian order ({_times(swapped)} values), where IDX files are "
                f"big-endian: write it anew, or save the array by numpy.savez"
            )
        shape = swapped
    count = math.prod(shape) * dtype.itemsize
    told = f"its header declares {_times(shape)} values, {count:,} bytes"
    if count == 0:
        raise DatasetError(f"{path}: {told}: there are no examples")
    if count > maximum_bytes:
        raise DatasetError(f"{path}: {told}; the limit (maximum_bytes) is {maximum_bytes:,}")
    if count > available:
        raise DatasetError(f"{path}: truncated: {told}, more than a file of this size can hold")
    return native(read_data(file, count, path).view(dtype).reshape(shape))


def _is_swapped(shape: tuple[int, ...], swapped: tuple[int, ...], width: int, room: int, exact: bool) -> bool:
    """Whether the sizes make sense in little-endian order only; ``exact``: the room is that of the data, no limit."""
    bytes_swapped = math.prod(swapped) * width
    return math.prod(shape) * width > room and (bytes_swapped == room if exact else 0 < bytes_swapped <= room)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _exactly(file: io.BufferedIOBase, count: int, path: PathLike) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise DatasetError(f"{path}: truncated: it ends inside the header")
    return data
