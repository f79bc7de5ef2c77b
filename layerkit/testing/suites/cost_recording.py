"""A cost that declares that its passes may be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.scratch import Scratch
from layerkit.models.tape import Tape
from layerkit.testing.rigs.predictions import cost_context, draw_pair, shapes, target_form
from layerkit.testing.rigs.recorded_passes import SCALES, Variant, require_repeatable, scaled
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite
from layerkit.testing.verdicts import NotApplicable
from layerkit.types import Shape, Value


def recorded_passes(subject: Subject) -> None:
    """A cost that declares recordable can be recorded, and repeated on any numbers gives what its passes give."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        if not cost.recordable:
            raise NotApplicable("the cost does not declare recordable")
        pair = draw_pair(cost, subject.case, shape)
        require_repeatable(partial(_both, cost), pair, _variants(subject, cost, shape), f"predictions of {shape}")


def _both(cost: Cost, given: Value, tape: Tape | None) -> Value:
    prediction, target = given
    context = cost_context()
    if tape is not None:
        scratch = Scratch(np.dtype(np.float64), wrap=tape.wrap)
        context = Context("cost", PassState(partial(tape.generator, "cost")), scratch, training=True)
    return cost.forward(prediction, target, context), cost.backward(prediction, target, context)


def _variants(subject: Subject, cost: Cost, shape: Shape) -> Iterator[Variant]:
    draw = partial(draw_pair, cost, subject.case, shape)

    def moved(seed: int, of_prediction: float, of_target: float) -> Value:
        prediction, target = draw(seed=seed)
        return scaled(prediction, of_prediction), scaled(target, of_target)

    def equal() -> Value:
        _, target = draw(seed=96)
        return target, target

    for place, scale in enumerate(SCALES):
        yield f"predictions {scale:g} times as large", partial(moved, 97 + place, scale, 1.0)
        if target_form(cost, subject.case) == "real":
            yield f"targets {scale:g} times as large", partial(moved, 97 + place, 1.0, scale)
    if draw()[0].shape == draw()[1].shape:
        yield "predictions that are the targets", equal


RECORDING = suite(recorded_passes)
