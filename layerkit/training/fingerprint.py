"""What identifies data, so that a resumed run can tell whether it goes on with the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from layerkit.data.examples import Examples
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.steps.held_stream import HeldStream
from layerkit.types import Array

_SAMPLE_BYTES = 16 * 2**20


def fingerprint(source: RandomAccess | Stream | None) -> dict[str, Any] | None:
    """The kind of source, its length and, for arrays, shape, dtype and a SHA-256 of the contents; JSON-safe.

    Of an array above 16 MiB, evenly spaced rows that make 16 MiB are taken, the first and the last among them: a
    memory-mapped set is not read through. Of other sources the contents are not looked at, for asking may cost much.
    """
    if source is None:
        return None
    source = source.batches if isinstance(source, HeldStream) else source
    found: dict[str, Any] = {"source": f"{type(source).__module__}.{type(source).__qualname__}"}
    if isinstance(source, RandomAccess):
        found["rows"] = len(source)
    if isinstance(source, Examples):
        parts = source.x if isinstance(source.x, tuple) else (source.x,)
        named = {f"x{place or ''}": part for place, part in enumerate(parts)}
        named |= {"y": source.y, "weights": source.weights, "mask": source.mask, "sampling": source.sampling}
        found["arrays"] = {name: _identified(array) for name, array in named.items() if array is not None}
        if source.augmentation is not None:
            found["augmentation"] = source.augmentation.told()
    return found


def _identified(array: Array) -> dict[str, Any]:
    rows = array.shape[0]
    sampled = array
    if array.nbytes > _SAMPLE_BYTES:
        count = max(1, min(rows, _SAMPLE_BYTES * rows // array.nbytes))
        sampled = array[np.linspace(0, rows - 1, count).astype(np.intp)]
    contents = np.ascontiguousarray(sampled).reshape(-1).view(np.uint8)
    return {
        "shape": list(array.shape),
        "dtype": array.dtype.str,
        "sha256": hashlib.sha256(contents.data).hexdigest(),
    }
