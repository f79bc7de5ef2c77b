"""Arrays in NumPy's ``.npz`` files, read without trusting them: no pickle, no code, no more memory than declared."""

from __future__ import annotations

import io
import math
import struct
import sys
import zipfile
from collections.abc import Iterator, Sequence
from typing import cast, final

from layerkit.data.data_file import CHUNK, DEFLATE_RATIO, MAXIMUM_BYTES, PathLike, native, opened, read_data, size_of
from layerkit.data.file_kind import seems_to_be
from layerkit.data.npy import NpyHeader, read_npy_data, read_npy_header
from layerkit.errors import DatasetError
from layerkit.types import Array

_DAMAGE = (zipfile.BadZipFile, struct.error, NotImplementedError, RuntimeError, ValueError, OverflowError)
"""What zipfile raises for some kind of damage."""


def read_npz(
    path: PathLike,
    choices: Sequence[tuple[str, ...]],
    *,
    optional: Sequence[str] = (),
    text: Sequence[str] = (),
    maximum_bytes: int = MAXIMUM_BYTES,
) -> dict[str, Array]:
    """The arrays of the first of ``choices`` (each a tuple of names) whose names are all in the file.

    ``optional``: names of arrays to read as well, where they are there. ``text``: names of those that may hold text.
    Other arrays in the file are not looked at. Sizes are compared with one another, with the size of the file and with
    ``maximum_bytes`` before anything is allocated.

    Raises:
        DatasetError: the file cannot be read, is no ``.npz`` file, is corrupt or too large, holds none of the choices,
            or holds something else than numbers (Python objects are never loaded).
    """
    with opened(path) as file:
        size = size_of(file)
        try:
            with zipfile.ZipFile(_Frugal(file, path)) as archive:
                entries = _entries(archive, path)
                names = (*_chosen(entries, choices, path), *(name for name in optional if name in entries))
                _check_sizes([entries[name] for name in names], size, maximum_bytes, path)
                return {
                    name: _read(archive, entries[name], f"{path}, array {name!r}", text=name in text) for name in names
                }
        except _DAMAGE as error:
            raise DatasetError(f"{path}: not a sound .npz file: {error}{_seems_to_be(file)}") from error


def npz_pieces(path: PathLike, choices: Sequence[str], *, rows: int) -> Iterator[Array]:
    """The first array of ``choices`` that is in the file, so many rows at a time, however many there are.

    Raises:
        DatasetError: as ``read_npz``, when the piece is asked for.
    """
    with opened(path) as file:
        size = size_of(file)
        try:
            with zipfile.ZipFile(_Frugal(file, path)) as archive:
                entries = _entries(archive, path)
                (name,) = _chosen(entries, [(name,) for name in choices], path)
                _check_sizes([entries[name]], size, sys.maxsize, path)
                yield from _pieces(archive, entries[name], f"{path}, array {name!r}", rows)
        except _DAMAGE as error:
            raise DatasetError(f"{path}: not a sound .npz file: {error}{_seems_to_be(file)}") from error


@final
class _Frugal:
    """Refuses to read much at once, since zipfile reads a table of contents whole, however long it is said to be."""

    def __init__(self, file: io.BufferedReader, path: PathLike) -> None:
        self._file = file
        self._path = path

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(CHUNK + 1 if size < 0 else size) if size <= CHUNK else None
        if data is None or len(data) > CHUNK:
            raise DatasetError(f"{self._path}: its table of contents is longer than {CHUNK:,} bytes")
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _entries(archive: zipfile.ZipFile, path: PathLike) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        if name in entries:
            raise DatasetError(f"{path}: it holds {name!r} twice")
        entries[name] = entry
    return entries


def _chosen(entries: dict[str, zipfile.ZipInfo], choices: Sequence[tuple[str, ...]], path: PathLike) -> tuple[str, ...]:
    for names in choices:
        if entries.keys() >= set(names):
            return names
    expected = " or ".join(" and ".join(names) for names in choices)
    found = ", ".join(sorted(entries)[:10]) + (", …" if len(entries) > 10 else "")
    raise DatasetError(f"{path}: it holds {found or 'nothing'}; expected arrays named {expected}")


def _check_sizes(entries: list[zipfile.ZipInfo], size: int, maximum_bytes: int, path: PathLike) -> None:
    declared = sum(entry.file_size for entry in entries)
    if declared > maximum_bytes:
        raise DatasetError(
            f"{path}: its arrays declare {declared:,} bytes; the limit (maximum_bytes) is {maximum_bytes:,}"
        )
    for entry in entries:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(
                f"{path}: {entry.filename!r} is packed by method {entry.compress_type}; "
                "save it by numpy.savez or numpy.savez_compressed"
            )
        ratio = DEFLATE_RATIO if entry.compress_type == zipfile.ZIP_DEFLATED else 1
        if entry.compress_size > size or entry.file_size > entry.compress_size * ratio:
            raise DatasetError(
                f"{path}: {entry.filename!r} declares {entry.file_size:,} bytes, more than it can hold: "
                "the file is truncated or corrupt"
            )


def _seems_to_be(file: io.BufferedReader) -> str:
    file.seek(0)
    beginning = file.read(64)
    return "" if beginning.startswith(b"PK") else seems_to_be(beginning)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str, *, text: bool) -> Array:
    with cast("io.BufferedIOBase", archive.open(entry)) as file:
        return read_npy_data(file, _header(file, entry, place, text=text), place)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str, rows: int) -> Iterator[Array]:
    with cast("io.BufferedIOBase", archive.open(entry)) as file:
        header = _header(file, entry, place, text=False)
        if header.columns_first or not header.shape or not header.count:
            # its rows do not lie one behind the other
            yield read_npy_data(file, header, place)
            return
        row = header.dtype.itemsize * math.prod(header.shape[1:])
        for start in range(0, header.shape[0], rows):
            count = min(rows, header.shape[0] - start)
            last = start + count == header.shape[0]
            values = read_data(file, count * row, place, last=last).view(header.dtype)
            yield native(values.reshape(count, *header.shape[1:]))


def _header(file: io.BufferedIOBase, entry: zipfile.ZipInfo, place: str, *, text: bool) -> NpyHeader:
    header = read_npy_header(file, place, text=text)
    if header.count > entry.file_size:
        raise DatasetError(f"{place}: truncated: {header.count:,} bytes declared, {entry.file_size:,} are there")
    return header
