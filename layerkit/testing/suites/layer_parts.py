"""A container, and what it may do with what its parts give."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.models.output_range import prediction_range
from layerkit.shapes import with_batch
from layerkit.testing.inputs import each, parts, read_only
from layerkit.testing.rigs.layer_rig import rigs
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_LARGE = 30.0
_SLACK = 1e-12


@told_by("inputs-not-mutated", "parameters-untouched")
def parts_left_alone(subject: Subject) -> None:
    """A container writes neither into its parts' outputs nor into their input gradients, which are theirs."""
    for rig in rigs(subject):
        inner = [node.layer for node in rig.node.walk() if node is not rig.node]
        if not inner:
            raise NotApplicable("the layer has no parts")
        for layer in {id(layer): layer for layer in inner}.values():
            _lock(layer)
        for training in (True, False):
            x = rig.inputs()
            try:
                rig.tree(training=training).step(x, rig.upstream(x, training=training))
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}: {type(error).__name__}: {error}, though nothing but what "
                    "parts gave is read-only here",
                    expected="what a part gives is left as it is: the part may read it again in its backward pass",
                    cause="an operation in place (+=, out=) on the output, or on the input gradient, of a part; write "
                    "into ctx.scratch",
                ) from error


@told_by("declared-output-shape", "declared-range", "batch-sizes")
def handed_on(subject: Subject) -> None:
    """A container that declares output_part gives what lies in that part's declared range, for large inputs too."""
    tried = False
    for rig in rigs(subject):
        if rig.layer.output_part is None or isinstance(rig.layer, Activation):
            continue
        low, high = prediction_range(rig.node, None)
        if not np.isfinite([low, high]).any():
            continue
        tried = True
        for scale in (1.0, _LARGE):
            x = read_only(each(partial(_scaled, scale), rig.inputs()))
            for array in parts(rig.forward(x, training=False)):
                if array.size and not (low - _SLACK <= array.min() and array.max() <= high + _SLACK):
                    raise Unmet(
                        f"inputs of {with_batch(rig.shape)}: outputs from {array.min():.6g} to {array.max():.6g}",
                        expected=f"from {low:g} to {high:g}, as the part {rig.layer.output_part!r} declares it, since "
                        "output_part says that its output is handed on as it is",
                        cause="the container does something to the part's output: leave the declaration out",
                    )
    if not tried:
        raise NotApplicable("no output_part is declared, or it has no bounds")


def _scaled(scale: float, array: Array) -> Array:
    return scale * array if array.dtype.kind == "f" else array


def _lock(layer: Any) -> None:
    """Let a layer give read-only views."""
    forward, backward = layer.forward, layer.backward
    layer.__dict__["forward"] = lambda x, ctx: each(_view, forward(x, ctx))
    layer.__dict__["backward"] = lambda grad, ctx: _views(backward(grad, ctx))


def _views(value: Value) -> Value:
    return tuple(map(_views, value)) if isinstance(value, tuple) else None if value is None else _view(value)


def _view(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


PARTS = suite(parts_left_alone, handed_on)
