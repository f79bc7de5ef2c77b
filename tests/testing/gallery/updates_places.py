"""Optimizers and transforms that leave some places as they are, follow no change of layout, or compute coarsely."""

from __future__ import annotations

import numpy as np

from layerkit import Transform, UpdateContext
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.optimizers import Halve
from tests.testing.gallery.sound import Momentum


class ByPairs(Momentum):
    """Goes through the vector by pairs, and leaves the last place of an odd length out."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        even = len(parameters) // 2 * 2
        pairs, slopes = parameters[:even].reshape(-1, 2), gradient[:even].reshape(-1, 2)
        pairs -= ctx.learning_rate * slopes


class WholeBlocks(Momentum):
    """Goes through a large vector in blocks of 4096, and leaves what is no whole block out."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        block = min(4096, max(len(parameters), 1))
        for start in range(0, len(parameters) - block + 1, block):
            place = slice(start, start + block)
            parameters[place] -= ctx.learning_rate * gradient[place]


class FirstBlock(Momentum):
    """Takes the first of the blocks for all of them."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        if not len(parameters):
            return
        values, slope = ctx.blocks(parameters, gradient)[0]
        values -= ctx.learning_rate * slope


class WithoutTheLastSlice(Momentum):
    """Forgets the last parameter."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices[:-1]:
            parameters[each.start : each.stop] -= ctx.learning_rate * gradient[each.start : each.stop]


class WithoutTheSlicesEnds(Momentum):
    """Takes the end of a slice for its last place."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            parameters[each.start : each.stop - 1] -= ctx.learning_rate * gradient[each.start : each.stop - 1]


class ByFirstAxis(Momentum):
    """Moves as many places as the first axis of a parameter times its last says: kernels have more axes."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            stop = each.start + each.shape[0] * (each.shape[-1] if len(each.shape) > 1 else 1)
            parameters[each.start : stop] -= ctx.learning_rate * gradient[each.start : stop]


class VelocityInNumbers(Momentum):
    """Keeps the velocity among the numbers, which do not follow when layers are frozen."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.numbers("velocity", len(parameters))
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


class RatesInNumbers(Momentum):
    """Keeps a number for each slice, in their order."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        largest = ctx.numbers("largest", len(ctx.slices))
        for place, each in enumerate(ctx.slices):
            slope = gradient[each.start : each.stop]
            largest[place] = max(largest[place], np.abs(slope).max())
            parameters[each.start : each.stop] -= ctx.learning_rate * slope / largest[place]


class CountsInNumbers(Momentum):
    """Keeps as many numbers as it once had places, whatever there are now."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        size = ctx.numbers("size", 1)
        size[0] = size[0] or len(parameters)
        velocity = ctx.numbers("velocity", int(size[0]))[: len(parameters)]
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


class NarrowVelocity(Momentum):
    """Adds up the velocity in float32."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.state("velocity")
        velocity[...] = np.float32(0.9) * velocity.astype(np.float32) + gradient.astype(np.float32)
        parameters -= ctx.learning_rate * velocity


class NarrowParameters(Momentum):
    """Computes the new parameters in float32."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters[...] = parameters.astype(np.float32) - np.float32(ctx.learning_rate) * gradient.astype(np.float32)


class NarrowRate(Momentum):
    """Makes the rate a float32 first."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= np.float32(ctx.learning_rate) * gradient


class LatePlan(Momentum):
    """Ignores the rate from the fifth step on."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        parameters -= (ctx.learning_rate if ctx.step < 4 else 0.01) * gradient


class Decay(Transform):
    """θ ← 0.99 θ."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        for each in ctx.slices:
            self.shrink(parameters[each.start : each.stop])

    def shrink(self, values: Array) -> None:
        values *= 0.99


class DecaysAllButTheLast(Decay):
    """Leaves the last place of each parameter out."""

    def shrink(self, values: Array) -> None:
        values[:-1] *= 0.99


class DecaysInBlocks(Decay):
    """Leaves what is no whole block out."""

    def shrink(self, values: Array) -> None:
        values[: len(values) // 1024 * 1024 or None] *= 0.99


class Average(Transform):
    """g ← m, where m ← 0.9 m + 0.1 g."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = self.memory(gradient, ctx)
        mean *= 0.9
        mean += 0.1 * gradient
        gradient[...] = mean

    def memory(self, gradient: Array, ctx: UpdateContext) -> Array:
        return ctx.state("mean")


class AverageInNumbers(Average):
    """Keeps the mean among the numbers."""

    def memory(self, gradient: Array, ctx: UpdateContext) -> Array:
        return ctx.numbers("mean", len(gradient))


class AverageInScratch(Average):
    """Keeps the mean in memory that holds anything."""

    def memory(self, gradient: Array, ctx: UpdateContext) -> Array:
        mean = ctx.scratch("mean", gradient.shape)
        if ctx.step == 0:
            mean[...] = 0
        return mean


class NarrowAverage(Average):
    """Computes the mean in float32."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        mean = ctx.state("mean")
        mean[...] = np.float32(0.9) * mean.astype(np.float32) + np.float32(0.1) * gradient.astype(np.float32)
        gradient[...] = mean


class CountsFromTheCut(Halve):
    """Halves every fifth gradient, and counts in a float of the class's own."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        count = ctx.scratch("count", (1,))
        count[0] = 0 if ctx.step == 0 else count[0] + 1
        if count[0] % 5 == 0:
            gradient *= self.factor


BUGS = [
    Bug(ByPairs, "every-place-moves", "odd length"),
    Bug(WholeBlocks, "every-place-moves", "blocks"),
    Bug(FirstBlock, "every-place-moves", "blocks"),
    Bug(WithoutTheLastSlice, "every-place-moves", "1.weight"),
    Bug(WithoutTheSlicesEnds, "every-place-moves", "stop"),
    Bug(ByFirstAxis, "every-place-moves", "1.weight"),
    Bug(VelocityInNumbers, "layers-frozen", "ctx.state"),
    Bug(RatesInNumbers, "layers-frozen", "ctx.state"),
    Bug(CountsInNumbers, "layers-frozen", "ctx.state"),
    Bug(NarrowVelocity, "full-precision", "float32"),
    Bug(NarrowParameters, "full-precision", "float32"),
    Bug(NarrowRate, "full-precision", "float32"),
    Bug(LatePlan, "zero-rate-moves-nothing", "does not scale"),
    Bug(DecaysAllButTheLast, "every-place-changes", "stop"),
    Bug(DecaysInBlocks, "every-place-changes", "blocks"),
    Bug(AverageInNumbers, "layers-frozen", "ctx.state"),
    Bug(AverageInScratch, "scratch-reused", "ctx.state"),
    Bug(NarrowAverage, "full-precision", "float32"),
    Bug(CountsFromTheCut, "scratch-reused", "ctx.state"),
]
