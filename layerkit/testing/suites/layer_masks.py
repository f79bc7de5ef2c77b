"""A layer over time, under the masks of ragged sequences."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import with_batch
from layerkit.testing.closeness import ROUNDING, difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import draw_like, parts
from layerkit.testing.rigs.layer_rig import LayerRig, Step
from layerkit.testing.rigs.masked_layer import HUGE, MaskedLayer, a_part_leaks, masked, masked_layers
from layerkit.testing.rigs.products import gradients_of, size_of_products, sum_of_products, views
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_MODES = (True, False)


@told_by("input-gradient", "parameter-gradients", "gradient-overwritten", "parameters-read-anew")
def masked_gradients(subject: Subject) -> None:
    """Under the mask of ragged sequences, gradients agree with central differences, in training and inference."""
    for layer in _that_heed_masks(subject):
        rig, x, mask = layer.rig, layer.x, layer.mask
        for training in _MODES:
            # also of what does not count: what stands behind the layer need not know of masks
            grad = draw_like(rig.tree(training=training).forward(x, mask=mask), generator(25))
            step = rig.tree(training=training).step(x, grad, mask=mask)
            points = [np.array(array) for array in parts(x)]
            value = sum_of_products(rig, partial(views, points, x), grad, training, mask)
            for what, point, gradient in gradients_of(rig, points, step):
                told = compare(value, point, gradient, generator(21), size=size_of_products(step.output, grad))
                if told is not None:
                    raise Unmet(
                        f"{_told(layer, training)}: the gradient with respect to {what} is {told}",
                        expected="the derivative of Σ grad · output, with the same mask",
                        cause="backward forgets what forward does by ctx.mask (what is set to 0 there has no gradient, "
                        "also where grad is not 0), or takes the last position of the array for the last that counts",
                    )


@told_by("dtypes-kept", "masked-gradients")
def masked_dtypes(subject: Subject) -> None:
    """Under a mask too, outputs and input gradients have the model's dtype."""
    for heeding in _that_heed_masks(subject):
        single = masked(LayerRig(subject.make(), heeding.rig.shape, subject.case, dtype=np.float32))
        assert single is not None
        for training in _MODES:
            step = single.step(training, mask=single.mask)
            for what, value in (("output", step.output), ("input gradient", step.input_gradient)):
                wide = [array.dtype for array in parts(value) if array.dtype.kind == "f" and array.dtype != np.float32]
                if wide:
                    raise Unmet(
                        f"{_told(single, training)}: in a float32 model the {what} is {wide[0]}",
                        expected="float32",
                        cause="a count or a share of booleans is float64: give it the dtype of x, by astype or out=",
                    )


@told_by("input-gradient", "parameter-gradients", "parameters-read-anew", "masked-gradients")
def padding_left_out(subject: Subject) -> None:
    """In a layer that heeds masks, neither what stands at padded positions nor their number matters to the rest."""
    for layer in _that_heed_masks(subject):
        for training in _MODES:
            step = layer.step(training, mask=layer.mask)
            other = layer.step(training, mask=layer.mask, x=layer.with_junk())
            what, told = _changed(layer, other, layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{_told(layer, training)}: other numbers in the padding, and the {what} is {told}",
                    expected="the same, for padded positions count nothing",
                    cause="padded positions are left out too late, or here and there alone: think of statistics, of a "
                    "maximum, of what the last step that counts reads beside it, of training and inference",
                )
            if told is None:
                _require_huge_left_out(layer, training, step)
            # the numbers that a longer batch draws are others
            longer = None if told is not None or (training and layer.rig.stochastic) else layer.longer(subject)
            if longer is None:
                continue
            what, told = _changed(longer, longer.step(training, mask=longer.mask), layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{_told(layer, training)}: with more padding, the {what} is {told}",
                    expected="the same: how far a sequence is padded depends on its neighbours in the batch",
                    cause="a mean divides by the length of the array in the place of the number of steps that count, "
                    "or a softmax gives padding a weight (its scores must be −∞, not 0)",
                )


@told_by("masked-gradients", "padding-left-out", "parameters-read-anew", "masks-read-anew")
def any_mask(subject: Subject) -> None:
    """A mask may be any booleans: padding in front of a sequence, or within it, counts nothing either."""
    for plain in _that_heed_masks(subject):
        layer = plain.with_holes()
        for training in _MODES:
            try:
                step, other = (layer.step(training, mask=layer.mask, x=x) for x in (layer.x, layer.with_junk()))
            except LayerkitError:
                continue  # it says that it takes padding at the ends alone
            what, told = _changed(layer, other, layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{_told(layer, training)}: where padding stands in front of a sequence or within it, other "
                    f"numbers in it, and the {what} is {told}",
                    expected="the same, or a ShapeError that says which masks are taken: a mask may be any booleans",
                    cause="lengths are counted (mask.sum(axis=1)) and taken for the places of the first steps; look "
                    "for the first and the last place that is true",
                )


def _require_huge_left_out(layer: MaskedLayer, training: bool, step: Step) -> None:
    huge = layer.step(training, mask=layer.mask, x=layer.with_junk(size=HUGE))
    # what is added and taken off again leaves the rounding of a large number
    what, told = _changed(layer, huge, layer, step, units=ROUNDING * HUGE)
    if told is not None and not a_part_leaks(layer, training):
        raise Unmet(
            f"{_told(layer, training)}: numbers of about {HUGE:g} in the padding, and the {what} is {told}",
            expected="the same, for padded positions count nothing, whatever they hold",
            cause="padding is made unlikely and not left out: a score that is lowered by 1e4 still wins where it began "
            "at 1e6; put −∞ in its place (np.where), and 0 in the place of padded inputs before they are used",
        )


@told_by(
    "parameters-read-anew",
    "inputs-read-anew",
    "interleaved-passes",
    "masked-gradients",
    "padding-left-out",
)
def masks_read_anew(subject: Subject) -> None:
    """A pass heeds the mask of that pass, and a mask by which all counts is none."""
    for layer in _that_heed_masks(subject):
        rig, x = layer.rig, layer.x
        changing = np.array(layer.mask)
        view = changing.view()
        view.flags.writeable = False
        turned = np.roll(layer.mask, 1, axis=0)
        everything = np.ones_like(layer.mask)
        everything.flags.writeable = False
        for training in _MODES:
            changing[...] = layer.mask
            tree = rig.tree(training=training)
            grad = draw_like(tree.forward(x), generator(26))
            none = rig.tree(training=training).step(x, grad)
            told = difference(rig.tree(training=training).step(x, grad, mask=everything).everything, none.everything)
            if told is not None:
                raise Unmet(
                    f"{_told(layer, training)}: with a mask by which all counts, {told}",
                    expected="what no mask gives: ctx.mask is None where all counts",
                    cause="there are two formulas, one for a mask and one for no mask, and they differ",
                )
            tree.step(x, grad, mask=view)
            changing[...] = turned
            fresh = rig.tree(training=training).step(x, grad, mask=view)
            told = difference(tree.step(x, grad, mask=view).everything, fresh.everything)
            told = told or difference(tree.step(x, grad).everything, none.everything)
            if told is not None:
                raise Unmet(
                    f"{_told(layer, training)}: after a pass with another mask, {told}",
                    expected="what this pass's mask gives",
                    cause="what was worked out from an earlier mask is kept on ctx.saved; a mask may lie in the same "
                    "array as the one before",
                )


def _that_heed_masks(subject: Subject) -> list[MaskedLayer]:
    """The layer over time, where a mask makes a difference.

    Raises:
        NotApplicable: it nowhere does.
        Unmet: a mask leads to an error that is not one of layerkit's.
    """
    over_time, heeding = False, []
    for layer in masked_layers(subject):
        over_time = True
        for training in _MODES:
            try:
                step = layer.step(training, mask=layer.mask)
                plain = layer.step(training, mask=None)
            except LayerkitError:
                break  # it refuses masks
            except Exception as error:
                raise Unmet(
                    f"{_told(layer, training)}: {type(error).__name__}: {error}",
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


def _changed(
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


def _told(layer: MaskedLayer, training: bool) -> str:
    return f"inputs of {with_batch(layer.rig.shape)}, masked, {'training' if training else 'after an inference pass'}"


MASKS = suite(masked_gradients, masked_dtypes, padding_left_out, masks_read_anew, any_mask)
