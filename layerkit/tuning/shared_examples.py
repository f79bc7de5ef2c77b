"""Examples that several processes read from one place in memory: written once, mapped by each, copied by none."""

from __future__ import annotations

import mmap
import pickle
from pathlib import Path
from typing import Any

_ALIGNMENT = 64


def write_shared(value: Any, path: Path) -> None:
    """Write a value whose arrays ``read_shared`` maps.

    The file is for the same program on the same machine, made and read in a folder of its own: it is a pickle.
    """
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    places = []
    with path.with_suffix(".arrays").open("wb") as file:
        for buffer in buffers:
            raw = buffer.raw()
            file.write(bytes(-file.tell() % _ALIGNMENT))
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
    path.write_bytes(pickle.dumps((places, content)))


def read_shared(path: Path) -> Any:
    """What ``write_shared`` wrote; its arrays are read-only, and the same memory in every process that reads them."""
    places, content = pickle.loads(path.read_bytes())
    with path.with_suffix(".arrays").open("rb") as file:
        empty = file.seek(0, 2) == 0
        view = memoryview(b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return pickle.loads(content, buffers=[view[start : start + size] for start, size in places])
