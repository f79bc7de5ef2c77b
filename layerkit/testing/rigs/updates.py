"""An optimizer, a transform or a schedule, with parameters to move."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, final

import numpy as np

from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from layerkit.testing.inputs import read_only
from layerkit.testing.subject import generator
from layerkit.types import Array


def laid_out(shapes: Mapping[str, tuple[int, ...]]) -> tuple[ParameterSlice, ...]:
    """The slices of parameters of these shapes, one behind the other; vectors are biases."""
    slices: list[ParameterSlice] = []
    for path, shape in shapes.items():
        start = slices[-1].stop if slices else 0
        tags = ("bias",) if len(shape) == 1 else ()
        slices.append(ParameterSlice(path, start, start + math.prod(shape), shape, tags))
    return tuple(slices)


SLICES = laid_out({"0.weight": (4, 3), "0.bias": (3,), "1.weight": (3, 2)})
MIDDLING = laid_out({"0.weight": (17, 60), "0.bias": (1,)})
LARGE = laid_out(
    {
        "0.weight": (257, 128),
        "0.bias": (128,),
        "1.weight": (3, 3, 16, 127),
        "1.bias": (127,),
        "2.weight": (127, 137),
        "2.bias": (137,),
    }
)
"""Longer than the blocks in which people cut a vector, and no multiple of their lengths."""
SIZE = SLICES[-1].stop
STEPS_PER_EPOCH = 10


def update_context(
    rate: float,
    *,
    slices: tuple[ParameterSlice, ...] = SLICES,
    dtype: Any = np.float64,
    steps_per_epoch: int | None = STEPS_PER_EPOCH,
    seed: int = 4,
) -> UpdateContext:
    """A context over some parameters, at the first step."""
    context = UpdateContext(slices, np.dtype(dtype), rng=generator(seed), steps_per_epoch=steps_per_epoch)
    context.learning_rate = rate
    return context


def first_parameters(dtype: Any = np.float64, size: int = SIZE) -> Array:
    """Where the parameters start: nowhere near 0."""
    rng = generator(5)
    start: Array = (rng.uniform(1, 2, size) * rng.choice([-1.0, 1.0], size)).astype(dtype)
    return start


def gradients(count: int, dtype: Any = np.float64) -> list[Array]:
    """Gradients of the size that training has, read-only."""
    drawn = [generator(6 + step).normal(size=SIZE).astype(dtype) for step in range(count)]
    for gradient in drawn:
        gradient.flags.writeable = False
    return drawn


def bowl(parameters: Array, slope: Array | float = 0.0) -> tuple[float, Array]:
    """½ Σ cᵢ θᵢ² + Σ sᵢ θᵢ, a convex quadratic, and its gradient; its minimum is 0 at 0 where there is no slope s."""
    curvature = np.linspace(0.5, 2.0, len(parameters), dtype=parameters.dtype)
    cost = float(0.5 * np.sum(curvature * parameters**2) + np.sum(slope * parameters))
    gradient: Array = curvature * parameters + slope
    return cost, gradient


def follow(optimizer: Optimizer, parameters: Array, gradients: Sequence[Array], context: UpdateContext) -> None:
    """Update the parameters by each gradient in turn.

    An optimizer that evaluates the cost itself walks down a bowl instead, the same at each step, as all of the data in
    one batch is: then what it is given is what it finds, at the parameters as they are.
    """
    for gradient in gradients:
        given = gradient
        if optimizer.needs_evaluate:
            tilt = np.where(np.isfinite(gradient), slopes(len(parameters), 0), gradient).astype(parameters.dtype)
            given = _bind(context, partial(bowl, parameters, tilt))
        optimizer.update(parameters, given, context)
        context.step += 1


def descend(optimizer: Optimizer, parameters: Array, steps: int, context: UpdateContext) -> None:
    """Walk down the bowl."""
    evaluate = partial(bowl, parameters)
    for _ in range(steps):
        gradient = _bind(context, evaluate) if optimizer.needs_evaluate else read_only(evaluate()[1])
        optimizer.update(parameters, gradient, context)
        context.step += 1


@final
class Course:
    """Parameters that a component moves step by step: an optimizer, or a transform around plain descent."""

    def __init__(self, component: Any, context: UpdateContext, parameters: Array) -> None:
        self.component: Any = component
        self.context = context
        self.parameters = parameters
        self.gradient = np.zeros_like(parameters)
        """What the last gradient became."""
        self.touched = np.zeros(len(parameters), bool)
        """Which places the component has changed: parameters, or a transform's gradient."""
        self.returned: Any = None

    def step(self, slope: Array) -> None:
        """One step by a gradient, as a fit makes it that looks at the model after each."""
        component = self.component
        if isinstance(component, Optimizer):
            before = self.parameters.copy()
            follow(component, self.parameters, [slope], self.context)
            self.touched |= self.parameters != before
            return
        component.enter(self.parameters, self.context)
        descended = self.turn(slope)
        component.leave(self.parameters, self.context)
        self.touched |= self.parameters != descended

    def turn(self, slope: Array) -> Array:
        """A transform's step, between enter and leave; where plain descent led."""
        component = self.component
        gradient = self.gradient = np.array(slope)
        locked = self.parameters.view()
        locked.flags.writeable = False
        first = component.before(locked, gradient, self.context)
        self.touched |= gradient != slope
        self.parameters -= self.parameters.dtype.type(self.context.learning_rate) * gradient
        descended = self.parameters.copy()
        second = component.after(self.parameters, self.context)
        self.touched |= self.parameters != descended
        self.returned = next((given for given in (first, second, self.returned) if given is not None), None)
        self.context.step += 1
        return descended


def slopes(size: int, step: int, seed: int = 0) -> Array:
    """A gradient of any size for a step, read-only; other seeds give other ones."""
    # the same numbers moved on are as good as new ones, and cost far less
    found: Array = np.roll(_drawn(size), 7919 * (step + 101 * seed))
    found.flags.writeable = False
    return found


@cache
def _drawn(size: int) -> Array:
    return generator(3).normal(size=size)


def _bind(context: UpdateContext, evaluate: Callable[[], tuple[float, Array]]) -> Array:
    """Have an optimizer evaluate this, all of the data in one batch; the gradient there, read-only."""
    context.bind(evaluate)
    context.steps_per_epoch = 1
    _, gradient = evaluate()
    gradient.flags.writeable = False
    return gradient
