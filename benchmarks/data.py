"""MNIST, or noise of the same size, laid out once so that every process maps the same files."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CLASSES = 10
PIXELS = 784
_NAMES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")}
_NAMES["test"] = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_COUNTS = {"train": 60_000, "test": 10_000}


@dataclass(frozen=True)
class Data:
    """``x``: ``(n, 784)`` float32 in [0, 1]; ``y``: ``(n, 10)`` float32 one-hot; ``labels``: ``(n,)`` integers."""

    x: Array
    y: Array
    labels: Array
    x_test: Array
    labels_test: Array


def find_mnist(folder: Path | None) -> Path | None:
    """The folder with the IDX files: the given one, the environment's, or the one beside the repository."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    named = os.environ.get("LAYERKIT_TEST_DATA")
    for root in [folder] if folder else [Path(named) if named else None, beside]:
        for candidate in [root, root / "mnist", root / "data" / "mnist"] if root else []:
            if all(_find(candidate, name) for names in _NAMES.values() for name in names):
                return candidate
    if folder:
        raise FileNotFoundError(f"{folder} does not hold the four IDX files of MNIST ({_NAMES['train'][0]}.gz, …)")
    return None


def store(mnist: Path | None, folder: Path) -> None:
    """Write the arrays to ``folder``; without ``mnist``, noise of their size, of which a fifth is not zero."""
    for part, count in _COUNTS.items():
        if mnist:
            images, labels = (_read(mnist, name) for name in _NAMES[part])
        else:
            rng = np.random.default_rng(count)
            images = rng.integers(1, 256, (count, PIXELS), dtype=np.uint8)
            images[rng.random(images.shape, dtype=np.float32) < 0.8] = 0
            labels = rng.integers(0, CLASSES, count, dtype=np.uint8)
        np.multiply(images.reshape(count, PIXELS), np.float32(1 / 255), dtype=np.float32).tofile(
            folder / f"x_{part}.f32"
        )
        np.eye(CLASSES, dtype=np.float32)[labels].tofile(folder / f"y_{part}.f32")
        labels.tofile(folder / f"labels_{part}.u8")


def load(folder: Path) -> Data:
    """What `store` wrote, mapped into memory, so that the processes of a benchmark share it."""
    x, y, labels = (_map(folder, "train", kind) for kind in ("x", "y", "labels"))
    return Data(x, y, labels, _map(folder, "test", "x"), _map(folder, "test", "labels"))


def _map(folder: Path, part: str, kind: str) -> Array:
    width = {"x": PIXELS, "y": CLASSES}.get(kind)
    path = folder / f"{kind}_{part}.{'f32' if width else 'u8'}"
    shape = (_COUNTS[part], width) if width else (_COUNTS[part],)
    mapped = np.memmap(path, dtype=np.float32 if width else np.uint8, mode="c", shape=shape)
    return mapped.view(np.ndarray)  # a plain array: the subclass would cost every contender time


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _read(folder: Path, name: str) -> Array:
    path = _find(folder, name)
    assert path is not None
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return np.frombuffer(content, np.uint8, offset=16 if "images" in name else 8)
