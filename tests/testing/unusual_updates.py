"""Sound optimizers and transforms of unusual form: with periods, searches, draws, and memory for each parameter."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Optimizer, Schedule, Transform, UpdateContext
from layerkit.arguments import check_integer, check_number
from layerkit.errors import ArgumentError
from layerkit.types import Array
from tests.testing.gallery.updates_late import ClipsToNothing


class _Rated(Optimizer):
    def __init__(self, learning_rate: float | Schedule = 0.1) -> None:
        if not isinstance(learning_rate, Schedule):
            check_number(self, "learning_rate", learning_rate, minimum=0)
        self.learning_rate = learning_rate


class LineSearch(_Rated):
    """Halves its step until the cost falls by what the slope promises; for all of the data in one batch."""

    needs_evaluate = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if ctx.steps_per_epoch not in (None, 1):
            raise ArgumentError(f"LineSearch: give all of the data in one batch, not {ctx.steps_per_epoch} of them")
        cost, same = ctx.evaluate()
        np.testing.assert_allclose(same, gradient, rtol=1e-3, atol=1e-6)
        start, rate, slope = parameters.copy(), float(ctx.learning_rate), float(gradient @ gradient)
        for _ in range(30):
            parameters[...] = start - rate * gradient
            if ctx.evaluate()[0] <= cost - 1e-4 * rate * slope:
                return
            rate /= 2
        parameters[...] = start


class EverySecondStep(_Rated):
    """Adds two gradients up, and moves by their mean at every second step."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        total = ctx.state("total")
        total += gradient
        if ctx.step % 2:
            parameters -= ctx.learning_rate / 2 * total
            total[...] = 0


class LooksAhead(_Rated):
    """Gradient descent that goes half of the way back every five steps."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        slow, begun = ctx.state("slow"), ctx.state("begun")
        np.copyto(slow, parameters, where=begun == 0)
        begun.fill(1)
        parameters -= ctx.learning_rate * gradient
        if ctx.step % 5 == 4:
            parameters[...] = 0.5 * slow + 0.5 * parameters
            slow[...] = parameters


class Resilient(_Rated):
    """Rprop: a step of its own for each place, longer as long as the sign stays, shorter when it turns."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        lengths, last = ctx.state("lengths", 1.0), ctx.state("last")
        turned = np.sign(gradient * last)
        lengths *= np.where(turned > 0, 1.2, np.where(turned < 0, 0.5, 1.0)).astype(lengths.dtype)
        np.clip(lengths, 1e-3, 5, out=lengths)
        last[...] = np.where(turned < 0, 0, gradient)
        parameters -= ctx.learning_rate * lengths * np.sign(last)


class OneByOne(_Rated):
    """Coordinate descent: moves one place a step, each in its turn."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if len(parameters):
            place = ctx.step % len(parameters)
            parameters[place] -= ctx.learning_rate * gradient[place]


class Steepest(_Rated):
    """Moves the fifth of the places whose gradient is largest."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count = -(-len(gradient) // 5)
        places = np.argsort(-np.abs(gradient), kind="stable")[:count]
        parameters[places] -= ctx.learning_rate * gradient[places]


class HalfAtRandom(_Rated):
    """Moves about half of the places, others at every step."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= ctx.learning_rate * gradient * (ctx.rng.random(len(gradient)) < 0.5)


class Trusting(_Rated):
    """LARS: each parameter's step is as long as it is itself, or as 1 where it is 0, times the rate."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            values, slope = parameters[each.start : each.stop], gradient[each.start : each.stop]
            length = float(np.linalg.norm(slope))
            if length:
                values -= ctx.learning_rate * (float(np.linalg.norm(values)) or 1.0) / length * slope


class Signs(_Rated):
    """Lion: the sign of a momentum."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean")
        parameters -= ctx.learning_rate * np.sign(0.9 * mean + 0.1 * gradient)
        mean *= 0.99
        mean += 0.01 * gradient


class Secants(_Rated):
    """L-BFGS with the last two pairs, each kept as a vector."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count = ctx.numbers("count", 1)
        last, slope = ctx.state("last"), ctx.state("slope")
        pairs = [(ctx.state(f"move {place}"), ctx.state(f"change {place}")) for place in range(2)]
        if count[0]:
            move, change = pairs[int(count[0]) % 2]
            if (gradient - slope) @ (parameters - last) > 1e-10:
                move[...], change[...] = parameters - last, gradient - slope
        count += 1
        last[...], slope[...] = parameters, gradient
        direction, factors = gradient.copy(), []
        known = [pair for pair in pairs if pair[0] @ pair[1] > 0]
        for move, change in known:
            factors.append((move @ direction) / (move @ change))
            direction -= factors[-1] * change
        for (move, change), factor in reversed(list(zip(known, factors, strict=True))):
            direction += move * (factor - (change @ direction) / (move @ change))
        parameters -= ctx.learning_rate * direction


class Outer(_Rated):
    """Moves along the gradient as a matrix of all its products damps it: quadratic in memory."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        damped = np.outer(gradient, gradient) / (1 + gradient @ gradient) + np.eye(len(gradient), dtype=gradient.dtype)
        parameters -= ctx.learning_rate * np.linalg.solve(damped, gradient)


class GoesBack(Transform):
    """Lookahead: every ``every`` steps, half of the way back to where the parameters were."""

    def __init__(self, every: int = 5) -> None:
        check_integer(self, "every", every, minimum=1)
        self.every = every

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        slow, begun = ctx.state("slow"), ctx.state("begun")
        np.copyto(slow, parameters, where=begun == 0)
        begun.fill(1)
        if (ctx.step + 1) % self.every == 0:
            parameters[...] = slow + 0.5 * (parameters - slow)
            slow[...] = parameters


class WarmAverage(Transform):
    """Averages gradients from the third step on."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean")
        mean *= 0.5
        mean += 0.5 * gradient
        if ctx.step >= 3:
            gradient[...] = mean


class LargestNorm(Transform):
    """Keeps the length of each parameter below a limit, once in twelve steps."""

    def __init__(self, limit: float = 1.5) -> None:
        check_number(self, "limit", limit, above=0)
        self.limit = limit

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices if ctx.step % 12 == 11 else ():
            values = parameters[each.start : each.stop]
            values *= min(1.0, self.limit / max(float(np.linalg.norm(values)), 1e-12))


class Noise(Transform):
    """Adds noise to the gradient."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient += 0.01 * ctx.rng.normal(size=len(gradient)).astype(gradient.dtype)


class Centred(Transform):
    """Takes the mean off the gradient of each matrix, column by column."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) > 1:
                matrix = gradient[each.start : each.stop].reshape(-1, each.shape[-1])
                matrix -= matrix.mean(axis=0)


class KeepsTheLargest(Transform):
    """Sets all but the largest tenth of the gradient to 0."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        size = np.abs(gradient)
        if len(size):
            gradient[size < np.quantile(size, 0.9)] = 0


class PadsARow(Transform):
    """The first row of each matrix, which stands for padding, learns nothing."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            if len(each.shape) == 2:
                gradient[each.start : each.start + each.shape[1]] = 0


class Positive(Transform):
    """Keeps the parameters at 0 or above."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        np.maximum(parameters, 0, out=parameters)


class Prunes(Transform):
    """Sets the smallest third of each parameter to 0, from the sixth step on."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices if ctx.step >= 5 else ():
            values = parameters[each.start : each.stop]
            values[np.abs(values) < np.quantile(np.abs(values), 0.3)] = 0


class KeepsZeros(Transform):
    """What is exactly 0 stays so, since it was pruned."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        pruned = ctx.state("pruned")
        if ctx.step == 0:
            pruned[...] = False
        parameters[pruned == 1] = 0
        pruned[parameters == 0] = 1

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        gradient[parameters == 0] = 0


class SlowHead(Transform):
    """The last parameter learns at a tenth of the rate."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices[-1:]:
            gradient[each.start : each.stop] *= 0.1


class CountsPlaces(_Rated):
    """Adam without the mean, corrected by how often each place was moved; the rate alone says how far."""

    bounded_steps = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        square, count = ctx.state("square"), ctx.state("count")
        count += 1
        square += 0.01 * (gradient**2 - square)
        parameters -= ctx.learning_rate * gradient / (np.sqrt(square / (1 - 0.99**count)) + 1e-8)


class WholeLength(_Rated):
    """Divides the gradient by its length, which it takes of all blocks together."""

    bounded_steps = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        blocks = ctx.blocks(parameters, gradient)
        length = float(np.sqrt(sum(float(slope @ slope) for _, slope in blocks)))
        for block, slope in blocks:
            block[...] -= ctx.learning_rate / max(length, 1e-12) * slope


class Capped(_Rated):
    """Moves by the gradient, but no place further than a hundred times the rate; needs epochs to be of known length."""

    bounded_steps = True

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if ctx.steps_per_epoch is None:
            raise ArgumentError("Capped: needs data of a known length")
        parameters -= ctx.learning_rate * np.clip(gradient, -100, 100)


class HoldsToAShare(ClipsToNothing):
    """Adaptive clipping in which a parameter counts as at least a thousandth long."""

    least = 1e-3


class Decays(Transform):
    """Makes the parameters a thousandth smaller after each update, whatever the rate."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        parameters *= 0.999


class CutsTheEnormous(Transform):
    """Cuts a gradient at a million, which is hardly ever reached."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        np.clip(gradient, -1e6, 1e6, out=gradient)


HONEST: list[tuple[type, dict[str, Any]]] = [
    *((optimizer, {}) for optimizer in (LineSearch, EverySecondStep, LooksAhead, Resilient, OneByOne, Steepest)),
    *((optimizer, {}) for optimizer in (HalfAtRandom, Trusting, Signs, Secants, Outer)),
    *((optimizer, {}) for optimizer in (CountsPlaces, WholeLength, Capped)),
    (HoldsToAShare, {}),
    (Signs, {"learning_rate": 0.25}),
    (Trusting, {"learning_rate": 0.01}),
    *((transform, {}) for transform in (GoesBack, WarmAverage, LargestNorm, Noise, Centred, KeepsTheLargest, PadsARow)),
    *((transform, {}) for transform in (Positive, Prunes, KeepsZeros, SlowHead, Decays, CutsTheEnormous)),
    (GoesBack, {"arguments": {"every": 10}}),
]
