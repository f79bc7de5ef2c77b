"""A layer's kernel under what not every step has: masks, pieces, gradients that nobody wants, columns of zeros."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.errors import ShapeError
from layerkit.types import Array
from layerkit_numba.interface import Call, LayerKernel, Step
from layerkit_numba.occurrences import as_shapes
from layerkit_numba.testing.layer_bench import Numbers, Outcome, shapes_of
from layerkit_numba.testing.layer_comparison import (
    all_of,
    bench_of,
    equal,
    same_gradients,
    same_outputs,
    same_states,
    told_of,
)
from layerkit_numba.testing.subject import ROWS, InapplicableError, Subject, UnmetError

_STRANGE = 3.25
_CUTS = 3


def masks(subject: Subject) -> None:
    """Under a mask of ragged sequences all is the layer's; a kernel that says nothing of masks is refused by name."""
    able = False
    for shape in shapes_of(subject):
        if not shape or any(len(each) < 2 for each in as_shapes(shape)):
            continue
        bare = bench_of(subject, shape)
        if not bare.place.is_view and getattr(bare.place.kernel, "masks", "") == "refused":
            raise InapplicableError("the kernel refuses masks: batches that have some are trained by the numpy engine")
        time, *others = (each[0] for each in as_shapes(bare.shape))
        if any(other != time for other in others):
            continue
        for kind, mask in _ragged(time):
            numbers = bare.numbers(ROWS, mask=mask)
            try:
                wanted = bare.component(numbers)
            except ShapeError:
                continue
            able = True
            bench = bench_of(subject, shape, masked=True)
            found = bench.kernel(numbers)
            told = f"{told_of(bench)}, under a mask {kind}"
            cause = "the mask is left out, or used in one pass alone; a kernel names `mask` where part.masked"
            same_outputs(found, wanted, told, cause=cause)
            same_gradients(found, wanted, told, cause=cause)
            same_states(found, wanted, told)
    if not able:
        raise InapplicableError("no input shape of the case has an axis of time, or the layer refuses masks")


def in_pieces(subject: Subject) -> None:
    """Calls that may be made in pieces give the same bits when they are."""
    cut = False
    for shape in shapes_of(subject):
        whole = bench_of(subject, shape)
        if not any(call.over != "" for call in _calls(whole.place)):
            continue
        cut = True
        pieces = bench_of(subject, shape, cuts=_CUTS)
        for rows in (1, ROWS):
            numbers = whole.numbers(rows)
            for what, mine, theirs in all_of(
                pieces.kernel(numbers, strange=np.nan), whole.kernel(numbers, strange=np.nan)
            ):
                if not equal(mine, theirs):
                    raise UnmetError(
                        f"{told_of(whole)}, a batch of {rows}: in {_CUTS} pieces {what} differs",
                        expected="the same bits",
                        cause="a piece writes outside its part (begin to end), or a sum is split among pieces: "
                        "split what is computed, never a sum",
                    )
    if not cut:
        raise InapplicableError("no call may be made in pieces")


def only_what_is_wanted(subject: Subject) -> None:
    """Where nobody wants the input gradient, parameters' gradients are the same."""
    able = False
    for shape in shapes_of(subject):
        whole = bench_of(subject, shape)
        if not whole.structure.entries:
            continue
        able = True
        bench = bench_of(subject, shape, needs_input_gradient=False)
        numbers = bench.numbers(ROWS)
        found, wanted = bench.kernel(numbers, strange=np.nan), whole.component(numbers)
        same_gradients(
            Outcome((), (), found.gradients, {}, None),
            Outcome((), (), wanted.gradients, {}, None),
            f"{told_of(whole)}, no input gradient wanted",
            cause="a call of `input_gradient` makes what the parameters' gradients need",
        )
    if not able:
        raise InapplicableError("the layer has no parameters")


def sparse_inputs(subject: Subject) -> None:
    """Where many columns of the data are zero, and the kernel is told the others, all is the layer's."""
    able = False
    for shape in ((24,), (32,)) if not subject.case.input_shapes else shapes_of(subject):
        bench = bench_of(subject, shape, sparse=True, needs_input_gradient=False)
        if not bench.sparse:
            continue
        able = True
        drawn = bench.numbers(ROWS)
        x = np.array(drawn.inputs[0])
        x.reshape(ROWS, -1)[:, 2::3] = 0
        x.reshape(ROWS, -1)[:, : x[0].size // 2] = 0
        numbers = Numbers((x,), drawn.gradients)
        found, wanted = bench.kernel(numbers, strange=_STRANGE), bench.component(numbers)
        cause = "a column that `columns` does not name is not 0 in the gradient, or groups are counted wrongly"
        same_outputs(found, wanted, f"{told_of(bench)}, sparse", cause=cause)
        same_gradients(found, wanted, f"{told_of(bench)}, sparse", cause=cause)
    if not able:
        raise InapplicableError("the kernel does not ask which columns are zero")


def _calls(place: Any) -> Iterator[Call]:
    kernel = place.kernel
    if isinstance(kernel, LayerKernel):
        steps: tuple[Step, ...] = (
            *kernel.forward,
            *kernel.parameter_gradients,
            *kernel.input_gradient,
            *kernel.descend,
            *kernel.backward,
        )
        yield from (step for step in steps if isinstance(step, Call))
    for inner in place.parts.values():
        yield from _calls(inner)


def _ragged(time: int) -> list[tuple[str, Array]]:
    lengths = np.array([time, 1, max(time - 1, 1), time, 1, max(time // 2, 1), time])[:ROWS, None]
    padded = np.arange(time) < lengths
    holes = np.roll(padded, 1, axis=1)
    empty = padded.copy()
    empty[2] = False
    return [("with padding at the ends", padded), ("with holes", holes), ("with a sequence that is all padding", empty)]
