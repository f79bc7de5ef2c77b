"""What a file says of itself, without importing anything that it names."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from layerkit.calls import explained
from layerkit.errors import ModelFileError
from layerkit.files.format.document import opened
from layerkit.files.format.header import PARAMETERS, Tensor
from layerkit.files.limits import Limits

_OWN = "layerkit/"
_FIELDS: dict[str, Any] = {
    "components": {},
    "format": int,
    "kind": str,
    "layerkit": str,
    "model": {
        "architecture": dict,
        "cost": object,
        "dtype": str,
        "frozen": list,
        "input_shape": list,
        "readout": object,
        "schema": dict,
        "threshold": object,
    },
}


@final
@dataclass(frozen=True, slots=True)
class Inspection:
    """A sound file: its description, its arrays in the order of their names, and the digest of both.

    ``content`` holds ``kind`` (model or checkpoint), ``model`` (architecture, input shape, dtype, readout, cost, what
    is frozen), ``components`` with the distributions that they came from; of a checkpoint, position and environment.
    """

    path: str
    bytes: int
    digest: str
    content: dict[str, Any]
    tensors: tuple[Tensor, ...]

    @property
    def parameters(self) -> int:
        """How many numbers are trained or frozen parameters."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors if tensor.name.startswith(PARAMETERS))

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "path": self.path,
            "bytes": self.bytes,
            "digest": f"sha256:{self.digest}",
            "parameters": self.parameters,
            **self.content,
            "tensors": {tensor.name: {"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in self.tensors},
        }


@explained
def inspect(path: str | os.PathLike[str], *, limits: Limits | None = None) -> Inspection:
    """Look at a file, and compare all of it with its digest; no component and no plugin is imported.

    Raises:
        ModelFileError: it is damaged, or was not written by layerkit; the message says why.
    """
    with opened(path, limits or Limits()) as document:
        _require_fields(document.content, _FIELDS)
        document.verify()
        tensors = tuple(sorted(document.tensors.values(), key=lambda tensor: tensor.name))
        return Inspection(os.fspath(path), os.path.getsize(path), document.digest, document.content, tensors)


def _require_fields(content: Any, fields: dict[str, Any]) -> None:
    for name, wanted in fields.items():
        kind = dict if isinstance(wanted, dict) else wanted
        if not isinstance(content, dict) or name not in content or not isinstance(content[name], kind):
            raise ModelFileError(f"its description lacks {name!r}, or has something else in its place")
        if isinstance(wanted, dict):
            _require_fields(content[name], wanted)


def description_lines(value: Any, label: str = "") -> Iterator[str]:
    """A description as indented lines: a component's plain arguments beside its name, those inside it below."""
    start = f"{label}: " if label else ""
    if isinstance(value, dict) and "$again" in value:
        yield f"{start}a layer from above once more, number {value['$again']} in the order in which they end, from 0"
        return
    name = _name(value)
    if name is None:
        yield f"{start}{_plain(value)}"
        return
    arguments = value.get("arguments", {}) if isinstance(value.get("arguments"), dict) else {}
    below = {key: inner for key, inner in arguments.items() if _holds_components(inner)}
    beside = ", ".join(f"{key}={_plain(inner)}" for key, inner in arguments.items() if key not in below)
    yield f"{start}{name}({beside})"
    for key, inner in below.items():
        several = _several(inner)
        for name, each in [(key, inner)] if several is None else several:
            yield from (f"  {line}" for line in _labelled(each, name))


def _labelled(value: Any, label: str) -> Iterator[str]:
    """The lines of a component, or of one among plain values, which stand beside its label, as a node's inputs do."""
    several = _several(value)
    if several is None:
        yield from description_lines(value, label)
        return
    inside = [each for _, each in several if _holds_components(each)]
    if len(inside) == 1:
        beside = ", ".join(_plain(each) for _, each in several if each is not inside[0])
        yield from description_lines(inside[0], f"{label} ({beside})" if beside else label)
        return
    for name, each in several:
        yield from _labelled(each, f"{label}.{name}")


def _several(value: Any) -> list[tuple[str, Any]] | None:
    """What a list, a tuple or a dictionary holds, by place or name; None for anything else."""
    if isinstance(value, dict) and set(value) == {"$tuple"}:
        value = value["$tuple"]
    if isinstance(value, dict) and set(value) == {"$items"} and isinstance(value["$items"], list):
        pairs = [pair for pair in value["$items"] if isinstance(pair, list) and len(pair) == 2]
        return [(str(key), each) for key, each in pairs]
    if isinstance(value, list):
        return [(str(place), each) for place, each in enumerate(value)]
    if isinstance(value, dict) and not any(str(key).startswith("$") for key in value):
        return list(value.items())
    return None


def _name(value: Any) -> str | None:
    """The name of a component, a built-in's without its namespace; None for anything else."""
    if not isinstance(value, dict):
        return None
    names = [inner for key, inner in value.items() if key.startswith("$") and isinstance(inner, str)]
    return names[0].removeprefix(_OWN) if names and "arguments" in value else None


def _holds_components(value: Any) -> bool:
    several = _several(value)
    if several is not None:
        return any(_holds_components(each) for _, each in several)
    return _name(value) is not None or (isinstance(value, dict) and "$again" in value)


def _plain(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"$tuple"}:
        return f"({', '.join(map(_plain, value['$tuple']))})"
    if isinstance(value, dict) and set(value) == {"$float"}:
        return str(value["$float"])
    return repr(value)
