"""What kind of thing a layer's passes give."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.rigs.layer_rig import rigs
from layerkit.testing.subject import Subject
from layerkit.testing.suite import foundation, suite
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value


@foundation
def gives_arrays(subject: Subject) -> None:
    """Both passes give NumPy arrays, or tuples of them: no scalar, no list, not nothing."""
    for rig in rigs(subject):
        for training in (True, False):
            told = f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}"
            tree = rig.tree(training=training)
            x = rig.inputs()
            try:
                output = tree.given(x)
            except Exception as error:
                # what raises is told by the checks of what it raises at
                raise NotApplicable(f"the forward pass raises {type(error).__name__}") from error
            _require_arrays(output, f"{told}: forward gives", "the return is missing in forward")
            try:
                below = tree.given_back(rig.upstream(x, training=training))
            except Exception as error:
                raise NotApplicable(f"the backward pass raises {type(error).__name__}") from error
            _require_gradients(below, x, f"{told}: backward gives")


def _require_gradients(below: Any, x: Value, told: str) -> None:
    if isinstance(x, tuple):
        if not isinstance(below, tuple) or len(below) != len(x):
            found = f"a tuple of {len(below)}" if isinstance(below, tuple) else _kind(below)
            raise Unmet(
                f"{told} {found}, for {len(x)} inputs",
                expected="a tuple of one gradient for each input, None in the place of integers",
                cause="the gradients are stacked, or one is left out",
            )
        for place, each in enumerate(below):
            if each is not None:
                _require_arrays(each, f"{told}, for input {place},", "a number stands for a gradient")
    elif below is not None:
        _require_arrays(
            below, told, "a number stands for a gradient, or a tuple is given for a single input", many=False
        )


def _require_arrays(value: Any, told: str, missing: str, *, many: bool = True) -> None:
    if many and isinstance(value, tuple):
        for each in value:
            _require_arrays(each, f"{told} a tuple with", missing, many=False)
        return
    if type(value) is np.ndarray:
        return
    raise Unmet(
        f"{told} {_kind(value)}",
        expected="an array, with the batch axis first" + (", or a tuple of arrays for several outputs" if many else ""),
        cause=missing if value is None else _SCALAR if isinstance(value, np.generic) else _OTHER,
    )


_SCALAR = "a sum, a mean or an index over all axes leaves NumPy's number: keep the batch axis (axis=…, keepdims=True)"
_OTHER = "the conversion to an array is left to others: np.stack(…) or np.asarray(…)"


def _kind(value: Any) -> str:
    if isinstance(value, np.generic):
        return "a NumPy scalar, not an array"
    if value is None:
        return "None, not an array"
    if isinstance(value, np.ndarray):
        return "an array" if type(value) is np.ndarray else f"a {type(value).__name__}, not a plain array"
    return f"a {type(value).__name__}, not an array"


ARRAYS = suite(gives_arrays)
