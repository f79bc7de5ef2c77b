"""What a person may give as data, as a source that training reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from layerkit.data.examples import Examples
from layerkit.data.generated import Generated
from layerkit.engines.reader import checked_weights
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.models.boundary import cast
from layerkit.types import Array, DType

_EAGER_BYTES = 2**30
_CHECKED_ROWS = 2**20


def as_source(data: Any, *, split: str, weights: Any = None, mask: Any = None) -> RandomAccess | Stream:
    """Arrays ``(x, y)`` or ``(x, y, weights)``, a Dataset, a source, or batches, as a source.

    Raises:
        DataError: ``data`` is none of these, or is empty.
    """
    if isinstance(data, tuple) and len(data) in (2, 3) and not isinstance(data[0], str):
        if len(data) == 3 and weights is None:
            weights = data[2]
        data = Examples(data[0], data[1], weights=weights, mask=mask)
    elif isinstance(data, Dataset):
        data = data.load(split)
    if isinstance(data, Examples):
        extra = {"weights": weights, "mask": mask}
        if any(value is not None and value is not getattr(data, name) for name, value in extra.items()):
            data = data.replace(
                weights=data.weights if weights is None else weights, mask=data.mask if mask is None else mask
            )
    elif weights is not None or mask is not None:
        raise DataError("weights and mask go with arrays; a source hands them out in its batches")
    elif isinstance(data, list) and data and all(isinstance(part, np.ndarray) for part in data):
        raise DataError(
            "arrays are given as a tuple (x, y) or (x, y, weights), with round brackets; got a list of arrays"
        )
    elif isinstance(data, np.ndarray) or not (isinstance(data, (RandomAccess, Stream, Iterable)) or callable(data)):
        raise DataError(
            f"data must be arrays (x, y), a Dataset, a RandomAccess or Stream, or batches; got {type(data).__name__}"
        )
    elif not isinstance(data, (RandomAccess, Stream)):
        data = Generated(data)
    if isinstance(data, RandomAccess) and len(data) == 0:
        raise DataError("the data is empty: there is not one example in it")
    source: RandomAccess | Stream = data
    return source


def checked_examples(examples: Examples, dtype: DType, *, keep_integers: bool) -> Examples:
    """Examples whose floating inputs are finite and, where that takes little memory, in the model's dtype already.

    Memory-mapped arrays stay as they are, and are looked at batch by batch in training.

    Raises:
        DataError: an input is NaN or infinite, or no number; a weight is negative.
    """
    if isinstance(examples.x, tuple):
        x: Any = tuple(_checked(part, f"x[{place}]", dtype, keep_integers) for place, part in enumerate(examples.x))
    else:
        x = _checked(examples.x, "x", dtype, keep_integers)
    weights = None if examples.weights is None else checked_weights(examples.weights)
    return examples.replace(x=x, weights=weights)


def _checked(x: Array, name: str, dtype: DType, keep_integers: bool) -> Array:
    if x.dtype.kind not in "fiub":
        raise DataError(f"{name} must be numbers, got an array of dtype {x.dtype}")
    if isinstance(x, np.memmap):
        return x
    if x.dtype.kind == "f":
        flat_rows = max(1, _CHECKED_ROWS // max(1, x[0].size))
        for start in range(0, x.shape[0], flat_rows):
            good = np.isfinite(x[start : start + flat_rows])
            if not good.all():
                row = start + int(np.argwhere(~good)[0][0])
                raise DataError(
                    f"{name} must be finite, but row {row} holds NaN or infinity: remove such rows or fill them in"
                )
    if x.size * dtype.itemsize <= _EAGER_BYTES:
        return cast(x, dtype, keep_integers=keep_integers)
    return x
