"""A trainer's state in a file: its arrays, and one array of bytes with the JSON of all the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from sys import intern
from typing import Any

import numpy as np

from layerkit.atomic import Buffer
from layerkit.config.marked import MARKED
from layerkit.errors import ModelFileError
from layerkit.files.format.canonical import from_json, to_json
from layerkit.files.format.document import Document
from layerkit.files.format.header import PARAMETERS, STATES, Tensor
from layerkit.files.format.tensors import as_tensor, read
from layerkit.files.limits import Limits
from layerkit.types import Array
from layerkit.uncollected import uncollected

_TRAINING = "training/"
_REST = f"{_TRAINING}rest"
"""The array that holds everything of a trainer's state that is not an array, as JSON."""

OF_THE_MODEL = ("schema", "threshold")
"""What of a trainer's state a file tells of its model."""

_NAMES = {"epoch", "cost", "seconds"}
_PAIR = re.compile(rb"\\u[dD][89abAB]")

_VALUE = rb'(?:-?[0-9][0-9.e+-]*+|null|true|false|"[^"\\\[\]{}]{0,200}+"|\{"\$float":"[a-z-]{3,4}"\})'
_RECORD = rb'\{"\$items":\[(?:\["[^"\\\[\]{}]{1,200}+",' + _VALUE + rb"\],?){3,}+\]\}"
_HISTORY = re.compile(rb'\["history",\[((?:' + _RECORD + rb",?)*+)\]\]")
_RECORDS = re.compile(rb"(?:" + _RECORD + rb",?){1,100}+")
"""Some records of a history that hold numbers and words, as nearly all do."""


@uncollected()
def read_state(document: Document, limits: Limits, judge: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The state that a checkpoint holds, as ``Trainer.state`` gave it.

    ``judge`` is given all of it but the records of the history, which may be many, and refuses what is not fit: only
    then are they made.

    Raises:
        ModelFileError: it is not as layerkit writes it, or would take far more memory than the file.
    """
    tensor = document.tensors.get(_REST)
    if tensor is None or tensor.dtype != "U8" or tensor.size > limits.rest_bytes:
        raise ModelFileError("its state of training is missing, or too large")
    text = bytearray(tensor.size)
    document.read_into(_REST, memoryview(text))
    waiting = {name for name in document.tensors if name.startswith(_TRAINING) and name != _REST}

    def array(name: str) -> Array:
        if name not in waiting:
            raise ModelFileError(f"the state of training that it holds lacks the array {name!r}, or names it twice")
        waiting.remove(name)
        return read(document, name)

    state, records = _parsed(text, limits, array)
    if waiting:
        raise ModelFileError(f"the state of training that it holds has no place for the array {min(waiting)!r}")
    for kind, prefix in (("parameters", PARAMETERS), ("states", STATES)):
        state[kind] = {
            name.removeprefix(prefix): read(document, name) for name in document.tensors if name.startswith(prefix)
        }
    section = document.content["model"]
    state |= {name: section[name] for name in OF_THE_MODEL}
    judge(state)
    state["history"] += _decoded(records, limits)
    return state


def _parsed(text: bytearray, limits: Limits, array: Callable[[str], Array]) -> tuple[dict[str, Any], bytes | bytearray]:
    """The state without the records of its history, which are cut out of ``text``, and their text.

    Raises:
        ModelFileError: it is not as layerkit writes it, or would take far more memory than the file.
    """
    # a history may be long, so it is read piece by piece, and the limit is for what is around it
    found = _HISTORY.search(text)
    records = b"" if found is None else found[1]
    if found is not None:
        del text[slice(*found.span(1))]
    _require_modest(text, limits)
    state = _put_together(from_json(text, values=limits.rest_weight, nesting=limits.nesting), array)
    if records and state.get("history") != []:
        raise ModelFileError("its state of training holds a history in another's place")
    return state, records


def _decoded(text: bytes | bytearray, limits: Limits) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for piece in _RECORDS.finditer(text):
        some = b"[%b]" % piece[0].rstrip(b",")
        records += [_record(each["$items"]) for each in from_json(some, values=len(some), nesting=limits.nesting)]
    return records


def _record(items: list[list[Any]]) -> dict[str, Any]:
    # each record has the same names, and they are kept once
    record = {intern(name): MARKED.value(value, str) if isinstance(value, dict) else value for name, value in items}
    if not record.keys() >= _NAMES:
        # before many more are made
        raise ModelFileError(f"its history holds a record without {', '.join(sorted(_NAMES))}")
    return record


def _require_modest(text: bytes | bytearray, limits: Limits) -> None:
    """Each of these makes a value, or a key, of some 70 bytes; a dictionary takes four times as much."""
    weight = 4 * text.count(b"{") + text.count(b"[") + text.count(b",") + text.count(b":")
    if weight > limits.rest_weight:
        raise ModelFileError("its state of training holds more values than are allowed")
    # one character is enough for a text to take two bytes, or four, for each of its others
    width = 4 if _PAIR.search(text) else 2 if b"\\u" in text else 1
    if width * len(text) > limits.rest_text:
        raise ModelFileError(
            f"its state of training has {len(text):,} bytes besides history and arrays, more than the "
            f"{limits.rest_text // width:,} that are allowed"
        )


def tensors_of_state(state: dict[str, Any]) -> dict[Tensor, Buffer]:
    """The arrays of a nested state, each under a number, and one of bytes with all the rest.

    Raises:
        ArgumentError: it holds something that a file cannot.
        ModelFileError: it would be refused when it is read.
    """
    tensors: dict[Tensor, Buffer] = {}

    def plain(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return MARKED.plain(value, plain)
        tensor, buffer = as_tensor(f"{_TRAINING}{len(tensors)}", value)
        tensors[tensor] = buffer
        return {"$array": tensor.name}

    limits = Limits()
    try:
        rest = to_json(plain(state))
    except RecursionError:
        raise ModelFileError(f"it is nested more than the {limits.nesting} levels that are allowed") from None
    if len(rest) > limits.rest_bytes:
        raise ModelFileError(f"without its arrays, it takes {len(rest):,} bytes: more than allowed")
    # the reader is the judge, so that nothing is written that it would refuse
    try:
        _, records = _parsed(bytearray(rest), limits, array=lambda name: np.empty(0))
        _decoded(records, limits)
    except ModelFileError as error:
        raise ModelFileError(
            f"the state of training was not written, for it could not be read again: {error}"
        ) from None
    tensors[Tensor(_REST, "U8", (len(rest),))] = rest
    return tensors


def _put_together(rest: Any, array: Callable[[str], Array]) -> dict[str, Any]:
    """The state, from the JSON value and a function that reads an array of the file.

    Raises:
        ModelFileError: it is not as layerkit writes it.
    """

    def value(plain: Any) -> Any:
        if not isinstance(plain, (dict, list)):
            return plain
        if isinstance(plain, list) or "$array" not in plain:
            return MARKED.value(plain, value)
        name = plain["$array"]
        if len(plain) != 1 or not isinstance(name, str) or not name.startswith(_TRAINING):
            raise ModelFileError("the state of training that it holds is not as layerkit writes it")
        return array(name)

    state = value(rest)
    if not isinstance(state, dict):
        raise ModelFileError("its state of training is not as layerkit writes it")
    return state
