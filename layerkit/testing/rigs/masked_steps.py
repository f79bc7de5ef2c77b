"""Steps of a layer under a mask, and what must hold of each of them."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import with_batch
from layerkit.testing.closeness import ROUNDING, difference
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import Step
from layerkit.testing.rigs.masked_layer import HUGE, SIGNS, MaskedLayer, a_part_leaks, masked_layers
from layerkit.testing.subject import Subject
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

MODES = (True, False)


def that_heed_masks(subject: Subject) -> list[MaskedLayer]:
    """The layer over time, where a mask makes a difference.

    Raises:
        NotApplicable: it nowhere does.
        Unmet: a mask leads to an error that is not one of layerkit's.
    """
    over_time, heeding = False, []
    for layer in masked_layers(subject):
        over_time = True
        for training in MODES:
            try:
                step = layer.step(training, mask=layer.mask)
                plain = layer.step(training, mask=None)
            except LayerkitError:
                break  # it refuses masks
            except Exception as error:
                raise Unmet(
                    f"{told_masked(layer, training)}: {type(error).__name__}: {error}",
                    expected="the output with a mask, (batch, time) booleans, or a ShapeError that says why not",
                    cause="the mask is written to, which is read-only like all that a layer receives"
                    if "read-only" in str(error)
                    else "the mask is taken for another shape: ctx.mask_over(value) gives it the axes of a value; or "
                    "the layer refuses masks by an error of another class than ShapeError, of which nobody knows that "
                    "it is meant",
                ) from error
            if difference(step.everything, plain.everything) is not None:
                heeding.append(layer)
                break
    if not heeding:
        raise NotApplicable(
            "a mask makes no difference to the layer"
            if over_time
            else "no input shape has an axis of time, of two positions or more, before its last axis"
        )
    return heeding


def changed_where_it_counts(
    ours: MaskedLayer, found: Step, theirs: MaskedLayer, wanted: Step, *, units: float = ROUNDING
) -> tuple[str, str | None]:
    """What of two steps differs where something counts, and how."""
    output, wanted_output = ours.counted(found.output), theirs.counted(wanted.output)
    if output is None or wanted_output is None:
        return "", None
    below, wanted_below = (
        tuple(array[layer.mask] for array in parts(step.input_gradient))
        for layer, step in ((ours, found), (theirs, wanted))
    )
    pairs: list[tuple[str, Value, Value]] = [
        ("output", output, wanted_output),
        ("gradient with respect to x", below, wanted_below),
        *((f"gradient of {path!r}", found.gradients[path], wanted.gradients[path]) for path in found.gradients),
        ("proposed state", found.proposals, wanted.proposals),
    ]
    for what, one, other in pairs:
        told = difference(one, other, units=units)
        if told is not None:
            return what, told
    return "", None


def told_masked(layer: MaskedLayer, training: bool) -> str:
    """On which inputs, and after which pass."""
    return f"inputs of {with_batch(layer.rig.shape)}, masked, {'training' if training else 'after an inference pass'}"


def require_finite(layer: MaskedLayer, step: Step, training: bool) -> None:
    """Under a mask, nothing is NaN or infinite, in the padding neither."""
    named: list[tuple[str, Value]] = [("output", step.output), ("gradient with respect to x", step.input_gradient)]
    named += [(f"gradient of {path!r}", gradient) for path, gradient in step.gradients.items()]
    for what, value in (*named, ("proposed state", step.proposals)):
        for array in parts(value):
            if np.isfinite(array).all() or a_part_leaks(layer, training):
                continue
            place = tuple(int(axis) for axis in np.argwhere(~np.isfinite(array))[0])
            row = f", where the mask is {layer.digits(place[0])}" if len(array) == len(layer.mask) else ""
            raise Unmet(
                f"{told_masked(layer, training)}: the {what} is {array[place]:g} at {place}{row}",
                expected="finite numbers, where nothing counts too",
                cause="a step that sees nothing that counts (padding stands in front of it, or fewer steps count than "
                "are asked for) has a softmax, a mean or a maximum of nothing: 0 / 0, or −∞ that stays; put 0 there",
            )


def require_huge_left_out(layer: MaskedLayer, training: bool, step: Step) -> None:
    """Numbers of a million in the padding, of one sign, of the other and of both, change nothing."""
    for signs in SIGNS:
        huge = layer.step(training, mask=layer.mask, x=layer.with_junk(size=HUGE, signs=signs))
        # what is added and taken off again leaves the rounding of a large number
        what, told = changed_where_it_counts(layer, huge, layer, step, units=ROUNDING * HUGE)
        if told is not None and not a_part_leaks(layer, training):
            raise Unmet(
                f"{told_masked(layer, training)}: {signs} numbers of about {HUGE:g} in the padding, and the {what} is "
                f"{told}",
                expected="the same, for padded positions count nothing, whatever they hold",
                cause="padding is made unlikely and not left out: a score that is lowered by 1e4 still wins where it "
                "began at 1e6, and a maximum that is taken off before exp is the padding's; put −∞ in its place "
                "(np.where), and 0 in the place of padded inputs before they are used",
            )
