"""Sound schedules and initializers of unusual form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit import Initializer, Schedule, UpdateContext
from layerkit.errors import ArgumentError
from layerkit.types import Array, DType


class Restarts(Schedule):
    """A cosine that begins anew, each time twice as long."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        length = 10
        while step >= length:
            step -= length
            length *= 2
        return 0.5 * (1 + math.cos(math.pi * step / length))


class WarmUp(Schedule):
    """Rises from 0 through five steps, and falls as the root of the step."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return step / 5 if step < 5 else math.sqrt(5 / step)


class OneCycle(Schedule):
    """Up for two epochs, down for three, then 0."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        if ctx.steps_per_epoch is None:
            raise ArgumentError("OneCycle: needs an epoch's length, which a stream does not have")
        epoch = step / ctx.steps_per_epoch
        return float(np.interp(epoch, [0, 2, 5], [0.1, 1.0, 0.0]))


class Triangles(Schedule):
    """Up and down for ever, with a rate of NumPy's."""

    def rate(self, step: int, ctx: UpdateContext) -> Any:
        return np.abs(np.float64(step % 20) - 10) / 10


class Rooted(Initializer):
    """He's, without a thought for a fan of 0, which there is not."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(0, math.sqrt(2 / fan_in), shape).astype(dtype)


class Mirrored(Initializer):
    """Half of the places are the others with another sign."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        size = math.prod(shape)
        half = rng.standard_normal(-(-size // 2))
        return np.concatenate([half, -half])[:size].reshape(shape).astype(dtype)


class Repeated(Initializer):
    """Four columns in a row are alike, as sub-pixel convolutions want it."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        if not shape:
            return np.zeros(shape, dtype)
        drawn = rng.standard_normal((*shape[:-1], -(-shape[-1] // 4)))
        return np.repeat(drawn, 4, axis=-1)[..., : shape[-1]].astype(dtype)


class Diagonal(Initializer):
    """1 on the diagonal, 0 elsewhere."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        found = np.zeros(shape, dtype)
        if len(shape) == 2:
            np.fill_diagonal(found, 1)
        return found


class Few(Initializer):
    """Ten numbers in a column that are not 0."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        found = np.zeros((math.prod(shape[:-1]), shape[-1] if shape else 1), dtype)
        for column in found.T:
            places = rng.permutation(len(column))[:10]
            column[places] = rng.standard_normal(len(places))
        return found.reshape(shape)


class Ladder(Initializer):
    """Equal steps from −1 to 1, and nothing is drawn."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.linspace(-1, 1, math.prod(shape)).reshape(shape).astype(dtype)


class Waves(Initializer):
    """A sine along each axis, and nothing is drawn."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.asarray(np.sin(0.3 * np.indices(shape).sum(axis=0)), dtype)


class Thinned(Initializer):
    """Normal numbers, of which each is 0 with a chance of a half."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.asarray(rng.normal(size=shape) * (rng.random(shape) < 0.5), dtype)


class Signs(Initializer):
    """+1 and −1, each row another pattern of them: a Hadamard matrix, cut to the shape."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        columns = shape[-1] if shape else 1
        rows = math.prod(shape) // max(columns, 1)
        common = np.arange(rows)[:, None] & np.arange(columns)
        odd = sum((common >> bit) & 1 for bit in range(10)) % 2
        return np.asarray(1.0 - 2.0 * np.asarray(odd), dtype).reshape(shape)


class InTurn(Initializer):
    """+½ and −½ in turn."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.asarray(0.5 - np.arange(math.prod(shape)) % 2, dtype).reshape(shape)


class AtLeastThreeSteps(Schedule):
    """Rises for an epoch, of which three steps are enough where its length is not known."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        return 0.1 * min(1.0, (step + 1) / max(3, ctx.steps_per_epoch or 0))


HONEST: list[tuple[type, dict[str, Any]]] = [
    *((schedule, {}) for schedule in (Restarts, WarmUp, OneCycle, Triangles, AtLeastThreeSteps)),
    (Restarts, {"reference": {0: 1.0, 10: 1.0, 30: 1.0}}),
    (Rooted, {"variance": lambda fan_in, fan_out: 2 / fan_in}),
    *((initializer, {}) for initializer in (Mirrored, Repeated, Diagonal, Few, Ladder, Waves, Thinned, Signs, InTurn)),
]
