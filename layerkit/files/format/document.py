"""A layerkit file as it lies on the disk: arrays, a description of them, and the digest of both. Needs no NumPy."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any, final

from layerkit.arguments import check_path
from layerkit.errors import LayerkitError, ModelFileError
from layerkit.files.format.canonical import from_json, to_json
from layerkit.files.format.header import LENGTH_BYTES, Tensor, read_header
from layerkit.files.limits import Limits

FORMAT = 4
"""The format that is written. It is raised when a description changes, and then the table below gets the step."""


def _with_schema(content: dict[str, Any]) -> dict[str, Any]:
    """Models of format 1 knew no names."""
    model = content.get("model")
    if not isinstance(model, dict) or "schema" in model:
        raise ModelFileError("its description of the model is not laid out as that of format 1")
    return {**content, "model": {**model, "schema": {"classes": None, "columns": None, "target": None}}}


def _with_threshold(content: dict[str, Any]) -> dict[str, Any]:
    """Models of format 2 said yes above ½."""
    model = content.get("model")
    if not isinstance(model, dict) or "threshold" in model:
        raise ModelFileError("its description of the model is not laid out as that of format 2")
    return {**content, "model": {**model, "threshold": 0.5}}


def _with_one_target(content: dict[str, Any]) -> dict[str, Any]:
    """Models of format 3 had one name for a target, which may be a list of names since."""
    model = content.get("model")
    schema = model.get("schema") if isinstance(model, dict) else None
    if not isinstance(schema, dict) or isinstance(schema.get("target"), list):
        raise ModelFileError("its description of the model is not laid out as that of format 3")
    return content


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _with_schema,
    2: _with_threshold,
    3: _with_one_target,
}
"""By the format that a step starts from: the description in that format to the one in the next."""

_CHUNK_BYTES = 2**20
_DIGEST = re.compile("[0-9a-f]{64}")


@final
class Document:
    """An opened file: its description, which has been checked, and access to its arrays, which are checked when read.

    ``content`` is what the metadata says, in the newest format; ``digest`` the SHA-256 over all of it. The description
    holds the SHA-256 of each array, so the one digest covers every byte that means something.
    """

    def __init__(self, stream: FileIO, size: int, limits: Limits) -> None:
        self._stream = stream
        head = stream.read(LENGTH_BYTES)
        length = int.from_bytes(head, "little")
        if len(head) < LENGTH_BYTES or length > size - LENGTH_BYTES:
            raise ModelFileError(f"it is no safetensors file, or was cut: it has {size:,} bytes")
        if length > limits.header_bytes:
            raise ModelFileError(f"its header has {length:,} bytes, more than the {limits.header_bytes:,} allowed")
        if size > limits.total_bytes:
            raise ModelFileError(f"it has {size:,} bytes, more than the {limits.total_bytes:,} that are allowed")
        self._begin = LENGTH_BYTES + length
        tensors, metadata = read_header(_read_exactly(stream, length), size - self._begin, limits)
        self.tensors = {tensor.name: tensor for tensor in tensors}
        self.content, self.digest, self._hashes = read_description(metadata, tensors, limits)

    def read_into(self, name: str, buffer: memoryview) -> None:
        """Fill ``buffer``, as long as the array, with its bytes.

        Raises:
            ModelFileError: the bytes are not those that were written.
        """
        tensor = self.tensors[name]
        self._stream.seek(self._begin + tensor.start)
        sha256 = hashlib.sha256()
        rest = buffer
        while rest:
            count = self._stream.readinto(rest[:_CHUNK_BYTES])
            if not count:
                raise ModelFileError("it became shorter while it was read")
            sha256.update(rest[:count])
            rest = rest[count:]
        self._compare(name, sha256.hexdigest())

    def verify(self) -> None:
        """Read every array and compare it with the digest.

        Raises:
            ModelFileError: some bytes are not those that were written.
        """
        piece = memoryview(bytearray(_CHUNK_BYTES))
        for name, tensor in self.tensors.items():
            self._stream.seek(self._begin + tensor.start)
            sha256 = hashlib.sha256()
            left = tensor.size
            while left:
                count = self._stream.readinto(piece[: min(left, _CHUNK_BYTES)])
                if not count:
                    raise ModelFileError("it became shorter while it was read")
                sha256.update(piece[:count])
                left -= count
            self._compare(name, sha256.hexdigest())

    def _compare(self, name: str, found: str) -> None:
        if found != self._hashes[name]:
            raise ModelFileError(f"the contents of {name!r} are not those that were written: the file is damaged")


@contextlib.contextmanager
def opened(path: str | os.PathLike[str], limits: Limits) -> Iterator[Document]:
    """The document at ``path``; every reason against it, also one found while it is used, is told with its name.

    Raises:
        ArgumentError: ``path`` is no path.
        ModelFileError: it is refused.
    """
    check_path("reading a model", "path", path)
    shown = os.fspath(path)
    try:
        # a pipe or a device would be waited for, so it is refused before it is opened
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise ModelFileError(f"{shown} was refused: it is not a regular file, but a folder{_newest_in(Path(path))}")
        if not stat.S_ISREG(mode):
            raise ModelFileError(f"{shown} was refused: it is not a regular file")
        with FileIO(path, opener=_opened_at_once) as stream:
            found = os.fstat(stream.fileno())
            # something else may have been put in its place since
            if not stat.S_ISREG(found.st_mode):
                raise ModelFileError(f"{shown} was refused: it is not a regular file")
            yield Document(stream, found.st_size, limits)
    except ModelFileError as error:
        if str(error).startswith(shown):
            raise
        raise ModelFileError(f"{shown} was refused: {error}") from error
    except LayerkitError:
        # of whoever uses the document, about something else
        raise
    except MemoryError as error:
        raise ModelFileError(f"{shown} was refused: its arrays need more memory than there is") from error
    except (OSError, ValueError) as error:
        # ValueError: a path with a zero byte in it
        raise ModelFileError(f"{shown} could not be read: {getattr(error, 'strerror', None) or error}") from error


def _newest_in(folder: Path) -> str:
    """Advice that names the model or the checkpoint that was written last, where there is one."""
    files = [(file.stat().st_mtime_ns, file.name, file) for file in folder.glob("*.safetensors")]
    return f"; give one of its files, the newest is {max(files)[2]}" if files else ""


def _opened_at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_description(
    metadata: bytes, tensors: list[Tensor], limits: Limits
) -> tuple[dict[str, Any], str, dict[str, str]]:
    """What a file's metadata says of it: its content, its digest, and the digest of each array."""
    values = limits.values + 8 * limits.tensors
    envelope = from_json(metadata, values=values, nesting=limits.nesting)
    if not isinstance(envelope, dict) or set(envelope) != {"content", "sha256"}:
        raise ModelFileError("its metadata is not laid out as layerkit writes it")
    content, digest = envelope["content"], envelope["sha256"]
    if not isinstance(content, dict) or not isinstance(digest, str):
        raise ModelFileError("its metadata is not laid out as layerkit writes it")
    if hashlib.sha256(to_json(content)).hexdigest() != digest:
        raise ModelFileError("its description is not the one that was written: the file is damaged")
    content = _migrated(content)
    table = content.pop("tensors", None)
    if not isinstance(table, dict) or set(table) != {tensor.name for tensor in tensors}:
        raise ModelFileError("its arrays are not those that its description names")
    hashes = {}
    for tensor in tensors:
        entry = table[tensor.name]
        found = entry.get("sha256") if isinstance(entry, dict) else None
        if not isinstance(found, str) or not _DIGEST.fullmatch(found) or entry != entry_of(tensor, found):
            raise ModelFileError(f"its array {tensor.name!r} is not the one that its description names")
        hashes[tensor.name] = found
    return content, digest, hashes


def entry_of(tensor: Tensor, sha256: str) -> dict[str, Any]:
    """How the description tells of an array."""
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "sha256": sha256}


def _migrated(content: dict[str, Any]) -> dict[str, Any]:
    """A description in the newest format.

    Raises:
        ModelFileError: it is in a newer format than this version of layerkit knows, or in none.
    """
    version = content.get("format")
    if type(version) is not int or version < 0:
        raise ModelFileError("its description states no format version")
    if version > FORMAT:
        raise ModelFileError(
            f"it is in format {version}, and this version of layerkit reads formats up to {FORMAT}: install a newer one"
        )
    while version < FORMAT:
        step = MIGRATIONS.get(version)
        if step is None:
            raise ModelFileError(f"it is in format {version}, which this version of layerkit no longer reads")
        version += 1
        content = {**step(content), "format": version}
    return content


def _read_exactly(stream: FileIO, count: int) -> bytes:
    pieces = []
    while count:
        piece = stream.read(count)
        if not piece:
            raise ModelFileError("it became shorter while it was read")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
