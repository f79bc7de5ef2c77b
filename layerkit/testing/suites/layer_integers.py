"""A layer that takes integers, or passes them on."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import each, is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_KINDS = (np.int64, np.int32, np.uint8)


@told_by("dtypes-kept")
def integer_inputs(subject: Subject) -> None:
    """A layer that takes integers gives the same for each kind of them, in the model's dtype, or keeps theirs."""
    for dtype in (np.float64, np.float32):
        for rig in rigs(subject, dtype=dtype):
            if rig.layer.integer_input == "cast":
                raise NotApplicable(f"integer_input is {rig.layer.integer_input!r}")
            x = rig.inputs()
            kept = rig.layer.integer_input == "keep"
            if not is_floating(x):
                _require_alike(rig, x, kept=kept)
                continue
            _require_alike(rig, _drawn(rig, x, 3), kept=kept)
            try:
                rig.forward(_drawn(rig, x, 250), training=True)
            except Exception:
                # it takes small ones alone, as classes
                continue
            _require_alike(rig, _drawn(rig, x, 250), kept=kept)


def _require_alike(rig: LayerRig, x: Value, *, kept: bool) -> None:
    """The same output for the same integers of each kind that can hold them."""
    kinds = [kind for kind in _KINDS if _fits(x, kind)]
    outputs = [_output(rig, x, kind, kept=kept) for kind in kinds]
    for kind, output in zip(kinds, outputs, strict=True):
        told = difference(_floating(output), _floating(outputs[0]))
        if told is not None:
            raise Unmet(
                f"{_told(rig)}: integers of {np.dtype(kind)} give {told} for the same in {np.dtype(kinds[0])}",
                expected="the same output for the same numbers",
                cause="arithmetic with integers as they are: those of few bits, or without a sign, wrap round; cast "
                "them to the model's dtype first",
            )


def _drawn(rig: LayerRig, x: Value, below: int) -> Value:
    """Integers for each input that is not cast."""
    kinds = rig.layer.integer_input
    if isinstance(kinds, tuple):
        pairs = zip(x, kinds, strict=True)
        return tuple(array if kind == "cast" else _integers(array, below) for array, kind in pairs)
    return each(lambda array: _integers(array, below), x)


def _integers(array: Array, below: int) -> Array:
    drawn: Array = read_only(generator(14).integers(0, below, array.shape))
    return drawn


def _output(rig: LayerRig, x: Value, kind: Any, *, kept: bool) -> Value:
    given = read_only(each(lambda array: array if array.dtype.kind == "f" else array.astype(kind), x))
    tree = rig.tree(training=True)
    output = tree.forward(given)
    wanted = np.dtype(kind) if kept else rig.dtype
    # a layer of several inputs, or outputs, may give integers of its own
    alone = not isinstance(given, tuple) and not isinstance(output, tuple)
    for array in parts(output):
        if array.dtype != wanted and (alone or array.dtype.kind == "f") and not (kept and not alone):
            declared = "passes any dtype on" if kept else f"takes integers, and gives {rig.dtype} here"
            raise Unmet(
                f"{_told(rig)}: integers of {np.dtype(kind)} give an output of {array.dtype}",
                expected=f"{wanted}, since integer_input is {rig.layer.integer_input!r}: the layer {declared}",
                cause=_KEPT if kept else _ACCEPTED,
            )
    tree.backward(each(np.ones_like, output))
    return output


_KEPT = "an operation with a floating number; declare integer_input = 'accept' if that is meant"
_ACCEPTED = (
    "integers are passed on; cast them, or declare integer_input = 'keep' if that is meant. Divided, or multiplied by "
    "a Python number, they become float64, whatever the model's dtype: cast first"
)


def _fits(x: Value, kind: Any) -> bool:
    limits = np.iinfo(kind)
    integers = [array for array in parts(x) if array.dtype.kind != "f" and array.size]
    return all(limits.min <= array.min() and array.max() <= limits.max for array in integers)


def _floating(value: Value) -> Value:
    return each(lambda array: array.astype(np.float64) if array.dtype.kind != "f" else array, value)


def _told(rig: LayerRig) -> str:
    return f"inputs of {with_batch(rig.shape)}, in a {rig.dtype} model"


INTEGERS = suite(integer_inputs)
