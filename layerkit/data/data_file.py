"""Opening and reading data files; whatever is wrong with one is told as an error that names it."""

from __future__ import annotations

import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np

from layerkit.errors import DatasetError
from layerkit.types import Array

PathLike: TypeAlias = str | os.PathLike[str]

MAXIMUM_BYTES = 2**31
"""How much one file may unpack to, unless a caller says otherwise."""

DEFLATE_RATIO = 1032
"""Deflate packs at most 1,032 bytes into one, so a file that declares more is lying or cut off."""

CHUNK = 2**20
"""As much is read at once, because the readers of compressed files make copies of what they are asked for."""


@contextmanager
def opened(path: PathLike) -> Iterator[io.BufferedReader]:
    """A file, open for reading; each way in which opening, reading or unpacking it fails is a ``DatasetError``."""
    try:
        # a device or a pipe has no size to check against, and may never end
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise DatasetError(f"{path}: not a regular file")
    except FileNotFoundError:
        raise DatasetError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: {_reason(error)}") from error
    try:
        with open(path, "rb") as file:
            yield file
    except EOFError:
        raise DatasetError(f"{path}: truncated: the compressed data end too early") from None
    except zlib.error as error:
        raise DatasetError(f"{path}: the compressed data are corrupt: {error}") from error
    except MemoryError:
        raise DatasetError(f"{path}: there is not enough memory for its contents") from None
    except OSError as error:
        raise DatasetError(f"{path}: {_reason(error)}") from error


def size_of(file: io.BufferedReader) -> int:
    """The bytes of an open file, as it stands on the disk."""
    return os.fstat(file.fileno()).st_size


def read_data(file: io.BufferedIOBase, count: int, path: PathLike, *, last: bool = True) -> Array:
    """The next ``count`` bytes of a file or of an unpacked one, ``(count,)`` ``uint8``; if ``last``, all that is left.

    Raises:
        DatasetError: there are fewer bytes, or more.
    """
    data = np.empty(count, np.uint8)
    view = data.data
    done = 0
    while done < count:
        got = file.readinto(view[done : done + CHUNK])
        if not got:
            raise DatasetError(f"{path}: truncated: {count:,} bytes of data declared, {done:,} found")
        done += got
    if last and file.read(1):
        raise DatasetError(f"{path}: bytes follow the {count:,} bytes of data that the header declares")
    return data


def native(array: Array) -> Array:
    """The same values in this machine's byte order; ``array`` itself is changed where the order differs."""
    return array if array.dtype.isnative else array.byteswap(inplace=True).view(array.dtype.newbyteorder("="))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
