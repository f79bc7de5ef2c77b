"""L-BFGS."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_integer, check_learning_rate
from layerkit.errors import ArgumentError, NonFiniteError
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.optimizers.line_search import Point, wolfe_step
from layerkit.types import Array

_LEAST_CURVATURE = 1e-10
_MOST = 2**53
"""Beyond it not every count has a floating number."""


@final
class LBFGS(Optimizer):
    """θ ← θ − t H g, where H stands for the inverse of the second derivatives, made of the last moves and turns.

    Each move s = θₖ₊₁ − θₖ and turn y = gₖ₊₁ − gₖ corrects H (two-loop recursion); t fulfils the strong Wolfe
    conditions, for which the batch's cost is evaluated a few times a step. It is meant for all of the data in one
    batch: ``fit(data, batch_size=len(x))``, with less an error says so. Where no step lowers the cost any more, none is
    made.

    Args:
        learning_rate: the first t that is tried, at least 0, or a Schedule; 1 unless said.
        memory: how many moves are remembered, at least 1.
        evaluations: how often the cost is evaluated in one step at most, at least 1.

    Source: Liu and Nocedal, *On the limited memory BFGS method for large scale optimization*, Mathematical Programming
    45, 1989; Nocedal and Wright, *Numerical optimization*, 2006, chapter 7.

    >>> LBFGS(memory=20)
    LBFGS(memory=20)
    """

    needs_evaluate = True
    minima: ClassVar[Mapping[str, float]] = {"known": 0, "memory": 0}

    def __init__(self, learning_rate: float | Schedule = 1.0, *, memory: int = 10, evaluations: int = 20) -> None:
        check_learning_rate(self, learning_rate)
        check_integer(self, "memory", memory, minimum=1)
        check_integer(self, "evaluations", evaluations, minimum=1)
        self.learning_rate = learning_rate
        self.memory = memory
        self.evaluations = evaluations

    def check_memory(self, flat: Mapping[str, Array], numbers: Mapping[str, Array]) -> None:
        pairs = sum(name.startswith("move ") for name in flat)
        for name, kept in numbers.items():
            if not (np.isfinite(kept).all() and (kept == np.floor(kept)).all() and (kept < _MOST).all()):
                raise ArgumentError(f"LBFGS: {name} must hold counts, got {kept.tolist()}")
        known = numbers.get("known")
        if known is not None and known.size and known[0] > pairs:
            raise ArgumentError(f"LBFGS: known says that there are {known[0]:g} pairs of moves and turns, of {pairs}")

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if ctx.steps_per_epoch is not None and ctx.steps_per_epoch > 1:
            raise ArgumentError(
                f"LBFGS: an epoch has {ctx.steps_per_epoch} steps, and what it remembers of one batch says nothing of "
                "another: give all of the data in one batch, fit(data, batch_size=…) with as many as there are rows"
            )
        start, slope = np.array(parameters), np.array(gradient)
        # how many pairs there are, where the next one goes, and whether `last` is where an earlier step began
        known, following, trusted = range(3)
        numbers, room = ctx.numbers("known", 3), ctx.numbers("memory", 1)
        if room[0] not in (0, self.memory):
            # they lie in a ring of another length
            numbers[known] = numbers[following] = 0
        room[0] = self.memory
        last, last_slope = ctx.state("last"), ctx.state("last slope")
        if numbers[trusted]:
            self._remember(start - last, slope - last_slope, numbers, ctx)
        direction = self._direction(slope, int(numbers[known]), int(numbers[following]), ctx)
        steepness = float(np.dot(direction, slope))
        np.copyto(last, start)
        np.copyto(last_slope, slope)
        numbers[trusted] = 1
        if not steepness < 0 or ctx.learning_rate == 0:
            return
        here, _ = ctx.evaluate()

        def along(distance: float) -> Point:
            np.multiply(direction, ctx.scratch.scalar("distance", distance), out=parameters)
            np.add(parameters, start, out=parameters)
            try:
                value, there = ctx.evaluate()
            except NonFiniteError:
                # too far: whatever lies nearer is better
                return Point(distance, math.inf, math.inf)
            return Point(distance, value, float(np.dot(there, direction)))

        first = 1.0 if numbers[known] else min(1.0, 1 / float(np.abs(slope).sum()))
        rounding = 4 * float(np.finfo(parameters.dtype).eps) * abs(here)
        found = wolfe_step(
            along,
            Point(0.0, here, steepness),
            first * ctx.learning_rate,
            evaluations=self.evaluations,
            rounding=rounding,
        )
        np.multiply(direction, ctx.scratch.scalar("distance", found.distance), out=parameters)
        np.add(parameters, start, out=parameters)
        if found.distance == 0:
            # what is remembered led nowhere: the next step begins anew, down the gradient
            numbers[known] = numbers[trusted] = 0

    def _remember(self, move: Array, turn: Array, numbers: Array, ctx: UpdateContext) -> None:
        """Keep a pair, in the place of the oldest, unless the cost bends the wrong way along it."""
        known, following = int(numbers[0]), int(numbers[1])
        if float(np.dot(move, turn)) <= _LEAST_CURVATURE * float(np.dot(turn, turn)):
            return
        np.copyto(ctx.state(f"move {following}"), move)
        np.copyto(ctx.state(f"turn {following}"), turn)
        numbers[0], numbers[1] = min(known + 1, self.memory), (following + 1) % self.memory

    def _direction(self, slope: Array, known: int, following: int, ctx: UpdateContext) -> Array:
        """−H g."""
        direction = np.negative(slope)
        pairs = []
        for back in range(1, min(known, self.memory) + 1):
            place = (following - back) % self.memory
            move, turn = ctx.state(f"move {place}"), ctx.state(f"turn {place}")
            curvature = float(np.dot(move, turn))
            # of what is trained now, other layers being frozen than then, nothing may have moved
            if curvature > 0:
                pairs.append((move, turn, curvature))
        shares = []
        for move, turn, curvature in pairs:
            share = float(np.dot(move, direction)) / curvature
            direction -= direction.dtype.type(share) * turn
            shares.append(share)
        if pairs:
            _, turn, curvature = pairs[0]
            direction *= direction.dtype.type(curvature / float(np.dot(turn, turn)))
        for (move, turn, curvature), share in zip(reversed(pairs), reversed(shares), strict=True):
            direction += direction.dtype.type(share - float(np.dot(turn, direction)) / curvature) * move
        return direction
