"""Machine code on disk: a file for each function and each signature, named by all that it depends on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import llvmlite
import numba

from layerkit_numba.machine import processor

try:
    import fcntl
except ImportError:  # Windows has none: there, processes that start together may compile the same
    fcntl = None  # type: ignore[assignment]

_DIGEST = 32


def folder() -> Path:
    """Where machine code is kept: ``$LAYERKIT_CACHE/numba``, or ``layerkit/numba`` in the user's cache."""
    named = os.environ.get("LAYERKIT_CACHE")
    if named:
        return Path(named) / "numba"
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "layerkit" / "numba"


def named(*parts: str) -> str:
    """The name of what depends on these, on this package, on Numba and on the processor."""
    everything = (numba.__version__, llvmlite.__version__, processor(), package_digest(), *parts)
    return hashlib.sha256("\0".join(everything).encode()).hexdigest()[:40]


def kept(name: str) -> bytes | None:
    """What is kept under a name; None where there is nothing, or not what was written."""
    try:
        content = (folder() / f"{name}.o").read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def keep(name: str, code: bytes) -> None:
    """Keep it, if there is a place for it: else each process compiles anew."""
    path = folder() / f"{name}.o"
    with contextlib.suppress(OSError):
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, suffix=".part", delete=False) as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(file.name, path)


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process is compiling what has this name, so that it is compiled once."""
    if fcntl is None:
        yield
        return
    path = folder() / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # whoever waits holds the same file, and finds what was kept
            path.unlink(missing_ok=True)


@cache
def package_digest() -> str:
    """A hash of all sources of this package."""
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
