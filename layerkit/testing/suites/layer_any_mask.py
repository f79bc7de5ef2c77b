"""A layer over time under any mask: padding in front of what counts, and within it."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import draw_like, each, read_only, rows_of
from layerkit.testing.rigs.faults import fault_along_a_direction
from layerkit.testing.rigs.layer_rig import Step
from layerkit.testing.rigs.masked_layer import MaskedLayer, a_part_leaks
from layerkit.testing.rigs.masked_steps import (
    MODES,
    changed_where_it_counts,
    require_finite,
    require_huge_left_out,
    that_heed_masks,
    told_masked,
)
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array


@told_by("masked-gradients", "padding-left-out", "parameters-read-anew", "masks-read-anew")
def any_mask(subject: Subject) -> None:
    """A mask may be any booleans: under one with padding in front of a sequence, or within it, all is finite and true,
    and the padding counts nothing either."""
    for plain in that_heed_masks(subject):
        layer = plain.with_holes()
        for training in MODES:
            try:
                step, other = (layer.step(training, mask=layer.mask, x=x) for x in (layer.x, layer.with_junk()))
            except LayerkitError:
                continue  # it says that it takes padding at the ends alone
            require_finite(layer, step, training)
            what, told = changed_where_it_counts(layer, other, layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{_told(layer, training)}, other numbers in it, and the {what} is {told}",
                    expected="the same, or a ShapeError that says which masks are taken: a mask may be any booleans",
                    cause="lengths are counted (mask.sum(axis=1)) and taken for the places of the first steps; look "
                    "for the first and the last place that is true",
                )
            if told is None:
                require_huge_left_out(layer, training, step)
            _require_gradients(layer, training)
            _require_whole_row(layer, step, training)
            _require_the_same_without_gaps(layer, step, training)


def _require_gradients(layer: MaskedLayer, training: bool) -> None:
    tree = layer.rig.tree(training=training)
    # also of what does not count: what stands behind the layer need not know of masks
    grad = draw_like(tree.forward(layer.x, mask=layer.mask), generator(25))
    step = tree.step(layer.x, grad, mask=layer.mask)
    require_finite(layer, step, training)
    fault = fault_along_a_direction(layer.rig, layer.x, grad, step, training, layer.mask)
    if fault is not None:
        raise Unmet(
            f"{_told(layer, training)}: {fault}",
            expected="the derivative of Σ grad · output, with the same mask",
            cause="forward and backward look for what counts in different ways: one by the mask, the other by a length",
        )


def _require_whole_row(layer: MaskedLayer, step: Step, training: bool) -> None:
    """The last row, of which all counts, has what it has where all of every row counts."""
    if training and (layer.rig.coupled or layer.rig.stochastic):
        return
    plain = layer.rig.forward(layer.x, training=training)
    told = difference(rows_of(step.output, slice(-1, None)), rows_of(plain, slice(-1, None)))
    if told is not None and not a_part_leaks(layer, training):
        raise Unmet(
            f"{_told(layer, training)}; for a row of the batch in which every step counts, the output is {told}",
            expected="what it is without a mask: a row's output does not depend on the masks of other rows",
            cause="what is worked out from the mask is taken over the whole batch (mask.any(), mask.sum()) in the "
            "place of each row, or of each step",
        )


def _require_the_same_without_gaps(layer: MaskedLayer, step: Step, training: bool) -> None:
    """What has no axis of time gives for a row what it gives for the steps that count, moved together.

    A layer that goes by places gives something else for all such rows. Where it is so for padding in front alone, or
    for padding within alone, it goes by the mask in one case, and forgets it in the other.
    """
    rig = layer.rig
    if rig.node.parts or set(layer.axes) != {"none"} or (training and (rig.coupled or rig.stochastic)):
        return
    order = np.argsort(~layer.mask, axis=1, kind="stable")
    rows = np.arange(len(order))[:, None]
    together = read_only(each(lambda array: np.asarray(array[rows, order]), layer.x))
    wanted = rig.tree(training=training).forward(together, mask=read_only(np.asarray(layer.mask[rows, order])))
    within = _gaps(layer.mask)
    inside, ahead = (difference(rows_of(step.output, rows), rows_of(wanted, rows)) for rows in (within, ~within))
    if (inside is None) != (ahead is None):
        where = "in front" if inside is None else "within"
        raise Unmet(
            f"{_told(layer, training)}; with padding {where} the output is {inside or ahead}, where "
            "the same steps stand without it",
            expected="the same: what counts does not depend on how much padding there is",
            cause="what is carried from step to step is given up, or goes on, where the mask leaves out a step: hold "
            "it there; or lengths are taken for places",
        )


def _gaps(mask: Array) -> Array:
    """The rows in which padding stands between two steps that count."""
    ends = np.diff(mask.astype(np.int8), axis=1)
    first, last = mask.argmax(axis=1), mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    gaps: Array = (last - first + 1 > mask.sum(axis=1)) & ends.any(axis=1)
    return gaps


def _told(layer: MaskedLayer, training: bool) -> str:
    return f"{told_masked(layer, training)}, where padding stands in front of a sequence or within it"


ANY_MASK = suite(any_mask)
