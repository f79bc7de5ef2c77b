"""A layer that declares that its passes may be recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from layerkit.models.passes import Pass
from layerkit.models.tape import Tape
from layerkit.random_streams import RandomStreams
from layerkit.shapes import with_batch
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.rigs.recorded_passes import SCALES, Variant, require_repeatable, scaled
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable
from layerkit.types import Value


@told_by("rows-independent")
def recorded_passes(subject: Subject) -> None:
    """What declares recordable can be recorded, and repeated on inputs of any size gives what its passes give."""
    for rig in rigs(subject):
        if not all(inner.layer.recordable for inner in rig.node.walk()):
            raise NotApplicable("the layer, or one inside it, does not declare recordable")
        for training in (True, False):
            x = rig.inputs()
            grad = rig.upstream(x, training=training)
            told = f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}"
            start = rig.structure.parameters.copy()
            try:
                require_repeatable(partial(_step, rig, training), (x, grad), _variants(rig, x, grad), told)
            finally:
                np.copyto(rig.structure.parameters, start)


def _step(rig: LayerRig, training: bool, given: Value, tape: Tape | None) -> Value:
    """Both passes, in a tree of its own."""
    x, grad = given
    gradient = np.zeros_like(rig.structure.parameters)
    tree = Pass(
        rig.structure,
        rig.node,
        RandomStreams(0) if tape is None else tape,
        training=training,
        gradient=gradient,
        needs_input_gradient=True,
        wrap=None if tape is None else tape.wrap,
    )
    rows = float(parts(x)[0].shape[0])
    output = tree.forward(x, rows)
    if tape is not None:
        tape.require_no_proposals(tree.shared.proposals)
    return output, tree.backward(grad), gradient


def _variants(rig: LayerRig, x: Value, grad: Value) -> Iterator[Variant]:
    parameters = rig.structure.parameters
    start = parameters.copy()

    def moved(scale: float, factor: float, seed: int) -> Value:
        np.multiply(start, factor, out=parameters)
        return scaled(rig.inputs(seed=seed), scale), scaled(grad, min(scale, 1.0))

    def with_parameters(factor: float) -> Callable[[], Value]:
        return lambda: moved(1.0, factor, 90)

    for place, scale in enumerate(SCALES):
        yield f"inputs {scale:g} times as large", partial(moved, scale, 1.0, 91 + place)
    if parameters.size:
        for factor in (-1.0, 30.0, 0.0):
            yield f"parameters {factor:g} times as large", with_parameters(factor)


RECORDING = suite(recorded_passes)
