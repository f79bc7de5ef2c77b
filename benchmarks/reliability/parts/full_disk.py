"""A disk that is full after any number of bytes, and calls that fail: the old file stays, and nothing is left over."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated
from layerkit import Dense, Model, Sequential, Sigmoid, load, save
from layerkit.errors import ModelFileError

PROMISE = "disk full at every write offset, and every failing call: 0 losses"

_CALLS = ("open", "write", "fsync", "replace")


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Let the disk be full at each offset (at ``count`` of them, evenly spread, if there are more)."""
    return isolated(lambda: _fill(count, folder))


def _fill(count: int, folder: Path) -> Outcome:
    outcome = Outcome()
    path = folder / "model.safetensors"
    old, new = (Sequential([Dense(4, activation=Sigmoid())]).initialize(3, seed=seed) for seed in (0, 1))
    save(old, path)
    kept = path.read_bytes()
    stride = max(1, len(kept) // count)
    for offset in range(0, len(kept), stride):
        with _limited(offset):
            _must_fail(new, path, kept, f"full after {offset} bytes", outcome)
    outcome.count(f"offsets of {len(kept)}", outcome.tried)
    for call in _CALLS:
        for error in (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT):
            with mock.patch.object(os, call, _failing(call, error)):
                _must_fail(new, path, kept, f"{call}: {os.strerror(error)}", outcome)
    save(new, path)
    if (load(path).structure.parameters != new.structure.parameters).any():
        outcome.fail("not saved", "the save with room enough")
    return outcome


def _must_fail(model: Model, path: Path, kept: bytes, told: str, outcome: Outcome) -> None:
    outcome.tried += 1
    try:
        save(model, path)
    except ModelFileError:
        outcome.count("said so")
    except Exception as error:
        outcome.fail("other exception", f"{told}: {type(error).__name__}: {error}")
    else:
        outcome.fail("unnoticed", told)
    if path.read_bytes() != kept:
        outcome.fail("lost", told)
    left = [each.name for each in path.parent.iterdir() if each != path]
    if left:
        outcome.fail("left over", f"{told}: {left}")
        for name in left:
            (path.parent / name).unlink()


@contextmanager
def _limited(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes: the kernel takes the bytes before, and refuses the next."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _failing(call: str, error: int) -> Callable[..., Any]:
    real = getattr(os, call)

    def fails(*arguments: Any, **options: Any) -> Any:
        # only where the save writes: reading goes on
        if call == "open" and not arguments[1] & os.O_WRONLY:
            return real(*arguments, **options)
        raise OSError(error, os.strerror(error))

    return fails
