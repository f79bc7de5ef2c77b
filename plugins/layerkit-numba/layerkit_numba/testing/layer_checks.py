"""A layer's or an activation's kernel, against the layer's own passes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerkit_numba.interface import Elementwise, LayerKernel
from layerkit_numba.testing.layer_bench import Numbers, shapes_of
from layerkit_numba.testing.layer_comparison import (
    MODES,
    all_of,
    bench_of,
    benches,
    both,
    equal,
    same_gradients,
    same_outputs,
    same_states,
)
from layerkit_numba.testing.layer_conditions import in_pieces, masks, only_what_is_wanted, sparse_inputs
from layerkit_numba.testing.subject import (
    HUGE,
    KEPT,
    ROWS,
    InapplicableError,
    Subject,
    UnmetError,
    require_close,
    require_finite,
)

_STRANGE = 3.25


def kernel_made(subject: Subject) -> None:
    """The kernel is made and compiled for each shape of the case, as it trains and as it is when frozen."""
    for shape in shapes_of(subject):
        for training in MODES:
            bench = bench_of(subject, shape, training=training)
            bench.kernel(bench.numbers(ROWS))


def values(subject: Subject) -> None:
    """In float64, outputs are the layer's, in training and when frozen."""
    for bench, told in benches(subject):
        found, wanted = both(bench, ROWS)
        same_outputs(found, wanted, told, cause=f"the forward calls compute something else{KEPT}")


def gradients(subject: Subject) -> None:
    """In float64, gradients of inputs and parameters are the layer's, in training and when frozen."""
    for bench, told in benches(subject):
        found, wanted = both(bench, ROWS)
        same_gradients(found, wanted, told, cause="the calls of the way back compute something else, or one is missing")


def states(subject: Subject) -> None:
    """A training pass proposes the states that the layer proposes, with its numbers; a frozen one none."""
    any_states = False
    for bench, told in benches(subject):
        found, wanted = both(bench, ROWS)
        any_states = any_states or bool(bench.structure.state_entries)
        same_states(found, wanted, told)
    if not any_states:
        raise InapplicableError("the layer has no state")


def random_numbers(subject: Subject) -> None:
    """After a pass the layer's generator is where the layer's own pass leaves it."""
    draws = False
    for bench, told in benches(subject):
        found, wanted = both(bench, ROWS)
        draws = draws or bool(found.drawn)
        for mine, theirs in zip(found.drawn, wanted.drawn, strict=True):
            if mine != theirs:
                raise UnmetError(
                    f"{told}: the generator is in another state",
                    expected="as many numbers drawn, of the same kind and in the same order",
                    cause="numbers are drawn one by one where the layer draws an array (float32 numbers come in "
                    "pairs), in another dtype, or when frozen too",
                )
    if not draws:
        raise InapplicableError("the kernel draws no random numbers")


def in_float32(subject: Subject) -> None:
    """In float32, all is the layer's within rounding, as it trains."""
    # each program takes a second to compile: what is the same when frozen is not looked at again
    for bench, told in benches(subject, dtype="float32", modes=(True,)):
        found, wanted = both(bench, ROWS)
        cause = "something is computed for float64 alone, or in a form that has no digits left in float32"
        same_outputs(found, wanted, told, cause=cause)
        same_gradients(found, wanted, told, cause=cause)
        same_states(found, wanted, told)


def short_batches(subject: Subject) -> None:
    """Batches of 1, 2 and 5 rows, with memory for more, give what the layer gives."""
    for bench, told in benches(subject):
        for rows in (1, 2, 5):
            found, wanted = both(bench, rows)
            where = f"{told}, a batch of {rows}"
            cause = (
                "Part.batch_size is taken for the rows of each batch (x.shape[0]), or rows are taken several at once"
            )
            same_outputs(found, wanted, where, cause=cause)
            same_gradients(found, wanted, where, cause=cause)
            same_states(found, wanted, where)


def leaves_what_it_is_given(subject: Subject) -> None:
    """Inputs, the gradient of the output, masks, parameters and states are not written to."""
    for bench, told in benches(subject):
        numbers = bench.numbers(ROWS)
        bench.kernel(numbers)
        given = [*zip(bench.inputs, numbers.inputs, strict=True), *zip(bench.deltas, numbers.gradients, strict=True)]
        names = [*(f"x{place or ''}" for place in range(len(bench.inputs))), "dy"]
        for name, (value, array) in zip(names, given, strict=False):
            if not equal(bench.read(value, ROWS), array):
                raise UnmetError(
                    f"{told}: after the passes {name} holds other numbers",
                    expected="what it held",
                    cause="a function writes into an argument that is read-only: others read it too; take a buffer",
                )
        for name, mine, theirs in zip(
            ("a parameter", "a state"),
            bench.vectors,
            (bench.structure.parameters, bench.structure.states),
            strict=True,
        ):
            if not equal(mine, theirs):
                raise UnmetError(
                    f"{told}: after the passes {name} holds other numbers",
                    expected="what it held: the engine's updates change parameters, and commit new states",
                    cause="a function writes into a parameter or a state; new states go to `new NAME`",
                )


def fresh_memory(subject: Subject) -> None:
    """What memory holds before a step makes no difference: buffers, outputs and gradients are written whole."""
    for bench, told in benches(subject):
        numbers = bench.numbers(ROWS)
        clean, found = bench.kernel(numbers), bench.kernel(numbers, strange=np.nan)
        again = bench.kernel(numbers, strange=_STRANGE)
        for other in (found, again):
            for what, mine, theirs in all_of(other, clean):
                if not equal(mine, theirs):
                    raise UnmetError(
                        f"{told}: {what} differs where memory held other numbers before",
                        expected="the same: y, dx, `gradient NAME`, `new NAME` and buffers hold anything at first",
                        cause="a sum begins with what is there (gradients are overwritten, not added to), or places "
                        "are left out",
                    )


def reads_what_it_declares(subject: Subject) -> None:
    """With reads_input or reads_output false, the way back does not read x or y."""
    declared = False
    for bench, told in benches(subject):
        kernel = bench.place.kernel
        if not isinstance(kernel, LayerKernel) or kernel.view or (kernel.reads_input and kernel.reads_output):
            continue
        declared = True
        numbers = bench.numbers(ROWS)
        clean, spoilt = bench.kernel(numbers), bench.kernel(numbers, spoil=True)
        for what, mine, theirs in all_of(spoilt, clean):
            if not equal(mine, theirs):
                raise UnmetError(
                    f"{told}: {what} differs where x or y was written over after the forward pass",
                    expected="the same, since the kernel declares that it does not read them",
                    cause="reads_input=False or reads_output=False is not true",
                )
    if not declared:
        raise InapplicableError("the kernel declares that its way back reads both, or is elementwise")


def descends_by_its_gradients(subject: Subject) -> None:
    """What `descend` adds to the parameters are the gradients."""
    able = False
    for bench, told in benches(subject):
        if not bench.descends:
            continue
        able = True
        numbers = bench.numbers(ROWS)
        found, wanted = bench.kernel(numbers, descend=True), bench.kernel(numbers)
        adding = {place.node.join(name) for place in bench.descends for name in place.node.parameters}
        for path, gradient in wanted.gradients.items():
            if path not in adding:
                continue
            require_close(
                found.gradients[path],
                gradient,
                f"{told}: what is added to {path}",
                expected="the gradient, which is scaled already",
                cause="`descend` is another formula than `parameter_gradients`, or leaves a parameter out",
            )
    if not able:
        raise InapplicableError("the kernel has no `descend`")


def keeps_zeros(subject: Subject) -> None:
    """An elementwise kernel that declares keeps_zeros gives 0 for 0."""
    bench = bench_of(subject, shapes_of(subject)[0])
    kernel = bench.place.kernel
    if not isinstance(kernel, Elementwise) or not kernel.keeps_zeros:
        raise InapplicableError("the kernel does not declare keeps_zeros")
    drawn = bench.numbers(ROWS)
    numbers = Numbers(tuple(np.zeros_like(array) for array in drawn.inputs), drawn.gradients)
    (y,) = bench.kernel(numbers).outputs
    if y.any():
        raise UnmetError(
            f"0 becomes {y[y != 0].flat[0]:.6g}", expected="0", cause="keeps_zeros is declared, and not true"
        )


def special_numbers(subject: Subject) -> None:
    """Zeros, equal numbers, small and large ones give what the layer gives; in float32, numbers of 300 finite ones."""
    for bench, told in benches(subject, modes=(True,)):
        if bench.node.layer.stochastic:
            continue
        drawn = bench.numbers(ROWS)
        for factor, name in ((0.0, "zeros"), (1e-3, "small numbers"), (30.0, "large numbers")):
            if any(array.dtype.kind != "f" for array in drawn.inputs) or subject.case.inputs is not None:
                continue
            numbers = Numbers(tuple(array * factor for array in drawn.inputs), drawn.gradients)
            wanted, found = bench.component(numbers), bench.kernel(numbers)
            same_outputs(found, wanted, f"{told}, {name}", cause="a formula that holds for numbers near 1 alone")
            same_gradients(found, wanted, f"{told}, {name}", cause="a formula that holds for numbers near 1 alone")
    for bench, told in benches(subject, dtype="float32", modes=(True,)):
        drawn = bench.numbers(ROWS)
        if any(array.dtype.kind != "f" for array in drawn.inputs) or subject.case.inputs is not None:
            continue
        numbers = Numbers(tuple(array * HUGE for array in drawn.inputs), drawn.gradients)
        for what, mine, theirs in all_of(bench.kernel(numbers), bench.component(numbers)):
            require_finite(mine, theirs, f"{told}, in float32, numbers of about {HUGE:g}: {what}")


def plan(subject: Subject) -> None:
    """Have the kernels made, as the layer trains, and run nothing."""
    for bench, _ in benches(subject, modes=(True,)):
        assert bench.place.kernel is not None


CHECKS: tuple[Callable[[Subject], None], ...] = (
    kernel_made,
    values,
    gradients,
    states,
    random_numbers,
    in_float32,
    short_batches,
    special_numbers,
    leaves_what_it_is_given,
    fresh_memory,
    reads_what_it_declares,
    descends_by_its_gradients,
    only_what_is_wanted,
    keeps_zeros,
    masks,
    in_pieces,
    sparse_inputs,
)
