"""The kernel of an optimizer or a transform, against the component itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np

from layerkit import Optimizer, UpdateContext
from layerkit.engines import ParameterSlice
from layerkit.types import Array
from layerkit_numba.interface import UpdatePart
from layerkit_numba.operands import Value
from layerkit_numba.registry import update_kernel
from layerkit_numba.testing.subject import (
    InapplicableError,
    Stage,
    Subject,
    UnmetError,
    generator,
    require_close,
)
from layerkit_numba.updating import PHASES, generator_of, update_names
from layerkit_numba.writer import Writer

_LAYOUTS = (
    [("0.weight", (5, 4), ()), ("0.bias", (4,), ("bias",)), ("1.weight", (4, 3), ())],
    [("0.weight", (1, 1), ())],
)
_STEPS = 4
_BEFORE = 9
_STRANGE = 3.25


@final
class UpdateBench:
    """An optimizer or a transform in a program of its own, which makes one step a call."""

    def __init__(self, subject: Subject, layout: Any, *, dtype: str = "float64") -> None:
        self.dtype, self.subject = np.dtype(dtype), subject
        slices, start = [], 0
        for path, shape, tags in layout:
            stop = start + int(np.prod(shape))
            slices.append(ParameterSlice(path, start, stop, shape, tags))
            start = stop
        self.slices, self.size = tuple(slices), start
        kind = "the optimizer" if issubclass(subject.target, Optimizer) else "the transform"
        part = UpdatePart(subject.make(), self.slices, self.dtype, self.size)
        made = self.made = update_kernel(part, f"{kind} {subject.target.__name__}")
        self.drawn: Any = None
        w = self.writer = Writer(1)
        parameters = Value("parameters", "given", 0, (self.size,), per_example=False)
        gradient = Value("gradient", "given_gradient", 0, (self.size,), per_example=False)
        names, self._arguments = update_names(w, 0, made, parameters, gradient)
        self.draws = "rng" in names
        self._stages = []
        for phase in PHASES:
            begin = len(w.instructions)
            for call in getattr(made, phase):
                w.call(call, names, subject.target.__name__)
            self._stages.append(Stage(w.instructions[begin:], self.dtype))

    def steps(
        self, *, compiled: bool, strange: float = 0.0, late: bool = False, endless: float = 0.0
    ) -> list[dict[str, Array]]:
        """What parameters, gradients and all that is kept are after each of some steps: copies.

        With ``late``, the component has trained the first parameter alone before them. ``endless`` is added to a number
        of the third gradient.
        """
        rng, component = generator(6), self.subject.make()
        context = UpdateContext(self.slices, self.dtype, rng=generator(7), steps_per_epoch=10)
        if late:
            self._train_the_first(component, context)
        parameters = rng.normal(size=self.size).astype(self.dtype)
        given = [rng.normal(size=self.size).astype(self.dtype) * factor for factor in (1.0, 0.0, 5.0, 0.1)]
        given[2][self.size // 2] += endless
        made, found = self.made, []
        memory = np.full(self.writer.memory_size, strange, self.dtype)
        extra: list[Any] = []
        if compiled:
            extra = [*made.kept(context).values(), *made.arrays.values()]
        for step in range(_STEPS):
            gradient = given[step].copy()
            context.step, context.learning_rate = step, self.subject.case.learning_rate * (1 + step)

            if isinstance(component, Optimizer):
                if compiled:
                    self._make(1, parameters, gradient, context, memory, extra)
                else:
                    component.update(parameters, gradient.copy(), context)
            else:
                if compiled:
                    self._make(0, parameters, gradient, context, memory, extra)
                else:
                    component.before(parameters, gradient, context)
                self.gradient = gradient
                parameters -= self.dtype.type(context.learning_rate) * gradient
                if compiled:
                    self._make(2, parameters, gradient, context, memory, extra)
                else:
                    component.after(parameters, context)
            kept = {"parameters": parameters, "gradient": gradient}
            kept |= {f"the state {name}": context.state(name) for name in made.states}
            kept |= {f"the numbers {name}": made.kept(context)[name] for name in (*made.numbers, *made.slice_numbers)}
            found.append({name: np.array(array) for name, array in kept.items()})
        self.drawn = context.rng.bit_generator.state
        return found

    def _train_the_first(self, component: Any, context: UpdateContext) -> None:
        context.lay_out(self.slices[:1], self.dtype)
        rng = generator(8)
        parameters, gradient = (rng.normal(size=self.slices[0].stop).astype(self.dtype) for _ in range(2))
        context.learning_rate = self.subject.case.learning_rate
        for _ in range(_BEFORE):
            if isinstance(component, Optimizer):
                component.update(parameters, gradient, context)
            else:
                component.before(parameters, gradient.copy(), context)
                component.after(parameters, context)
        context.lay_out(self.slices, self.dtype)

    def _make(
        self,
        phase: int,
        parameters: Array,
        gradient: Array,
        context: UpdateContext,
        memory: Array,
        extra: list[Any],
    ) -> None:
        arrays: dict[str, Any] = {"given": parameters, "given_gradient": gradient, "memory": memory}
        arrays |= dict(zip(self._arguments, extra, strict=True))
        arrays[generator_of(0)] = context.rng
        self._stages[phase].run(arrays, 1, rate=context.learning_rate, step=context.step)


def kernel_made(subject: Subject) -> None:
    """The kernel is made and compiled."""
    _bench(subject).steps(compiled=True)


def values(subject: Subject) -> None:
    """In float64, parameters are the component's after each of several steps with different rates and gradients."""
    for layout in range(len(_LAYOUTS)):
        _compare(_bench(subject, layout=layout), "parameters", "another formula, the rate or the step of another step")


def states(subject: Subject) -> None:
    """What is kept from step to step has the names and the numbers that the component keeps."""
    bench = _bench(subject)
    if not (bench.made.states or bench.made.numbers or bench.made.slice_numbers):
        raise InapplicableError("the kernel keeps nothing")
    for name in (
        *(f"the state {each}" for each in bench.made.states),
        *(f"the numbers {each}" for each in (*bench.made.numbers, *bench.made.slice_numbers)),
    ):
        _compare(bench, name, "it is kept in another form, so a run cannot go from one engine to the other")


def random_numbers(subject: Subject) -> None:
    """After the steps the component's generator is where the component's own steps leave it."""
    bench = _bench(subject)
    if not bench.draws:
        raise InapplicableError("the kernel draws no random numbers")
    drawn = []
    for compiled in (True, False):
        bench.steps(compiled=compiled)
        drawn.append(bench.drawn)
    if drawn[0] != drawn[1]:
        raise UnmetError(
            "after the steps the generator is in another state",
            expected="as many numbers drawn, of the same kind and in the same order",
            cause="numbers are drawn in another dtype than the component's, or where it draws none",
        )


def thawed_late(subject: Subject) -> None:
    """What is trained later than the first parameter is moved as the component moves it."""
    cause = "what the component keeps for each parameter, in ctx.slice_numbers, is taken of one parameter for all"
    bench = _bench(subject)
    for name in bench.steps(compiled=True)[0]:
        _compare(bench, name, cause, late=True)


def gradient_changed(subject: Subject) -> None:
    """A transform makes of the gradient what the component makes of it; an optimizer leaves it."""
    _compare(
        _bench(subject),
        "gradient",
        "`before` changes the gradient in another way, or an optimizer's `update` writes into it",
    )


def in_float32(subject: Subject) -> None:
    """In float32, all is the component's within rounding."""
    bench = _bench(subject, dtype="float32")
    cause = "something is computed for float64 alone, or loses digits in float32"
    for name in bench.steps(compiled=True)[0]:
        _compare(bench, name, cause)


def fresh_memory(subject: Subject) -> None:
    """What buffers hold before a step makes no difference."""
    bench = _bench(subject)
    for strange in (np.nan, _STRANGE):
        for one, other in zip(bench.steps(compiled=True), bench.steps(compiled=True, strange=strange), strict=True):
            for name, array in one.items():
                if not np.array_equal(array, other[name]):
                    raise UnmetError(
                        f"{name} differ where buffers held other numbers before",
                        expected="the same: buffers hold anything when a step begins",
                        cause="a buffer is read before it is written, or written in part",
                    )


def descends_as_declared(subject: Subject) -> None:
    """A kernel that declares `descends` does nothing but θ ← θ − rate · gradient."""
    bench = _bench(subject)
    if not bench.made.descends:
        raise InapplicableError("the kernel does not declare that it only descends")
    rng = generator(6)
    parameters = rng.normal(size=bench.size)
    for step, factor in enumerate((1.0, 0.0, 5.0, 0.1)):
        parameters -= subject.case.learning_rate * (1 + step) * rng.normal(size=bench.size) * factor
        wanted = bench.steps(compiled=False)[step]["parameters"]
        require_close(
            parameters,
            wanted,
            f"at step {step} a parameter by plain descent",
            expected="what the optimizer gives",
            cause="descends=True is declared, and the optimizer does more",
        )
    if bench.made.states or bench.made.numbers or bench.made.slice_numbers:
        raise UnmetError(
            "the kernel declares `descends`, and keeps states", expected="none", cause="descends=True is not true"
        )


def non_finite_kept(subject: Subject) -> None:
    """Where the optimizer declares keeps_non_finite, the kernel's parameters or states show NaN and infinity too."""
    optimizer = subject.make()
    if not (isinstance(optimizer, Optimizer) and optimizer.keeps_non_finite):
        raise InapplicableError("the component does not declare keeps_non_finite")
    for endless in (np.nan, np.inf):
        last = _bench(subject, dtype="float32").steps(compiled=True, endless=endless)[-1]
        if all(np.isfinite(array).all() for name, array in last.items() if name != "gradient"):
            raise UnmetError(
                f"two steps after a gradient with {endless} all that the kernel keeps is finite",
                expected="a trace of it, as the optimizer declares: the engine looks at what is kept, not at gradients",
                cause="min, max or a comparison drops NaN, or infinity is divided by infinity's square root",
            )


def _bench(subject: Subject, *, layout: int = 0, dtype: str = "float64") -> UpdateBench:
    key = ("update", layout, dtype)
    found: UpdateBench = subject.once(key, lambda: UpdateBench(subject, _LAYOUTS[layout], dtype=dtype))
    return found


def plan(subject: Subject) -> None:
    """Have the kernel made, and run nothing."""
    _bench(subject)


def _compare(bench: UpdateBench, name: str, cause: str, *, late: bool = False) -> None:
    mine_and_theirs = (bench.steps(compiled=compiled, late=late) for compiled in (True, False))
    for step, (mine, theirs) in enumerate(zip(*mine_and_theirs, strict=True)):
        require_close(mine[name], theirs[name], f"after step {step}, {name}", expected="the component's", cause=cause)


CHECKS: tuple[Callable[[Subject], None], ...] = (
    kernel_made,
    values,
    states,
    random_numbers,
    thawed_late,
    gradient_changed,
    in_float32,
    fresh_memory,
    non_finite_kept,
    descends_as_declared,
)
