"""What a layer learns from data before the first step."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.interfaces.layer import adapts
from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference, identical
from layerkit.testing.inputs import each, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_ROWS = 24
_FAR = 30.1
_ALIKE = 8


def adapts_to_data(subject: Subject) -> None:
    """What a layer learns by adapt is finite, of the declared shapes, and the same whatever the batches."""
    for rig in rigs_that_adapt(subject):
        x, weights = rig.inputs(_ROWS), np.ones(_ROWS)
        before = rig.structure.states.copy(), dict(vars(rig.layer))
        try:
            whole = rig.adapted([batch_of(x, weights)])
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise Unmet(
                f"{_told(rig)}: adapt: {type(error).__name__}: {error}",
                expected="data and states that are only read",
                cause="adapt writes into a batch, or into self.<state>: propose it with ctx.update_state(name, value)",
            ) from error
        changed = [name for name, value in vars(rig.layer).items() if before[1].get(name) is not value]
        if changed or not identical(rig.structure.states, before[0]):
            raise Unmet(
                f"{_told(rig)}: adapt changes {', '.join(changed) or 'the model’s states'}",
                expected="proposals by ctx.update_state alone, which layerkit writes",
                cause="adapt keeps what it learns on self: declare it in build with self.state(…), and propose it",
            )
        if not whole:
            raise Unmet(
                f"{_told(rig)}: adapt proposes nothing",
                expected="ctx.update_state(name, value) for each state that is learned",
                cause="what is learned is computed and not proposed",
            )
        for state, value in whole:
            if value.shape != state.shape or not np.isfinite(value).all():
                raise Unmet(
                    f"{_told(rig)}: adapt proposes a value of shape {value.shape} for a state of shape {state.shape}"
                    + (", with numbers that are not finite" if not np.isfinite(value).all() else ""),
                    expected="finite numbers of the declared shape",
                    cause="an axis is kept or reduced too many, or a feature's deviation of 0 is divided by",
                )
        _require_constants(LayerRig(subject.make(), rig.shape, subject.case), x)
        pieces = [
            batch_of(rows_of(x, slice(start, start + 5)), weights[start : start + 5]) for start in range(0, _ROWS, 5)
        ]
        told = difference(_values(rig.adapted(pieces)), _values(whole))
        if told is not None:
            raise Unmet(
                f"{_told(rig)}: from batches of 5 rows, {told}",
                expected="what the same rows give in one batch",
                cause="only the first or the last batch counts, or means of batches are averaged whatever their size",
            )


def _require_constants(rig: LayerRig, x: Value) -> None:
    """Where all examples have the same value in the first feature, or in each, what is learned and given is finite."""
    alike = [(f"one feature is always {c:g}", each(partial(_with_constant, c), x)) for c in (0.0, 3.0)]
    if rig.case.inputs is None:
        # one row again and again, a little away from 0; whether squares are rounded up or down is chance
        repeated = (rows_of(x, np.full(_ROWS, row)) for row in range(_ALIKE))
        alike += [("every feature is always the same", each(_moved_away, rows)) for rows in repeated]
    for told, changed in alike:
        same = read_only(changed)
        for state, value in rig.adapted([batch_of(same, np.ones(_ROWS))]):
            state[...] = value
        output = rig.forward(same, training=False)
        if not all(np.isfinite(array).all() for array in (rig.structure.states, *parts(output))):
            raise Unmet(
                f"{_told(rig)}: where {told}, what adapt proposes, or the output with it, is not finite",
                expected="finite numbers: features that are always the same occur, as the edges of images do",
                cause="a division by a size or a deviation of 0, in whose place 1 is taken; or the root of "
                "E[x²] − E[x]², which is a little below 0 by rounding: take max(…, 0) first",
            )


def _with_constant(constant: float, array: Array) -> Array:
    changed = np.array(array)
    if changed.dtype.kind == "f":
        changed[..., 0] = constant
    return changed


def _moved_away(array: Array) -> Array:
    return array + _FAR if array.dtype.kind == "f" else array


@told_by("adapts-to-data")
def adapts_by_weights(subject: Subject) -> None:
    """What a layer learns by adapt counts an example of weight 2 twice, and one of weight 0 not at all, nor a batch of
    such alone."""
    for rig in rigs_that_adapt(subject):
        x = rig.inputs(_ROWS)
        times = np.resize([1, 0, 2], _ROWS)
        wanted = rig.adapted([batch_of(rows_of(x, np.repeat(np.arange(_ROWS), times)), np.ones(times.sum()))])
        told = difference(_values(rig.adapted([batch_of(x, times.astype(float))])), _values(wanted))
        if told is not None:
            raise Unmet(
                f"{_told(rig)}: with weights 1, 0 and 2, {told}",
                expected="what the examples give that are left out and repeated as the weights say",
                cause="adapt does not look at the weights that come with each batch, (batch,)",
            )
        counted = batch_of(x, np.ones(_ROWS))
        for place in (0, 1):
            # other numbers, of which none counts, in front of what counts and behind it
            batches = [counted]
            batches.insert(place, batch_of(rig.inputs(_ROWS, seed=88), np.zeros(_ROWS)))
            told = difference(_values(rig.adapted(batches)), _values(rig.adapted([counted])))
            if told is not None:
                raise Unmet(
                    f"{_told(rig)}: with a batch in which all weights are 0, {'behind' if place else 'in front of'} "
                    f"another one, {told}",
                    expected="what the other batch gives alone",
                    cause="a mean of the batch is 0 / 0 where nothing counts: leave such a batch out, or divide by the "
                    "sum of all weights in the end",
                )


def batch_of(x: Value, weights: Array) -> tuple[Value, Array]:
    """A batch as adapt is given it."""
    return x, parts(read_only(weights))[0]


def _values(proposals: list[tuple[Array, Array]]) -> tuple[Array, ...]:
    return tuple(value for _, value in proposals)


def rigs_that_adapt(subject: Subject) -> list[LayerRig]:
    """The layer for each of the case's shapes, if it learns from data.

    Raises:
        NotApplicable: it does not.
    """
    found = [rig for rig in rigs(subject) if adapts(rig.layer)]
    if not found:
        raise NotApplicable("the layer learns nothing from data before the first step: it does not override adapt")
    return found


def _told(rig: LayerRig) -> str:
    return f"inputs of {with_batch(rig.shape)}"


ADAPTATION = suite(adapts_to_data, adapts_by_weights)
