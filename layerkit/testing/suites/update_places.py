"""Optimizers and transforms reach every place of the vectors that they are given, small and large."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np

from layerkit.interfaces.update_context import ParameterSlice
from layerkit.testing.rigs.updates import (
    LARGE,
    MIDDLING,
    SLICES,
    Course,
    first_parameters,
    laid_out,
    slopes,
    update_context,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_FEW, _MORE = 12, 60
_SEEDS = 6
_STRENGTH = 5.0
_VECTORS = 400
"""How many vectors as long as the parameters a component may need at once; a matrix of all pairs is many more."""
_LEAST_SHARE = 1 / 64


@told_by("moves-in-place")
def every_place_moves(subject: Subject) -> None:
    """No place of any parameter stays for ever, in small vectors and in large ones, nor where parameters are 0."""
    _require_every_place(subject, whole_slices=True)
    start = first_parameters()
    for each in SLICES[1:]:
        start[each.start : each.stop] = 0.0
    course = Course(subject.make(), update_context(subject.case.learning_rate), start)
    for step in range(_MORE):
        course.step(_STRENGTH * slopes(SLICES[-1].stop, step))
    for each in SLICES[1:]:
        if not course.touched[each.start : each.stop].any():
            raise Unmet(
                f"{each.path}, which is 0 everywhere at first, never changed",
                expected="a change at every place, sooner or later: biases begin with zeros, so do last layers",
                cause="the step is multiplied by the parameters' own length; take 1 where that is 0",
            )


@told_by("works-in-place")
def every_place_changes(subject: Subject) -> None:
    """Of a parameter that it changes, no place stays for ever, in small vectors and in large ones, nor at 0."""
    _require_every_place(subject, whole_slices=False)
    paths = [each.path for each in _left_at_zero(subject, slice(None))]
    # what keeps single zeros, too, where they are was pruned, say
    if paths and not _left_at_zero(subject, slice(None, None, 3)):
        raise Unmet(
            f"{' and '.join(paths)}, of which all is 0 at first, stay so, though single zeros within others do not",
            expected="parameters that begin with zeros, as biases and last layers do, and are trained all the same",
            cause="the gradient is held to a share of the parameters' own length, which is 0; take at least a small "
            "one, 1e-3 say",
        )


def _left_at_zero(subject: Subject, zeros: slice) -> list[ParameterSlice]:
    """The parameters of which all that was 0 at first stays so; the first parameter has none."""
    start = first_parameters()
    for each in SLICES[1:]:
        start[each.start : each.stop][zeros] = 0.0
    at_zero = start == 0
    course = Course(subject.make(), update_context(subject.case.learning_rate), start)
    for step in range(_FEW):
        course.step(_STRENGTH * slopes(SLICES[-1].stop, step))
    return [
        each
        for each in SLICES[1:]
        if not course.parameters[each.start : each.stop][at_zero[each.start : each.stop]].any()
    ]


@told_by("every-place-changes", "works-in-place", "layers-frozen")
def every_parameter_in_any_order(subject: Subject) -> None:
    """Whether a parameter is changed does not depend on which ones come before it in the vectors."""
    found = [_changed_paths(subject, order) for order in _ORDERS]
    places = [
        [order.index(path) for path in sorted(paths, key=order.index)]
        for order, paths in zip(_ORDERS, found, strict=True)
    ]
    if all(each == places[0] for each in places):
        return  # it goes by the place: the last parameter, or those of the first layer
    reached = set().union(*found)
    for order, paths in zip(_ORDERS, found, strict=True):
        left = [path for path in order if path in reached and path not in paths]
        if left and not {path.partition(".")[0] for path in paths} == {order[-1].partition(".")[0]}:
            raise Unmet(
                f"where the parameters come in the order {', '.join(order)}, nothing of {' and '.join(left)} is ever "
                "changed; in another order, it is",
                expected="the same parameters changed in any order: what lies where depends on the network",
                cause="the loop over ctx.slices ends early: a return or a break in it",
            )


_MATRICES = {"0.weight": (4, 3), "0.bias": (3,), "1.weight": (3, 2), "1.bias": (2,), "2.weight": (2, 5), "2.bias": (5,)}
# the layers' order is that of the network, and so is that of what a layer declares
_ORDERS = (
    tuple(_MATRICES),
    ("0.bias", "0.weight", "1.bias", "1.weight", "2.bias", "2.weight"),
    ("2.weight", "2.bias", "0.weight", "0.bias", "1.weight", "1.bias"),
)


def _changed_paths(subject: Subject, order: tuple[str, ...]) -> set[str]:
    """The parameters of which something is changed, in a vector where they lie in this order."""
    slices = laid_out({path: _MATRICES[path] for path in order})
    context = update_context(subject.case.learning_rate, slices=slices)
    # what belongs to a parameter is the same wherever it lies
    places = {path: number for number, path in enumerate(_MATRICES)}
    values = [first_parameters(size=40)[5 * places[each.path] :][: each.stop - each.start] for each in slices]
    course = Course(subject.make(), context, np.concatenate(values))
    for step in range(_MORE):
        pieces = [slopes(each.stop - each.start, step, places[each.path]) for each in slices]
        course.step(_STRENGTH * np.concatenate(pieces))
        if course.touched.all():
            break
    return {each.path for each in slices if course.touched[each.start : each.stop].any()}


def _require_every_place(subject: Subject, *, whole_slices: bool) -> None:
    left = _untouched(subject, SLICES, _FEW, whole_slices)
    shares = [left[each.start : each.stop].mean() for each in SLICES]
    wholly = all(share == 0 or (share == 1 and not whole_slices) for share in shares)
    if left.any():
        # a component may take its time
        left = _untouched(subject, SLICES, _MORE, whole_slices)
    if left.all():
        raise NotApplicable("it changes nothing in the kit's steps")
    _require_none_left(left, SLICES, whole_slices=whole_slices, wholly=False)
    if needs_matrices(subject):
        raise NotApplicable("it needs a matrix of all pairs of parameters, so no large vector was tried")
    _require_none_left(
        _untouched(subject, LARGE, _FEW, whole_slices), LARGE, whole_slices=whole_slices and wholly, wholly=wholly
    )


def _untouched(subject: Subject, slices: tuple[ParameterSlice, ...], steps: int, whole_slices: bool) -> Array:
    """The places that nothing was done to in any of several runs, unless other ones were left out each time."""
    always, least = np.ones(slices[-1].stop, bool), slices[-1].stop
    for seed in range(_SEEDS):
        context = update_context(subject.case.learning_rate, slices=slices, seed=4 + 1000 * seed)
        # other signs and sizes, too, for what acts on some of them alone
        start = np.roll(first_parameters(size=len(always)), 5 * seed) * (-1) ** seed
        course = Course(subject.make(), context, start)
        for step in range(steps):
            course.step(_STRENGTH * slopes(len(always), step, seed))
            if course.touched.all():
                return np.zeros_like(always)
        always &= ~course.touched
        if not whole_slices and all(always[each.start : each.stop].mean() in (0, 1) for each in slices):
            return always
        least = min(least, int((~course.touched).sum()))
    return always if 2 * always.sum() >= least else np.zeros_like(always)


def _require_none_left(left: Array, slices: tuple[ParameterSlice, ...], *, whole_slices: bool, wholly: bool) -> None:
    """``wholly``: the component does the same to all places of a parameter, so that few are as suspicious as many."""
    for each in slices:
        own = left[each.start : each.stop]
        share = own.mean()
        if share == 0 or (share == 1 and not whole_slices):
            continue
        if share <= 0.5 or share == 1 or (wholly and 1 - share >= _LEAST_SHARE):
            raise _unmet(each, own, slices)


def _unmet(each: ParameterSlice, own: Array, slices: tuple[ParameterSlice, ...]) -> Unmet:
    places = np.flatnonzero(own)
    size = slices[-1].stop
    told = (
        f"nothing of {each.path} ever"
        if own.all()
        else f"{len(places)} of the {own.size} places of {each.path}, the first of them {places[0]}, never"
    )
    causes = {
        "a slice that a loop leaves out": own.all(),
        "a slice ends before its `stop`, so `stop - 1` leaves the last place out; an odd length is cut into pairs, and "
        "one is left": len(places) == 1,
        "a vector is cut into blocks, and what is left behind the last whole one, or all behind the first, is "
        "forgotten": size == LARGE[-1].stop,
        "a kernel has more than two axes, and all of them count": len(each.shape) > 2,
    }
    return Unmet(
        f"in a vector of {size} parameters, {told} changed (shape {each.shape}, places {each.start} to {each.stop})",
        expected="a change at every place, sooner or later",
        cause="; or ".join(cause for cause, likely in causes.items() if likely) or "a part of the vector is left out",
    )


def needs_matrices(subject: Subject) -> bool:
    """Whether memory grows as the square of the parameters: then a large vector would need more than there is."""
    size = MIDDLING[-1].stop
    course = Course(
        subject.make(), update_context(subject.case.learning_rate, slices=MIDDLING), first_parameters(size=size)
    )
    if tracemalloc.is_tracing():
        return _peak(course, size)
    tracemalloc.start()
    try:
        return _peak(course, size)
    finally:
        tracemalloc.stop()


def _peak(course: Any, size: int) -> bool:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    for step in range(2):
        course.step(slopes(size, step))
    _, peak = tracemalloc.get_traced_memory()
    return peak - before > _VECTORS * 8 * size
