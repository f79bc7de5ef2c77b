"""A layer over time, under the masks of ragged sequences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.shapes import is_many, with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import ROWS, LayerRig, Step, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_JUNK = 50.0


@told_by("input-gradient", "parameter-gradients")
def masked_gradients(subject: Subject) -> None:
    """Under the mask of ragged sequences, gradients agree with central differences, in training and inference."""
    for rig, x, mask in _over_time(subject):
        for training in (True, False):
            grad = _upstream(rig, x, mask, training)
            step = rig.tree(training=training).step(x, grad, mask=mask)
            tree, point = rig.tree(training=training), np.array(x)
            size = float(np.abs(grad * step.output).sum())

            def value(tree=tree, point=point, grad=grad, mask=mask) -> float:  # type: ignore[no-untyped-def]
                view = point.view()
                view.flags.writeable = False
                return float(np.sum(grad * tree.forward(view, mask=mask)))

            arrays = [] if x.dtype.kind != "f" else [("x", point, step.input_gradient)]
            arrays += [
                (repr(entry.path), entry.view(rig.structure.parameters), step.gradients[entry.path])
                for entry in rig.structure.entries
            ]
            for what, where, gradient in arrays:
                told = compare(value, where, gradient, generator(21), size=size)
                if told is not None:
                    raise Unmet(
                        f"{_told(rig, training)}, masked: the gradient with respect to {what} is {told}",
                        expected="the derivative of Σ grad · output, with the same mask",
                        cause="forward reads ctx.mask and backward does not (or the other way round), or it takes the "
                        "last position of the array for the last one that counts",
                    )


@told_by("masked-gradients", "input-gradient", "parameter-gradients", "same-seed-same-result")
def padding_left_out(subject: Subject) -> None:
    """In a layer that reads the mask, what stands at padded positions changes nothing at positions that count."""
    reads = False
    for rig, x, mask in _over_time(subject):
        if x.dtype.kind != "f":
            continue
        other = np.array(x)
        other[~mask] = _JUNK * (1 + generator(22).random(other[~mask].shape))
        other.flags.writeable = False
        for training in (False, True):
            grad = _upstream(rig, x, mask, training)
            step = rig.tree(training=training).step(x, grad, mask=mask)
            if not _reads_mask(rig, x, mask, step, training):
                continue
            reads = True
            changed = rig.tree(training=training).step(other, grad, mask=mask)
            for what, found, wanted in (
                ("output", _counted(changed.output, mask), _counted(step.output, mask)),
                ("input gradient", _counted(changed.input_gradient, mask), _counted(step.input_gradient, mask)),
                *((f"gradient of {path!r}", changed.gradients[path], step.gradients[path]) for path in step.gradients),
                ("proposed state", changed.proposals, step.proposals),
            ):
                told = difference(found, wanted)
                if told is not None:
                    raise Unmet(
                        f"{_told(rig, training)}: other numbers at padded positions, and the {what} is {told}",
                        expected="the same, for padded positions count nothing",
                        cause="padded positions are multiplied by 0 too late (a softmax needs −∞ there, a mean the "
                        "count of those that count), or go into statistics",
                    )
    if not reads:
        raise NotApplicable("the layer does not read the mask")


def _over_time(subject: Subject) -> Iterator[tuple[LayerRig, Array, Array]]:
    """Rigs whose input has a time axis, an input, and the mask of sequences of different lengths."""
    found = False
    for rig in rigs(subject):
        if is_many(rig.shape) or is_many(rig.node.output_shape) or not _has_time(rig):
            continue
        x: Array = rig.inputs()
        time = x.shape[1]
        if time < 2:
            continue
        found = True
        lengths = np.resize([time, 1, time - 1, max(time // 2, 1), 1], ROWS)
        mask = np.arange(time) < lengths[:, None]
        mask.flags.writeable = False
        yield rig, x, mask
    if not found:
        raise NotApplicable("no input shape has a time axis of two positions or more, before its last axis")


def _has_time(rig: LayerRig) -> bool:
    return len(rig.shape) >= 2 or rig.shape == (None,)


def _upstream(rig: LayerRig, x: Array, mask: Array, training: bool) -> Array:
    """A gradient for the output, 0 at padded positions, as costs give it."""
    output = rig.tree(training=training).forward(x, mask=mask)
    grad: Array = generator(23).normal(size=output.shape)
    if _is_over_time(output, mask):
        grad[~mask] = 0.0
    grad.flags.writeable = False
    return grad


def _counted(value: Array | None, mask: Array) -> Array | None:
    if value is None or not _is_over_time(value, mask):
        return value
    return value[mask]


def _is_over_time(value: Array, mask: Array) -> bool:
    return value.ndim >= 3 and value.shape[:2] == mask.shape


def _reads_mask(rig: LayerRig, x: Array, mask: Array, step: Step, training: bool) -> bool:
    without = rig.tree(training=training).step(x, np.ones_like(parts(step.output)[0]))
    return difference(_counted(without.output, mask), _counted(step.output, mask)) is not None


def _told(rig: LayerRig, training: bool) -> str:
    return f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}"


MASKS = suite(masked_gradients, padding_left_out)
