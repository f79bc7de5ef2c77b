"""A layer over time, under the masks of ragged sequences."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.testing.closeness import ROUNDING, difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import draw_like, is_floating, parts
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.rigs.masked_layer import a_part_leaks, masked
from layerkit.testing.rigs.masked_steps import (
    MODES,
    changed_where_it_counts,
    require_finite,
    require_huge_left_out,
    that_heed_masks,
    told_masked,
)
from layerkit.testing.rigs.products import gradients_of, size_of_products, sum_of_products, views
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_FAR = 1000.0


@told_by("input-gradient", "parameter-gradients", "gradient-overwritten", "parameters-read-anew")
def masked_gradients(subject: Subject) -> None:
    """Under the mask of ragged sequences, gradients agree with central differences, in training and inference."""
    for layer in that_heed_masks(subject):
        rig, x, mask = layer.rig, layer.x, layer.mask
        for training in MODES:
            # also of what does not count: what stands behind the layer need not know of masks
            grad = draw_like(rig.tree(training=training).forward(x, mask=mask), generator(25))
            step = rig.tree(training=training).step(x, grad, mask=mask)
            require_finite(layer, step, training)
            points = [np.array(array) for array in parts(x)]
            value = sum_of_products(rig, partial(views, points, x), grad, training, mask)
            for what, point, gradient in gradients_of(rig, points, step):
                told = compare(value, point, gradient, generator(21), size=size_of_products(step.output, grad))
                if told is not None:
                    raise Unmet(
                        f"{told_masked(layer, training)}: the gradient with respect to {what} is {told}",
                        expected="the derivative of Σ grad · output, with the same mask",
                        cause="backward forgets what forward does by ctx.mask (what is set to 0 there has no gradient, "
                        "also where grad is not 0), or takes the last position of the array for the last that counts",
                    )


@told_by("dtypes-kept", "masked-gradients")
def masked_dtypes(subject: Subject) -> None:
    """Under a mask too, outputs and input gradients have the model's dtype."""
    for heeding in that_heed_masks(subject):
        single = masked(LayerRig(subject.make(), heeding.rig.shape, subject.case, dtype=np.float32))
        assert single is not None
        for training in MODES:
            step = single.step(training, mask=single.mask)
            for what, value in (("output", step.output), ("input gradient", step.input_gradient)):
                wide = [array.dtype for array in parts(value) if array.dtype.kind == "f" and array.dtype != np.float32]
                if wide:
                    raise Unmet(
                        f"{told_masked(single, training)}: in a float32 model the {what} is {wide[0]}",
                        expected="float32",
                        cause="a count or a share of booleans is float64: give it the dtype of x, by astype or out=",
                    )


@told_by("input-gradient", "parameter-gradients", "parameters-read-anew", "masked-gradients")
def padding_left_out(subject: Subject) -> None:
    """In a layer that heeds masks, neither what stands at padded positions nor their number matters to the rest."""
    for layer in that_heed_masks(subject):
        for training in MODES:
            step = layer.step(training, mask=layer.mask)
            other = layer.step(training, mask=layer.mask, x=layer.with_junk())
            what, told = changed_where_it_counts(layer, other, layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{told_masked(layer, training)}: other numbers in the padding, and the {what} is {told}",
                    expected="the same, for padded positions count nothing",
                    cause="padded positions are left out too late, or here and there alone: think of statistics, of a "
                    "maximum, of what the last step that counts reads beside it, of training and inference",
                )
            if told is None:
                require_huge_left_out(layer, training, step)
            # the numbers that a longer batch draws are others
            longer = None if told is not None or (training and layer.rig.stochastic) else layer.longer(subject)
            if longer is None:
                continue
            what, told = changed_where_it_counts(longer, longer.step(training, mask=longer.mask), layer, step)
            if told is not None and not a_part_leaks(layer, training):
                raise Unmet(
                    f"{told_masked(layer, training)}: with more padding, the {what} is {told}",
                    expected="the same: how far a sequence is padded depends on its neighbours in the batch",
                    cause="a mean divides by the length of the array in the place of the number of steps that count, "
                    "or a softmax gives padding a weight (its scores must be −∞, not 0)",
                )


@told_by("masked-gradients", "padding-left-out", "any-mask", "rows-independent", "sizes-vary", "other-lengths")
def numbers_beyond_the_padding(subject: Subject) -> None:
    """Where all that counts is a thousand below what padding is taken for, or above, it gives what it gives alone."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    tried = False
    for layer in that_heed_masks(subject):
        for shift in (-_FAR, _FAR) if is_floating(layer.x) else ():
            steps = layer.without_padding(subject, shift)
            if steps is None or a_part_leaks(layer, False):
                continue
            outputs = [layer.counted_of_shorter(step.output) for step in steps]
            tried = True
            # what is taken off a large number leaves the rounding of one
            told = difference(outputs[0], outputs[1], units=ROUNDING * _FAR)
            if told is not None:
                raise Unmet(
                    f"{told_masked(layer, False)}: where all numbers that count are about {shift:g}, the output is "
                    f"{told} for the same sequence without its padding",
                    expected="the same: how far a sequence is padded depends on its neighbours in the batch",
                    cause="in the place of padding stands a number, −100 say, that wins a maximum, or has a weight in "
                    "a softmax, where what counts is smaller still: put −∞ there (np.where)",
                )
    if not tried:
        raise NotApplicable("the layer for shorter sequences is another one, or its inputs are integers")


@told_by(
    "parameters-read-anew",
    "inputs-read-anew",
    "interleaved-passes",
    "masked-gradients",
    "padding-left-out",
)
def masks_read_anew(subject: Subject) -> None:
    """A pass heeds the mask of that pass, and a mask by which all counts is none."""
    for layer in that_heed_masks(subject):
        rig, x = layer.rig, layer.x
        changing = np.array(layer.mask)
        view = changing.view()
        view.flags.writeable = False
        turned = np.roll(layer.mask, 1, axis=0)
        everything = np.ones_like(layer.mask)
        everything.flags.writeable = False
        for training in MODES:
            changing[...] = layer.mask
            tree = rig.tree(training=training)
            grad = draw_like(tree.forward(x), generator(26))
            none = rig.tree(training=training).step(x, grad)
            told = difference(rig.tree(training=training).step(x, grad, mask=everything).everything, none.everything)
            if told is not None:
                raise Unmet(
                    f"{told_masked(layer, training)}: with a mask by which all counts, {told}",
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
                    f"{told_masked(layer, training)}: after a pass with another mask, {told}",
                    expected="what this pass's mask gives",
                    cause="what was worked out from an earlier mask is kept on ctx.saved; a mask may lie in the same "
                    "array as the one before",
                )


MASKS = suite(masked_gradients, masked_dtypes, padding_left_out, numbers_beyond_the_padding, masks_read_anew)
