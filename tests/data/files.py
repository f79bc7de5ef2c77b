"""Data files for tests: sound ones, and damaged ones made from them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from random import Random

import numpy as np

from layerkit.data.examples import Examples
from layerkit.types import Array

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array: Array) -> bytes:
    """``array`` as an IDX file."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def npz_bytes(arrays: dict[str, Array], *, compressed: bool = True) -> bytes:
    """A file as NumPy writes it."""
    file = io.BytesIO()
    save: Callable[..., None] = np.savez_compressed if compressed else np.savez
    save(file, **arrays)
    return file.getvalue()


def targets(examples: Examples) -> Array:
    """The targets of examples that have some."""
    assert examples.y is not None
    return examples.y


def mutants(data: bytes, number: int, seed: int = 0) -> list[bytes]:
    """``data`` with bits flipped, bytes replaced, cut out, doubled, or the end cut off; never ``data`` itself."""
    random = Random(seed)
    found: list[bytes] = []
    while len(found) < number:
        mutant = bytearray(data)
        for _ in range(random.choice((1, 1, 1, 2, 5))):
            _mutate(mutant, random)
        if mutant != data:
            found.append(bytes(mutant))
    return found


def _mutate(data: bytearray, random: Random) -> None:
    start = random.randrange(len(data) + 1)
    end = min(len(data), start + random.choice((1, 2, 4, 8, 64)))
    match random.randrange(6):
        case 0 if start < len(data):
            data[start] ^= 1 << random.randrange(8)
        case 1:
            data[start:end] = random.randbytes(end - start)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end]
        case 4:
            del data[start:]
        case _:
            # the extreme numbers: sizes and counts of 0 and of nearly everything
            data[start:end] = random.choice((b"\0", b"\xff", b"\x7f")) * (end - start)
