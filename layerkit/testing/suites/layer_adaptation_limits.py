"""What a layer learns from data where that is padded, far from zero, or learned a second time."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import each, is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.rigs.masked_layer import MaskedLayer, masked
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.layer_adaptation import batch_of, rigs_that_adapt
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_ROWS = 24
_FAR = 2048.0
_GROSS = 0.02
_READS_ITSELF = (
    "adapt reads the state that it proposes, and adds to it, averages with it or takes the larger of both; begin with "
    "nothing"
)
_FIRST = ("adapts-to-data", "adapts-by-weights")


@told_by(*_FIRST)
def adapts_anew(subject: Subject) -> None:
    """What a layer learns follows from the data: learning a second time, or after other data, gives the same."""
    for rig in rigs_that_adapt(subject):
        x, weights = rig.inputs(_ROWS), np.ones(_ROWS)
        first = rig.adapted([batch_of(x, weights)])
        values = tuple(value for _, value in first)
        for state, value in first:
            state[...] = value
        told = difference(tuple(value for _, value in rig.adapted([batch_of(x, weights)])), values)
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: from the same data, a second time: {told}",
                expected="the same: Trainer.adapt has a layer learn anew, whatever it had learned before",
                cause=_READS_ITSELF,
            )
        if not is_floating(x) or subject.case.inputs is not None:
            continue
        large = read_only(each(lambda array: 8 * array + 5, x))
        for state, value in rig.adapted([batch_of(large, weights)]):
            state[...] = value
        told = difference(_values(rig.adapted([batch_of(x, weights)])), values)
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: from small numbers, after it had learned from large ones, {told}",
                expected="what a fresh layer learns from the small ones",
                cause=_READS_ITSELF,
            )


@told_by(*_FIRST, "adapts-anew", "masked-gradients", "padding-left-out")
def adapts_by_masks(subject: Subject) -> None:
    """A layer to which masks make a difference leaves padded positions out of what it learns, or refuses the mask."""
    heeding = False
    for rig in rigs_that_adapt(subject):
        layer = masked(rig)
        if layer is None or not _heeds(layer):
            continue
        heeding = True
        found = [_learned(layer, x) for x in (layer.x, layer.with_junk(), layer.with_junk(seed=27))]
        for other in found[1:]:
            told = None if other is None or found[0] is None else difference(other, found[0])
            if told is not None:
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, masked: other numbers in the padding, and what is learned is "
                    f"{told}",
                    expected="the same, for padded positions count nothing",
                    cause="adapt adds up all positions: ctx.mask_over(x) is the mask of the batch that came last; "
                    "multiply weights by it, and leave out what it leaves out, also in the count",
                )
        longer = layer.longer(subject)
        more = None if longer is None else _learned(longer, longer.x)
        told = None if more is None or found[0] is None else difference(more, found[0])
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, masked: with more padding, what is learned is {told}",
                expected="the same: how far a sequence is padded depends on its neighbours in the batch",
                cause="adapt counts all positions of the array in the place of those that the mask lets in",
            )
    if not heeding:
        raise NotApplicable("a mask makes no difference to the layer")


def _heeds(layer: MaskedLayer) -> bool:
    """Whether a mask makes a difference, to a pass or to what is learned."""
    try:
        masked_step, plain_step = (layer.step(False, mask=mask) for mask in (layer.mask, None))
        if difference(masked_step.everything, plain_step.everything) is not None:
            return True
        learned, plain = _learned(layer, layer.x), _values(layer.rig.adapted([_weighed(layer.x)]))
    except LayerkitError:
        return False
    return learned is not None and difference(learned, plain) is not None


def _learned(layer: MaskedLayer, x: Value) -> tuple[Array, ...] | None:
    """What is learned under the layer's mask; None where the layer refuses it."""
    try:
        return _values(layer.rig.adapted([_weighed(x)], [layer.mask]))
    except LayerkitError:
        return None


@told_by(*_FIRST, "adapts-anew", "dtypes-kept", "far-from-zero")
def adapts_far_from_zero(subject: Subject) -> None:
    """In float32, what a layer learns of large numbers that differ little is what it learns in float64."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    checked = False
    for double in rigs_that_adapt(subject):
        if not is_floating(double.inputs()):
            continue
        checked = True
        # numbers that float32 holds
        x = read_only(each(lambda array: _FAR + np.round(256 * array) / 256, double.inputs(_ROWS)))
        single = LayerRig(subject.make(), double.shape, subject.case, dtype=np.float32)
        narrow = read_only(each(lambda array: array.astype(np.float32), x))
        outputs = []
        for rig, data in ((double, x), (single, narrow)):
            learned = rig.adapted([batch_of(data, np.ones(_ROWS))])
            vector = rig.structure.states
            for state, value in learned:
                state[...] = value
            double.structure.states[...] = vector
            outputs.append(double.forward(x, training=False))
        for wide, small in zip(*map(parts, outputs), strict=True):
            off = float(np.abs(small - wide).max(initial=0.0))
            if not off <= _GROSS * max(float(np.abs(wide).max(initial=0.0)), 1e-30):
                raise Unmet(
                    f"inputs of {with_batch(double.shape)}, of numbers near {_FAR:g} that differ by about 1: with what "
                    f"is learned in float32, an output is off by {off:.3g}, of {np.abs(wide).max():.3g}",
                    expected="what is learned in float64, as far as float32 can hold it",
                    cause="a variance as E[x²] − E[x]², or long sums, in float32: take a value of the data off first, "
                    "and add up in float64",
                )
    if not checked:
        raise NotApplicable("the inputs are integers")


def _weighed(x: Value) -> tuple[Value, Array]:
    return batch_of(x, np.ones(len(parts(x)[0])))


def _values(learned: list[tuple[Array, Array]]) -> tuple[Array, ...]:
    return tuple(value for _, value in learned)


LIMITS = suite(adapts_anew, adapts_by_masks, adapts_far_from_zero)
