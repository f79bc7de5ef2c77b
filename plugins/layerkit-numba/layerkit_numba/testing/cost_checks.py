"""A cost's kernel, against the cost itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, final

import numpy as np

from layerkit import Context, Sequential
from layerkit.engines import Pass, RandomStreams
from layerkit.errors import ShapeError
from layerkit.types import Array
from layerkit_numba.interface import CostPart
from layerkit_numba.measuring import Measuring, over_time
from layerkit_numba.naming import names_in
from layerkit_numba.operands import Value
from layerkit_numba.registry import cost_kernel
from layerkit_numba.testing.subject import (
    HUGE,
    KEPT,
    ROWS,
    VARYING,
    InapplicableError,
    Stage,
    Subject,
    UnmetError,
    generator,
    require_close,
    require_finite,
)
from layerkit_numba.writer import Writer

_DEFAULT_SHAPES = ((2, 4), (17,))
_STRANGE = 3.25


@final
class CostBench:
    """A cost for predictions of one shape, in a program of its own."""

    def __init__(
        self, subject: Subject, shape: Any, *, dtype: str = "float64", masked: bool = False, labels: bool = False
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.shape = tuple(VARYING if axis is None else axis for axis in shape)
        self.cost, self.subject = subject.make(), subject
        self.wants_labels = self.cost.target_form == "labels"
        labels = labels or self.wants_labels
        part = CostPart(self.cost, self.shape, self.dtype, ROWS, labels, masked)
        kernel = cost_kernel(part, f"the cost {type(self.cost).__name__}")
        w = self.writer = Writer(ROWS)
        self.prediction = w.allocate("prediction", self.shape)
        named = names_in(kernel.calls)
        self.targets: dict[str, Value] = {}
        if labels:
            self.targets["labels"] = w.allocate("labels", self.shape[:-1], dtype="int64")
        if self.wants_labels:
            self.targets["target"] = self.targets["labels"]
        else:
            self.targets["target"] = w.allocate("target", self.shape)
        self.names_labels = labels and "labels" in named
        self.mask = w.allocate("mask", self.shape[:1], dtype="bool") if masked else None
        measuring = self.measuring = Measuring(w, part, kernel, self.mask)
        measuring.measure(self.prediction, self.targets)
        self._stage = Stage(w.instructions, self.dtype)

    def numbers(self, rows: int, *, seed: int = 4) -> tuple[Array, Array]:
        """Predictions, and targets as the cost takes them."""
        rng, case = generator(seed), self.subject.case
        low, high = case.prediction_range
        prediction = rng.uniform(low, high, (rows, *self.shape)).astype(self.dtype)
        kind = case.targets or ("labels" if self.wants_labels else "real")
        target: Array
        if kind in ("labels", "one-hot"):
            target = rng.integers(0, self.shape[-1], (rows, *self.shape[:-1]))
            if not self.wants_labels:
                target = np.eye(self.shape[-1])[target]
        elif kind == "probabilities":
            target = rng.dirichlet(np.ones(self.shape[-1]), (rows, *self.shape[:-1]))
        elif kind == "multi-hot":
            target = rng.integers(0, 2, prediction.shape).astype(np.float64)
        elif kind == "unit":
            target = rng.random(prediction.shape)
        else:
            target = rng.uniform(low, high, prediction.shape)
        return prediction, target if self.wants_labels else target.astype(self.dtype)

    def component(self, prediction: Array, target: Array, mask: Array | None = None) -> tuple[Array, Array]:
        """The costs, and their gradient."""
        # a tree of any model has contexts, of which a cost's is like
        model = Sequential([_identity()]).initialize(self.shape, dtype=self.dtype.name)
        tree = Pass(model.structure, model.structure.node, RandomStreams(0), training=True)
        context = Context("cost", tree.shared, tree.scratch(), training=True)
        tree.shared.mask = mask
        costs = np.array(self.cost.forward(prediction, target, context))
        return costs, np.array(self.cost.backward(prediction, target, context))

    def kernel(
        self,
        prediction: Array,
        target: Array,
        mask: Array | None = None,
        *,
        labels: Array | None = None,
        strange: float = 0.0,
    ) -> tuple[Array, Array]:
        """The same, of the program."""
        w, rows = self.writer, len(prediction)
        memory = np.full(w.memory_size, strange, self.dtype)
        room = np.full(w.room_size, 0 if strange == 0 else 0x7B, np.uint8)

        def put(value: Value, array: Array) -> None:
            if value.dtype:
                flat = array.astype(np.dtype(value.dtype)).ravel().view(np.uint8)
                room[value.start : value.start + flat.size] = flat
            else:
                memory[value.start : value.start + array.size] = array.ravel()

        def get(value: Value) -> Array:
            size = rows * value.size
            if value.dtype:
                dtype = np.dtype(value.dtype)
                found: Array = room[value.start : value.start + size * dtype.itemsize].view(dtype)
                return found.reshape(rows, *value.shape)
            return memory[value.start : value.start + size].reshape(rows, *value.shape).copy()

        put(self.prediction, prediction)
        put(self.targets["target"], target)
        if labels is not None:
            put(self.targets["labels"], labels)
        if self.mask is not None and mask is not None:
            put(self.mask, mask)
        self._stage.run(
            {"memory": memory, "room": room, "scratch": np.full_like(memory, np.nan, shape=self.writer.scratch_size)},
            rows,
        )
        self.left = get(self.prediction), get(self.targets["target"])
        return get(self.measuring.costs), get(self.measuring.gradient)


def kernel_made(subject: Subject) -> None:
    """The kernel is made and compiled for each shape of the case."""
    for bench in _benches(subject):
        bench.kernel(*bench.numbers(ROWS))


def costs(subject: Subject) -> None:
    """In float64, each example's cost is the component's."""
    for bench in _benches(subject):
        numbers = bench.numbers(ROWS)
        _same(
            bench, bench.kernel(*numbers)[:1], bench.component(*numbers), "", f"the calls compute something else{KEPT}"
        )


def gradients(subject: Subject) -> None:
    """In float64, the gradient is the component's, unscaled."""
    for bench in _benches(subject):
        numbers = bench.numbers(ROWS)
        cause = "another formula, or the gradient of a mean: scaling belongs to the engine"
        _same(bench, bench.kernel(*numbers), bench.component(*numbers), "", cause)


def in_float32(subject: Subject) -> None:
    """In float32, both are the component's within rounding."""
    for bench in _benches(subject, dtype="float32"):
        numbers = bench.numbers(ROWS)
        cause = "something is computed for float64 alone, or in a form that has no digits left in float32"
        _same(bench, bench.kernel(*numbers), bench.component(*numbers), "in float32, ", cause)


def short_batches(subject: Subject) -> None:
    """Batches of 1, 2 and 5 examples, with memory for more, give what the cost gives."""
    for bench in _benches(subject):
        for rows in (1, 2, 5):
            numbers = bench.numbers(rows)
            cause = "the batch size is taken for the rows of each batch (n, or prediction.shape[0])"
            _same(bench, bench.kernel(*numbers), bench.component(*numbers), f"a batch of {rows}, ", cause)


def special_numbers(subject: Subject) -> None:
    """Predictions of 0, equal and large ones give what the cost gives; in float32, those of 300 finite numbers."""
    for bench in _benches(subject):
        prediction, target = bench.numbers(ROWS)
        for factor, name in ((0.0, "zeros"), (1e-3, "small numbers"), (20.0, "large numbers")):
            given = prediction * factor
            cause = "a formula that holds for numbers near 1 alone, or overflows"
            _same(bench, bench.kernel(given, target), bench.component(given, target), f"{name}, ", cause)
    for bench in _benches(subject, dtype="float32"):
        prediction, target = bench.numbers(ROWS)
        given = prediction * HUGE
        found, wanted = bench.kernel(given, target), bench.component(given, target)
        for what, mine, theirs in zip(("costs", "the gradient"), found, wanted, strict=True):
            require_finite(mine, theirs, f"{_told(bench)}, in float32, predictions of about {HUGE:g}: {what}")


def leaves_what_it_is_given(subject: Subject) -> None:
    """Predictions and targets are not written to."""
    for bench in _benches(subject):
        numbers = bench.numbers(ROWS)
        bench.kernel(*numbers)
        for name, mine, theirs in zip(("prediction", "target"), bench.left, numbers, strict=True):
            if not np.array_equal(mine, theirs):
                raise UnmetError(
                    f"{_told(bench)}: after the calls {name} holds other numbers",
                    expected="what it held",
                    cause="a function writes into an argument that is read-only; take a buffer",
                )


def fresh_memory(subject: Subject) -> None:
    """What memory holds before a step makes no difference."""
    for bench in _benches(subject):
        numbers = bench.numbers(ROWS)
        clean = bench.kernel(*numbers)
        for strange in (np.nan, _STRANGE):
            found = bench.kernel(*numbers, strange=strange)
            for name, mine, theirs in zip(("costs", "gradient"), found, clean, strict=True):
                if not np.array_equal(mine, theirs):
                    raise UnmetError(
                        f"{_told(bench)}: {name} differ where memory held other numbers before",
                        expected="the same: costs, gradient and buffers hold anything at first",
                        cause="a sum begins with what is there, or places are left out",
                    )


def labels_as_rows(subject: Subject) -> None:
    """A cost of dense targets whose kernel takes labels gives what it gives for their one-hot rows."""
    able = False
    for bench in _benches(subject, labels=True):
        if not bench.names_labels or bench.wants_labels:
            continue
        able = True
        prediction, _ = bench.numbers(ROWS)
        labels = generator(9).integers(0, bench.shape[-1], (ROWS, *bench.shape[:-1]))
        target = np.eye(bench.shape[-1], dtype=bench.dtype)[labels]
        found = bench.kernel(prediction, target, labels=labels)
        _same(bench, found, bench.component(prediction, target), "labels, ", "labels stand for other rows")
    if not able:
        raise InapplicableError("the kernel does not name labels beside a target")


def masks(subject: Subject) -> None:
    """Under a mask of ragged sequences, what does not count costs nothing, has no gradient, and may hold anything."""
    able = False
    for bare in _benches(subject):
        if not over_time(bare.shape):
            continue
        try:
            bench = CostBench(subject, bare.shape, masked=True)
        except Exception as error:
            raise InapplicableError(f"the kernel refuses masks: {error}") from None
        prediction, target = bench.numbers(ROWS)
        time = bench.shape[0]
        padded = np.arange(time) < np.array([time, 1, max(time - 1, 1), time, 1, 1, time])[:ROWS, None]
        for mask in (padded, np.roll(padded, 1, axis=1), np.ones_like(padded)):
            try:
                wanted = bench.component(prediction, target, mask)
            except ShapeError:
                continue
            able = True
            strange = prediction.copy()
            strange[~mask] = 1e3
            cause = "the mask is left out, in the costs or in the gradient; name `mask` where part.masked"
            _same(bench, bench.kernel(prediction, target, mask), wanted, "under a mask, ", cause)
            _same(bench, bench.kernel(strange, target, mask), wanted, "under a mask, with other padding, ", cause)
    if not able:
        raise InapplicableError("no shape of the case has an axis of time, or the cost refuses masks")


def _benches(subject: Subject, **options: Any) -> Iterator[CostBench]:
    for shape in tuple(subject.case.input_shapes) or _DEFAULT_SHAPES:
        key = ("cost", shape, *sorted(options.items()))
        bench: CostBench = subject.once(key, lambda shape=shape: CostBench(subject, shape, **options))  # type: ignore[misc]
        yield bench


def plan(subject: Subject) -> None:
    """Have the kernels made, and run nothing."""
    for bench in _benches(subject):
        assert bench.writer.instructions


def _same(bench: CostBench, found: Any, wanted: Any, told: str, cause: str) -> None:
    for name, mine, theirs in zip(("costs", "gradient"), found, wanted, strict=False):
        require_close(mine, theirs, f"{_told(bench)}: {told}{name}", expected="the cost's own", cause=cause)


def _told(bench: CostBench) -> str:
    return f"predictions of (batch, {', '.join(map(str, bench.shape))})"


def _identity() -> Any:
    from layerkit import Identity

    return Identity()


CHECKS: tuple[Callable[[Subject], None], ...] = (
    kernel_made,
    costs,
    gradients,
    in_float32,
    short_batches,
    special_numbers,
    leaves_what_it_is_given,
    fresh_memory,
    labels_as_rows,
    masks,
)
