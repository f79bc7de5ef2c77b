"""A layer's or an activation's kernel, against the layer's own passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from layerkit.errors import ShapeError
from layerkit.types import Array
from layerkit_numba.interface import Call, Elementwise, LayerKernel, Step
from layerkit_numba.testing.layer_bench import LayerBench, Numbers, Outcome, shapes_of
from layerkit_numba.testing.subject import ROWS, InapplicableError, Subject, UnmetError, require_close

_MODES = (True, False)
_STRANGE = 3.25


def kernel_made(subject: Subject) -> None:
    """The kernel is made and compiled for each shape of the case, as it trains and as it is when frozen."""
    for shape in shapes_of(subject):
        for training in _MODES:
            bench = _bench(subject, shape, training=training)
            bench.kernel(bench.numbers(ROWS))


def values(subject: Subject) -> None:
    """In float64, outputs are the layer's, in training and when frozen."""
    for bench, told in _benches(subject):
        found, wanted = _both(bench, ROWS)
        _same_outputs(found, wanted, told, cause="the forward calls compute something else")


def gradients(subject: Subject) -> None:
    """In float64, gradients of inputs and parameters are the layer's, in training and when frozen."""
    for bench, told in _benches(subject):
        found, wanted = _both(bench, ROWS)
        _same_gradients(
            found, wanted, told, cause="the calls of the way back compute something else, or one is missing"
        )


def states(subject: Subject) -> None:
    """A training pass proposes the states that the layer proposes, with its numbers; a frozen one none."""
    any_states = False
    for bench, told in _benches(subject):
        found, wanted = _both(bench, ROWS)
        any_states = any_states or bool(bench.structure.state_entries)
        _same_states(found, wanted, told)
    if not any_states:
        raise InapplicableError("the layer has no state")


def random_numbers(subject: Subject) -> None:
    """After a pass the layer's generator is where the layer's own pass leaves it."""
    draws = False
    for bench, told in _benches(subject):
        found, wanted = _both(bench, ROWS)
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
    """In float32, all is the layer's within rounding."""
    for bench, told in _benches(subject, dtype="float32"):
        found, wanted = _both(bench, ROWS)
        cause = "something is computed for float64 alone, or in a form that has no digits left in float32"
        _same_outputs(found, wanted, told, cause=cause)
        _same_gradients(found, wanted, told, cause=cause)
        _same_states(found, wanted, told)


def short_batches(subject: Subject) -> None:
    """Batches of 1, 2 and 5 rows, with memory for more, give what the layer gives."""
    for bench, told in _benches(subject):
        for rows in (1, 2, 5):
            found, wanted = _both(bench, rows)
            where = f"{told}, a batch of {rows}"
            cause = (
                "Part.batch_size is taken for the rows of each batch (x.shape[0]), or rows are taken several at once"
            )
            _same_outputs(found, wanted, where, cause=cause)
            _same_gradients(found, wanted, where, cause=cause)
            _same_states(found, wanted, where)


def leaves_what_it_is_given(subject: Subject) -> None:
    """Inputs, the gradient of the output, masks, parameters and states are not written to."""
    for bench, told in _benches(subject):
        numbers = bench.numbers(ROWS)
        bench.kernel(numbers)
        given = [*zip(bench.inputs, numbers.inputs, strict=True), *zip(bench.deltas, numbers.gradients, strict=True)]
        names = [*(f"x{place or ''}" for place in range(len(bench.inputs))), "dy"]
        for name, (value, array) in zip(names, given, strict=False):
            if not _equal(bench.read(value, ROWS), array):
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
            if not _equal(mine, theirs):
                raise UnmetError(
                    f"{told}: after the passes {name} holds other numbers",
                    expected="what it held: the engine's updates change parameters, and commit new states",
                    cause="a function writes into a parameter or a state; new states go to `new NAME`",
                )


def fresh_memory(subject: Subject) -> None:
    """What memory holds before a step makes no difference: buffers, outputs and gradients are written whole."""
    for bench, told in _benches(subject):
        numbers = bench.numbers(ROWS)
        clean, found = bench.kernel(numbers), bench.kernel(numbers, strange=np.nan)
        again = bench.kernel(numbers, strange=_STRANGE)
        for other in (found, again):
            for what, mine, theirs in _all_of(other, clean):
                if not _equal(mine, theirs):
                    raise UnmetError(
                        f"{told}: {what} differs where memory held other numbers before",
                        expected="the same: y, dx, `gradient NAME`, `new NAME` and buffers hold anything at first",
                        cause="a sum begins with what is there (gradients are overwritten, not added to), or places "
                        "are left out",
                    )


def reads_what_it_declares(subject: Subject) -> None:
    """With reads_input or reads_output false, the way back does not read x or y."""
    declared = False
    for bench, told in _benches(subject):
        kernel = bench.place.kernel
        if not isinstance(kernel, LayerKernel) or kernel.view or (kernel.reads_input and kernel.reads_output):
            continue
        declared = True
        numbers = bench.numbers(ROWS)
        clean, spoilt = bench.kernel(numbers), bench.kernel(numbers, spoil=True)
        for what, mine, theirs in _all_of(spoilt, clean):
            if not _equal(mine, theirs):
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
    for bench, told in _benches(subject):
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
    bench = _bench(subject, shapes_of(subject)[0])
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
    """Zeros, equal numbers, small and large ones give what the layer gives."""
    for bench, told in _benches(subject, modes=(True,)):
        if bench.node.layer.stochastic:
            continue
        drawn = bench.numbers(ROWS)
        for factor, name in ((0.0, "zeros"), (1e-3, "small numbers"), (30.0, "large numbers")):
            if any(array.dtype.kind != "f" for array in drawn.inputs) or subject.case.inputs is not None:
                continue
            numbers = Numbers(tuple(array * factor for array in drawn.inputs), drawn.gradients)
            wanted, found = bench.component(numbers), bench.kernel(numbers)
            _same_outputs(found, wanted, f"{told}, {name}", cause="a formula that holds for numbers near 1 alone")
            _same_gradients(found, wanted, f"{told}, {name}", cause="a formula that holds for numbers near 1 alone")


def masks(subject: Subject) -> None:
    """Under a mask of ragged sequences all is the layer's; a kernel that says nothing of masks is refused by name."""
    able = False
    for shape in shapes_of(subject):
        if not shape or isinstance(shape[0], tuple) or len(shape) < 2:
            continue
        bare = _bench(subject, shape)
        if not bare.place.is_view and getattr(bare.place.kernel, "masks", "") == "refused":
            raise InapplicableError("the kernel refuses masks: batches that have some are trained by the numpy engine")
        time = bare.shape[0]
        for kind, mask in _ragged(time):
            for training in _MODES:
                numbers = bare.numbers(ROWS, mask=mask)
                try:
                    wanted = _bench(subject, shape, training=training).component(numbers)
                except ShapeError:
                    continue
                able = True
                bench = _bench(subject, shape, training=training, masked=True)
                found = bench.kernel(numbers)
                told = f"{_told(bench)}, under a mask {kind}"
                cause = "the mask is left out, or used in one pass alone; a kernel names `mask` where part.masked"
                _same_outputs(found, wanted, told, cause=cause)
                _same_gradients(found, wanted, told, cause=cause)
                _same_states(found, wanted, told)
    if not able:
        raise InapplicableError("no input shape of the case has an axis of time, or the layer refuses masks")


def in_pieces(subject: Subject) -> None:
    """Calls that may be made in pieces give the same bits when they are."""
    cut = False
    for shape in shapes_of(subject):
        whole = _bench(subject, shape)
        if not any(call.over != "" for call in _calls(whole.place)):
            continue
        cut = True
        for cuts in (2, 3):
            pieces = _bench(subject, shape, cuts=cuts)
            for rows in (1, ROWS):
                numbers = whole.numbers(rows)
                for what, mine, theirs in _all_of(
                    pieces.kernel(numbers, strange=np.nan), whole.kernel(numbers, strange=np.nan)
                ):
                    if not _equal(mine, theirs):
                        raise UnmetError(
                            f"{_told(whole)}, a batch of {rows}: in {cuts} pieces {what} differs",
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
        whole = _bench(subject, shape)
        if not whole.structure.entries:
            continue
        able = True
        bench = _bench(subject, shape, needs_input_gradient=False)
        numbers = bench.numbers(ROWS)
        found, wanted = bench.kernel(numbers, strange=np.nan), whole.component(numbers)
        _same_gradients(
            Outcome((), (), found.gradients, {}, None),
            Outcome((), (), wanted.gradients, {}, None),
            f"{_told(whole)}, no input gradient wanted",
            cause="a call of `input_gradient` makes what the parameters' gradients need",
        )
    if not able:
        raise InapplicableError("the layer has no parameters")


def sparse_inputs(subject: Subject) -> None:
    """Where many columns of the data are zero, and the kernel is told the others, all is the layer's."""
    able = False
    for shape in ((24,), (32,)) if not subject.case.input_shapes else shapes_of(subject):
        bench = _bench(subject, shape, sparse=True, needs_input_gradient=False)
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
        _same_outputs(found, wanted, f"{_told(bench)}, sparse", cause=cause)
        _same_gradients(found, wanted, f"{_told(bench)}, sparse", cause=cause)
    if not able:
        raise InapplicableError("the kernel does not ask which columns are zero")


def _bench(subject: Subject, shape: Any, **options: Any) -> LayerBench:
    key = ("bench", shape, *sorted(options.items()))
    found: LayerBench = subject.once(key, lambda: LayerBench(subject, shape, **options))
    return found


def _benches(
    subject: Subject, *, dtype: str = "float64", modes: tuple[bool, ...] = _MODES
) -> Iterator[tuple[LayerBench, str]]:
    for shape in shapes_of(subject):
        for training in modes:
            options = {} if dtype == "float64" else {"dtype": dtype}
            bench = _bench(subject, shape, training=training, **options)
            yield bench, _told(bench)


def _both(bench: LayerBench, rows: int) -> tuple[Outcome, Outcome]:
    numbers = bench.numbers(rows)
    return bench.kernel(numbers), bench.component(numbers)


def _told(bench: LayerBench) -> str:
    mode = "training" if bench.training else "frozen"
    return f"inputs of (batch, {', '.join(map(str, bench.shape))}), {mode}"


def _same_outputs(found: Outcome, wanted: Outcome, told: str, *, cause: str) -> None:
    for place, (mine, theirs) in enumerate(zip(found.outputs, wanted.outputs, strict=True)):
        name = "y" if len(wanted.outputs) == 1 else f"y{place}"
        require_close(mine, theirs, f"{told}: {name}", expected="the layer's own output", cause=cause)


def _same_gradients(found: Outcome, wanted: Outcome, told: str, *, cause: str) -> None:
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


def _same_states(found: Outcome, wanted: Outcome, told: str) -> None:
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


def _all_of(one: Outcome, other: Outcome) -> Iterator[tuple[str, Array, Array]]:
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
    return [("with padding at the ends", padded), ("with holes", holes)]


def _equal(one: Array, other: Array) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


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
