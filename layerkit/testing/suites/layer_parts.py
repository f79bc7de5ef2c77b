"""A container, and what it may do with what its parts give."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.layer import adapts
from layerkit.models.output_range import prediction_range
from layerkit.shapes import with_batch
from layerkit.testing.inputs import each, is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Shape, Value

_LARGE = 30.0
_SLACK = 1e-12
_ROWS = 24
_MUCH_LARGER = 1000.0
_ABOUT = 30.0
_PASSES = 100
"""After so many, a running value of the training data is what it goes by, not what it began with."""


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


@told_by("declared-output-shape", "batch-sizes", "handed-on")
def output_of_the_part(subject: Subject) -> None:
    """Every number that a container with an output_part gives is one that the part gave, or 0."""
    tried = False
    for rig in rigs(subject):
        name = rig.layer.output_part
        if name is None or isinstance(rig.layer, Activation):
            continue
        tried = True
        for training in (True, False):
            tree = rig.tree(training=training)
            output, given = tree.outputs_of(rig.inputs(), name)
            for array in parts(output):
                strange = array[~np.isin(array, given) & (array != 0)]
                if strange.size and given.size:
                    raise Unmet(
                        f"inputs of {with_batch(rig.shape)}: {strange.size} of {array.size} numbers of the output, "
                        f"{strange[0]:.9g} among them, are none of the part {name!r}",
                        expected="the part's output, handed on as it is, since output_part says so: its range is taken "
                        "for the container's, and what reads it out is asked of the part",
                        cause="the container does something to the part's output: leave the declaration out",
                    )
    if not tried:
        raise NotApplicable("no output_part is declared")


@told_by("layers-are-parts", "parts-from-the-constructor")
def part_inputs_named(subject: Subject) -> None:
    """What part_inputs names are the container's parts, each with inputs, or with other parts, that it reads."""
    tried = False
    for rig in rigs(subject):
        named, known = rig.layer.part_inputs, list(rig.node.parts)
        if not named:
            continue
        tried = True
        sources = [*known, *rig.layer.input_names]
        strange = [name for name in named if name not in known]
        # a container of one input need give it no name
        if rig.layer.input_names:
            strange += [each for reads in named.values() for each in reads if each not in sources]
        if strange:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: part_inputs names {', '.join(map(repr, strange))}",
                expected=f"parts, {', '.join(map(repr, known))}, that read inputs or parts, "
                f"{', '.join(map(repr, sources))}: a summary tells by it what is joined to what",
                cause="a name is misspelt, or one in build was changed and not here",
            )
    if not tried:
        raise NotApplicable("no part_inputs are declared")


@told_by("declared-output-shape", "batch-sizes", "adapts-to-data")
def declared_scale(subject: Subject) -> None:
    """What declares normalizes gives outputs of about the same size for inputs that are a thousand times as large."""
    tried = False
    for rig in rigs(subject):
        if not rig.layer.normalizes or subject.case.inputs is not None or not is_floating(rig.inputs()):
            continue
        tried = True
        sizes = [_size_of_output(subject, rig.shape, scale) for scale in (1.0, _MUCH_LARGER)]
        if not sizes[1] <= _ABOUT * max(sizes[0], _SLACK):
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: for inputs that are {_MUCH_LARGER:g} times as large, outputs are "
                f"{sizes[1] / max(sizes[0], _SLACK):.3g} times as large, in training",
                expected="a scale of the outputs' own, since normalizes is declared: nobody is warned of features that "
                "are far from 1",
                cause="the declaration (a mean that is taken off is no scale), or a division by the spread is missing",
            )
    if not tried:
        raise NotApplicable("the layer does not declare normalizes, or the case draws its inputs")


def _size_of_output(subject: Subject, shape: Shape, scale: float) -> float:
    """The largest number of a training pass, once the layer has seen such inputs as often as it likes."""
    rig = LayerRig(subject.make(), shape, subject.case)
    x = read_only(each(partial(_scaled, scale), rig.inputs(_ROWS)))
    if adapts(rig.layer):
        for state, value in rig.adapted([(x, np.ones(_ROWS))]):
            state[...] = value
    tree = rig.tree(training=True)
    output = tree.forward(x)
    for _ in range(_PASSES if rig.structure.states.size else 0):
        tree.commit()
        output = tree.forward(x)
    return max(float(np.abs(array).max(initial=0.0)) for array in parts(output))


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


PARTS = suite(parts_left_alone, handed_on, output_of_the_part, part_inputs_named, declared_scale)
