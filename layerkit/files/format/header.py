"""The head of a safetensors file: which arrays lie where in it. Needs no NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

from layerkit.errors import ModelFileError
from layerkit.files.format.canonical import from_json
from layerkit.files.limits import Limits

ITEM_BYTES = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "F32": 4,
    "I32": 4,
    "U32": 4,
    "F16": 2,
    "I16": 2,
    "U16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
}
"""The dtypes that layerkit writes, by their names in the format, with the bytes of one number."""

PARAMETERS = "parameters/"
STATES = "states/"
"""What the names of a model's arrays begin with; the path in the network follows."""

KEY = "layerkit"
"""The only key of the header's metadata. One, because the format leaves the order of keys open."""

LENGTH_BYTES = 8
_NESTING = 3
_VALUES_EACH = 16


@final
@dataclass(frozen=True, slots=True)
class Tensor:
    """An array in a file: where its bytes begin and end, counted from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int = 0
    stop: int = 0

    @property
    def size(self) -> int:
        """How many bytes its shape and dtype make."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


def read_header(text: bytes, data_bytes: int, limits: Limits) -> tuple[list[Tensor], bytes]:
    """The arrays that a header announces, in the order of their places, and the metadata.

    Raises:
        ModelFileError: the arrays do not fill the ``data_bytes`` after the header exactly, or are not of a known kind.
    """
    values = limits.values + _VALUES_EACH * limits.tensors
    table = from_json(text.rstrip(b" "), values=values, nesting=_NESTING, canonical=False)
    if not isinstance(table, dict):
        raise ModelFileError("its header is no table of arrays")
    metadata = table.pop("__metadata__", None)
    if not isinstance(metadata, dict) or set(metadata) != {KEY} or not isinstance(metadata[KEY], str):
        raise ModelFileError("it was not written by layerkit: its header has no metadata of layerkit's alone")
    if len(table) > limits.tensors:
        raise ModelFileError(f"it holds {len(table):,} arrays, more than the {limits.tensors:,} that are allowed")
    tensors = sorted(
        (_tensor(name, entry, limits) for name, entry in table.items()), key=lambda each: (each.start, each.stop)
    )
    end = 0
    for tensor in tensors:
        if tensor.start != end:
            raise ModelFileError(f"its array {tensor.name!r} does not begin where the one before ends")
        end = tensor.stop
    if end != data_bytes:
        raise ModelFileError(
            f"its header announces {end:,} bytes of arrays, and {data_bytes:,} are there: it was cut or added to"
        )
    return tensors, metadata[KEY].encode()


def _tensor(name: str, entry: Any, limits: Limits) -> Tensor:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ModelFileError(f"its array {name!r} is not described as the format says")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise ModelFileError(f"its array {name!r} has the dtype {dtype!r}; known are {', '.join(ITEM_BYTES)}")
    if not isinstance(shape, list) or len(shape) > limits.axes or not all(map(_is_count, shape)):
        raise ModelFileError(f"its array {name!r} has no usable shape")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_count, offsets)):
        raise ModelFileError(f"its array {name!r} has no usable place")
    tensor = Tensor(name, dtype, tuple(shape), *offsets)
    if tensor.stop - tensor.start != tensor.size:
        raise ModelFileError(
            f"its array {name!r} of shape {tensor.shape} takes {tensor.size} bytes, and has place for "
            f"{tensor.stop - tensor.start}"
        )
    return tensor


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0
