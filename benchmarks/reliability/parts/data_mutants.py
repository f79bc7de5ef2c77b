"""Damaged data files: each is read as it is, or refused with a DatasetError."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated
from layerkit import CsvFile, NpzFile
from layerkit.data.idx import read_idx
from layerkit.errors import DataError, DatasetError

PROMISE = "mutants each of IDX, npz and CSV data: 0 other exceptions"


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Damage and read, ``count`` times for each of the three formats."""
    return isolated(lambda: _mutate(count, random.Random(seed), folder))


def _mutate(count: int, chance: random.Random, folder: Path) -> Outcome:
    outcome = Outcome()
    formats: tuple[tuple[str, list[bytes], Callable[[Path], object]], ...] = (
        ("IDX", _idx_files(), read_idx),
        ("npz", _npz_files(), lambda path: NpzFile(str(path)).load("train")),
        ("csv", _csv_files(), lambda path: CsvFile(str(path)).load("train")),
    )
    for name, files, read in formats:
        path = folder / f"attempt.{name.lower()}"
        for number in range(count):
            file = chance.choice(files)
            for _ in range(chance.choice((1, 1, 2, 5))):
                file = _damaged(file, name, chance)
            path.write_bytes(file)
            outcome.tried += 1
            try:
                read(path)
            except (DatasetError, DataError):
                outcome.count(f"{name} refused")
            except Exception as error:
                outcome.fail("other exception", f"{name} {number}: {type(error).__name__}: {error}")
            else:
                outcome.count(f"{name} read")
    return outcome


def _damaged(file: bytes, name: str, chance: random.Random) -> bytes:
    if not file:
        return file
    place = chance.randrange(len(file))
    length = min(chance.choice((1, 2, 8, 64)), len(file) - place)
    kind = chance.randrange(7)
    if kind == 0:
        return file[:place]
    if kind == 1:
        return file[:place] + chance.randbytes(length) + file[place + length :]
    if kind == 2:
        return file[:place] + chance.randbytes(length) + file[place:]
    if kind == 3:
        return file[:place] + file[place + length :]
    if kind == 4:
        return file[:place] + bytes([file[place] ^ (1 << chance.randrange(8))]) + file[place + 1 :]
    if kind == 5:
        start = chance.randrange(len(file))
        return file[:place] + file[start : start + 64] + file[place:]
    special = {
        "IDX": (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\x08\xff", b"\x1f\x8b"),
        "npz": (b"PK\x03\x04", b"PK\x01\x02", b"'descr': '|O'", b"\x93NUMPY", b"\xff\xff\xff\xff", b"(99999999999,)"),
        "csv": (
            b"nan",
            b"inf",
            b"1e999",
            b'"',
            b"\n",
            b",",
            b"\0",
            b"\xff",
            b"9" * 400,
            b"0x1",
            b"\xef\xbb\xbf",
            b"\r",
        ),
    }[name]
    return file[:place] + chance.choice(special) + file[place + chance.choice((0, 4)) :]


def _idx_files() -> list[bytes]:
    images = b"\0\0\x08\x03" + b"".join(size.to_bytes(4, "big") for size in (5, 4, 4)) + bytes(range(80))
    labels = b"\0\0\x08\x01" + (5).to_bytes(4, "big") + bytes(range(5))
    return [images, labels, gzip.compress(images), gzip.compress(labels)]


def _npz_files() -> list[bytes]:
    x = np.arange(40, dtype=np.float32).reshape(10, 4)
    y = np.arange(10) % 2
    files = []
    for save in (
        partial(np.savez, x=x, y=y),
        partial(np.savez_compressed, x=x, y=y),
        partial(np.savez, x_train=x, y_train=y, x_test=x[:3], y_test=y[:3]),
    ):
        buffer = io.BytesIO()
        save(buffer)
        files.append(buffer.getvalue())
    return files


def _csv_files() -> list[bytes]:
    rows = [f"{row},{row * 0.5},{-row},{row % 3}" for row in range(12)]
    plain = "\n".join(rows)
    return [plain.encode(), f"a,b,c,label\n{plain}\n".encode(), plain.replace(",", ";").replace("\n", "\r\n").encode()]
