"""What a layer proposes as new states."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from layerkit.interfaces.layer import adapts
from layerkit.shapes import with_batch
from layerkit.testing.inputs import draw_like, each, is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_STEP = 1e-6
_STEPS = 9
_ROUGH = 1e-9
_TRAINED = 3
_TURNS = 600
_SOON = 24
_GROWTH = 3.0
_ODD = 12345.7
"""A large number whose square float32 does not hold."""


@told_by("inputs-not-mutated", "parameters-untouched", "same-seed-same-result")
def states_keep_precision(subject: Subject) -> None:
    """In a float64 model, new states are computed in float64."""
    checked = False
    for rig in rigs(subject):
        x = rig.inputs()
        if not is_floating(x):
            continue
        tree = rig.tree(training=True)
        direction = each(np.array, draw_like(x, generator(54)))
        proposed = []
        for step in range(_STEPS):
            pairs = zip(parts(x), parts(direction), strict=True)
            moved = tuple(array + step * _STEP * by for array, by in pairs)
            tree.forward(read_only(moved if isinstance(x, tuple) else moved[0]))
            proposed.append(tree.proposals())
        for values in zip(*proposed, strict=True):
            checked = True
            curve = np.stack(values)
            bends = np.abs(np.diff(curve, n=2, axis=0)).max(axis=0, initial=0.0)
            # a smooth function bends by the square of the step, 1e-12; what is rounded to float32 jumps by 6e-8
            rough = bends > _ROUGH * max(1e-6, float(np.abs(curve).max(initial=0.0)))
            if curve.dtype.itemsize < rig.dtype.itemsize or (rough.size and rough.mean() > 0.5):
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}: a state is proposed, {curve.shape[1:]}, that was float32",
                    expected=f"the precision of the model's dtype, {rig.dtype}",
                    cause="an array or a sum in float32 (astype, dtype=np.float32) on the way to ctx.update_state; use "
                    "the dtype of x or ctx.scratch",
                )
    if not checked:
        raise NotApplicable("no state is proposed, or the inputs are integers")


@told_by("inputs-not-mutated", "parameters-untouched", "same-seed-same-result", "adapts-to-data")
def states_above_their_minima(subject: Subject) -> None:
    """No state falls below the minimum that build declares for it, on inputs of either sign, large, small or nearly
    equal."""
    declared = False
    for planned in rigs(subject):
        if all(entry.declaration.minimum is None for entry in planned.structure.state_entries):
            continue
        declared = True
        changes = (_as_it_is, np.abs, _negative, _large, _nearly_equal)
        for change in changes if subject.case.inputs is None else (_as_it_is,):
            dtype = np.float32 if change is _nearly_equal else np.float64
            rig = LayerRig(subject.make(), planned.shape, subject.case, dtype=dtype)
            tree = rig.tree(training=True)
            for seed in range(_TRAINED):
                x = read_only(each(partial(_changed, change), rig.inputs(seed=84 + seed)))
                tree.forward(x)
                tree.commit()
                _require_minima(rig, f"after {seed + 1} training passes")
            if adapts(rig.layer):
                x = read_only(each(partial(_changed, change), rig.inputs(seed=84)))
                for state, value in rig.adapted([(x, np.ones(len(parts(x)[0])))]):
                    state[...] = value
                _require_minima(rig, "as adapt proposes it")
    if not declared:
        raise NotApplicable("no state has a minimum")


@told_by("inputs-not-mutated", "parameters-untouched", "batch-sizes", "states-above-their-minima")
def states_stay_finite(subject: Subject) -> None:
    """In float32, states do not grow beyond all bounds in some hundred training passes over inputs of one size."""
    remembers = False
    for rig in rigs(subject, dtype=np.float32):
        if not rig.structure.states.size:
            continue
        tree = rig.tree(training=True)
        sizes: list[float] = []
        for turn in range(_TURNS):
            tree.forward(rig.inputs(seed=89 + turn % _TRAINED), seed=turn)
            if not tree.proposals():
                break
            remembers = True
            tree.commit()
            sizes.append(float(np.abs(rig.structure.states).max()))
            if not np.isfinite(sizes[-1]):
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}: after {turn + 1} training passes a state is {sizes[-1]}; half "
                    f"as many before it was {sizes[turn // 2]:.3g}",
                    expected="states that stay in range, however long the training",
                    cause="each pass multiplies what the one before left: divide it by its length, or average with it",
                )
            # what grows like a power is far behind by now
            if turn == _SOON and not sizes[-1] > _GROWTH * max(sizes[_SOON // 2], _STEP):
                break
    if not remembers:
        raise NotApplicable("no state is proposed")


def _require_minima(rig: LayerRig, told: str) -> None:
    for entry in rig.structure.state_entries:
        values, minimum = entry.view(rig.structure.states), entry.declaration.minimum
        if minimum is not None and (values < minimum).any():
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: {told}, {entry.path!r} holds {values.min():.6g}",
                expected=f"at least {minimum:g}, the minimum that build declares for it",
                cause="the minimum belongs to another state (a variance, a count), or a proposal goes below it, if "
                "only by rounding (E[x²] − E[x]²): files of a trained model, and its checkpoints, are refused",
            )


def _changed(change: Callable[[Array], Array], array: Array) -> Array:
    return change(array) if array.dtype.kind == "f" else array


def _as_it_is(array: Array) -> Array:
    return array


def _negative(array: Array) -> Array:
    moved: Array = -np.abs(array) - 1
    return moved


def _nearly_equal(array: Array) -> Array:
    """Large numbers, equal but for some digits, and in the first feature to the bit."""
    moved: Array = _ODD + 0.01 * array
    moved[..., 0] = _ODD
    return moved.astype(array.dtype)


def _large(array: Array) -> Array:
    return 50 * array


STATES = suite(states_keep_precision, states_above_their_minima, states_stay_finite)
