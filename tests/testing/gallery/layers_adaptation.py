"""Layers that learn from data before the first step, and do it wrong."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from layerkit import Context
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Offset


class KeepsWhatItLearns(Offset):
    """What is learned is kept on self."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        super().adapt(batches, ctx)
        self.seen = True


class ProposesNothing(Offset):
    """The middle is computed and forgotten."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        self.learned(batches)


class WrongShape(Offset):
    """The sums keep an axis of length 1."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned(batches)[np.newaxis])


class NoDeviation(Offset):
    """A logarithm of what may be negative."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        with np.errstate(invalid="ignore"):
            ctx.update_state("middle", np.log(-np.abs(self.learned(batches)) - 1))


class LastBatch(Offset):
    """Only the last batch counts."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned([list(batches)[-1]]))


class WritesIntoBatches(Offset):
    """The batch is centred in place."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        for x, _ in batches:
            x[...] -= x.mean(axis=0)
        super().adapt(batches, ctx)


class WithoutWeights(Offset):
    """Every example counts the same."""

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        super().adapt([(x, np.ones(len(x))) for x, _ in batches], ctx)


BUGS = [
    Bug(KeepsWhatItLearns, "adapts-to-data", "seen"),
    Bug(ProposesNothing, "adapts-to-data", "proposes nothing"),
    Bug(WrongShape, "adapts-to-data", "of shape (1, 4) for a state of shape (4,)"),
    Bug(NoDeviation, "adapts-to-data", "not finite"),
    Bug(LastBatch, "adapts-to-data", "batches of 5 rows"),
    Bug(WritesIntoBatches, "adapts-to-data", "read-only"),
    Bug(WithoutWeights, "adapts-by-weights", "weights that come with each batch"),
]
