"""Files from the network: checked by their contents, kept in a cache, placed whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from layerkit.atomic import write_atomically
from layerkit.errors import DatasetError
from layerkit.terminal import is_terminal

_CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that mirrors offer as ``NAME.gz``: its name, its size in bytes and its SHA-256, both unpacked.

    The sum is of the contents because the wrapper differs from mirror to mirror (a time stamp is part of it).
    """

    name: str
    size: int
    sha256: str


def cache_folder(name: str) -> Path:
    """Where downloads of a dataset are kept: in ``LAYERKIT_CACHE`` if set, else in the user's cache folder."""
    own = os.environ.get("LAYERKIT_CACHE")
    if own:
        return Path(own, name)
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "layerkit", name)


def cached(
    file: RemoteFile, folder: Path, *, mirrors: Sequence[str], advice: str, progress: bool | None = None
) -> Path:
    """The path of ``file``, unpacked, in ``folder``; it is downloaded first where it is not there yet.

    ``mirrors``: addresses of folders, tried in this order. ``advice``: what else a person can do, added to errors.
    ``progress``: whether to draw a bar on standard error; ``None``: where that is a terminal.

    Raises:
        DatasetError: no mirror gave the file (each is named with what went wrong), or it cannot be kept in ``folder``.
    """
    path = folder / file.name
    with suppress(OSError):
        if path.stat().st_size == file.size:
            return path
    failures = []
    for mirror in mirrors:
        address = f"{mirror.rstrip('/')}/{file.name}.gz"
        try:
            contents = _fetched(
                address, file, advice, progress=is_terminal(sys.stderr) if progress is None else progress
            )
        except (OSError, ValueError) as error:
            failures.append(f"\n  {address}: {_reason(error)}")
        else:
            _place(contents, path)
            return path
    raise DatasetError(f"could not download {file.name}; tried{''.join(failures)}\n{advice}")


def _fetched(address: str, file: RemoteFile, advice: str, *, progress: bool) -> bytes:
    """The unpacked contents; OSError or ValueError: they are not to be had there, or are others than they should be."""
    try:
        import pooch
    except ImportError:
        raise DatasetError(
            f'{file.name} is not here yet, and downloading it needs pooch: pip install "layerkit[download]". {advice}'
        ) from None
    received = _Received(file.size + file.size // 1000 + 2**16)
    if progress:
        from layerkit.data.download_bar import DownloadBar

        with DownloadBar(file.name) as bar:
            pooch.HTTPDownloader(progressbar=bar, chunk_size=_CHUNK, timeout=20)(address, received, None)
    else:
        pooch.HTTPDownloader(chunk_size=_CHUNK, timeout=20)(address, received, None)
    contents = _unpacked(received.getvalue(), file.size)
    if hashlib.sha256(contents).hexdigest() != file.sha256:
        raise ValueError("its contents are not those that were published (SHA-256 differs)")
    return contents


@final
class _Received(io.BytesIO):
    """What has arrived so far; refuses more than a limit, as no address is trusted to end."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self._limit:
            raise ValueError(f"it sends more than {self._limit:,} bytes")
        return super().write(data)


def _unpacked(packed: bytes, size: int) -> bytes:
    # some servers unpack what they send, and say so in a header that the client honours
    if not packed.startswith(b"\x1f\x8b"):
        return packed
    try:
        return zlib.decompressobj(wbits=31).decompress(packed, size + 1)
    except zlib.error as error:
        raise ValueError(f"its compressed data are corrupt: {error}") from error


def _place(contents: bytes, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, [contents])
    except OSError as error:
        raise DatasetError(
            f"{path}: the download cannot be kept there: {error.strerror or error}; "
            "set LAYERKIT_CACHE to a folder that can be written"
        ) from error


def _reason(error: BaseException) -> str:
    # the network libraries wrap the cause, which is all that a person needs, in several errors
    inner = getattr(error, "reason", None) or next(iter(error.args), None)
    return _reason(inner) if isinstance(inner, BaseException) else str(error)
