"""What checks of layers' kernels have in common: benches, and what is compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.types import Array
from layerkit_numba.testing.layer_bench import LayerBench, Outcome, shapes_of
from layerkit_numba.testing.subject import Subject, UnmetError, require_close

MODES = (True, False)
"""Training, and frozen."""


def bench_of(subject: Subject, shape: Any, **options: Any) -> LayerBench:
    """The bench of a layer for one shape, made once."""
    key = ("bench", shape, *sorted(options.items()))
    found: LayerBench = subject.once(key, lambda: LayerBench(subject, shape, **options))
    return found


def benches(
    subject: Subject, *, dtype: str = "float64", modes: tuple[bool, ...] = MODES
) -> Iterator[tuple[LayerBench, str]]:
    """Those for all shapes of the case, training and frozen, and how a message names each."""
    for shape in shapes_of(subject):
        for training in modes:
            options = {} if dtype == "float64" else {"dtype": dtype}
            bench = bench_of(subject, shape, training=training, **options)
            yield bench, told_of(bench)


def both(bench: LayerBench, rows: int) -> tuple[Outcome, Outcome]:
    """What the kernel gives, and what the layer gives."""
    numbers = bench.numbers(rows)
    return bench.kernel(numbers), bench.component(numbers)


def told_of(bench: LayerBench) -> str:
    """How a message names the inputs and the mode."""
    mode = "training" if bench.training else "frozen"
    return f"inputs of (batch, {', '.join(map(str, bench.shape))}), {mode}"


def same_outputs(found: Outcome, wanted: Outcome, told: str, *, cause: str) -> None:
    """Refuse outputs that differ."""
    for place, (mine, theirs) in enumerate(zip(found.outputs, wanted.outputs, strict=True)):
        name = "y" if len(wanted.outputs) == 1 else f"y{place}"
        require_close(mine, theirs, f"{told}: {name}", expected="the layer's own output", cause=cause)


def same_gradients(found: Outcome, wanted: Outcome, told: str, *, cause: str) -> None:
    """Refuse gradients that differ."""
    for place, (mine, theirs) in enumerate(zip(found.input_gradients, wanted.input_gradients, strict=False)):
        if mine is None or theirs is None:
            continue
        name = "dx" if len(wanted.input_gradients) == 1 else f"dx{place}"
        require_close(mine, theirs, f"{told}: {name}", expected="the layer's own gradient", cause=cause)
    for path, theirs in wanted.gradients.items():
        require_close(
            found.gradients[path],
            theirs,
            f"{told}: the gradient of {path}",
            expected="the layer's own, summed over the batch",
            cause=cause,
        )


def same_states(found: Outcome, wanted: Outcome, told: str) -> None:
    """Refuse proposals that differ."""
    if set(found.states) != set(wanted.states):
        raise UnmetError(
            f"{told}: new values are proposed for {', '.join(sorted(found.states)) or 'no state'}",
            expected=f"for {', '.join(sorted(wanted.states)) or 'none'}, as the layer does",
            cause="a forward call names `new NAME` where the layer proposes nothing (it must look at part.training), "
            "or none does",
        )
    for path, theirs in wanted.states.items():
        require_close(
            found.states[path],
            theirs,
            f"{told}: what {path} shall become",
            expected="what the layer proposes",
            cause="another formula, or the state as it was",
        )


def all_of(one: Outcome, other: Outcome) -> Iterator[tuple[str, Array, Array]]:
    """All arrays of two outcomes, in pairs, with what each is."""
    yield from (("y", mine, theirs) for mine, theirs in zip(one.outputs, other.outputs, strict=True))
    for mine, theirs in zip(one.input_gradients, other.input_gradients, strict=True):
        if mine is not None and theirs is not None:
            yield "dx", mine, theirs
    for kept in ("gradients", "states"):
        for path, mine in getattr(one, kept).items():
            yield (
                f"{'the gradient of' if kept == 'gradients' else 'what is proposed for'} {path}",
                mine,
                getattr(other, kept)[path],
            )


def equal(one: Array, other: Array) -> bool:
    """Whether two arrays hold the same bits, NaN being equal to NaN."""
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
