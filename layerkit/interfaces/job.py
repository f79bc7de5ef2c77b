"""What an engine is asked to do, and how far it has come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.random_streams import RandomStreams
from layerkit.types import Array


@final
@dataclass(slots=True)
class Progress:
    """The position of training: all counts from 0.

    ``step`` counts updates over the whole of training, ``batch`` the batches used up in this epoch. The sums are this
    epoch's so far; ``until`` is the epoch at which the fit under way ends (None: no fit is under way).
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    cost: float = 0.0
    weight: float = 0.0
    seconds: float = 0.0
    until: int | None = None

    def begin_epoch(self) -> None:
        """Go to the beginning of the epoch."""
        self.batch = 0
        self.cost = self.weight = self.seconds = 0.0

    def state(self) -> dict[str, Any]:
        """JSON-safe values."""
        # not by `asdict`, which copies each number: a snapshot asks at every piece of an epoch
        return {name: getattr(self, name) for name in self.__slots__}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave."""
        for name in self.state():
            setattr(self, name, state[name])


@final
@dataclass(frozen=True, slots=True)
class Job:
    """A model to be trained, on what, how, and from which position.

    ``model`` is a ``layerkit.Model``, whose ``structure`` holds the vectors; ``data`` is the ``Intake`` that was
    checked against it. ``contexts`` are the optimizer's (first) and the transforms', in order: they hold what is kept
    from step to step. Each step takes ``accumulate`` batches of ``batch_size`` rows. ``stream_steps`` is where an epoch
    of a stream ends, if not with the stream; ``snapshot`` the trainer's ``Snapshot``, taken before each ``Run.run``.
    """

    model: Any
    cost: Cost
    optimizer: Optimizer
    transforms: tuple[Transform, ...]
    contexts: tuple[UpdateContext, ...]
    data: Any
    streams: RandomStreams
    position: Progress
    batch_size: int
    accumulate: int
    shuffle: bool
    drop_last: bool
    stream_steps: int | None = None
    snapshot: Any = None

    @property
    def source(self) -> RandomAccess | Stream:
        """Where the examples come from."""
        source: RandomAccess | Stream = self.data.source
        return source

    def lay_out_memory(self) -> None:
        """Let what the updates remember follow the model's vectors, which freezing lays out anew."""
        structure = self.model.structure
        slices = structure.slices()
        for context in self.contexts:
            context.lay_out(slices, structure.dtype)
            context.steps_per_epoch = self.steps_per_epoch

    @property
    def batches_per_epoch(self) -> int | None:
        """How many batches an epoch has; None for a stream of unknown length."""
        source = self.source
        if isinstance(source, Stream):
            return None if self.stream_steps is None else self.stream_steps * self.accumulate
        rows = len(source)
        return rows // self.batch_size if self.drop_last else -(-rows // self.batch_size)

    @property
    def rows_per_batch(self) -> int:
        """How many rows the largest batch has: ``batch_size``, or all that there are."""
        source = self.source
        return self.batch_size if isinstance(source, Stream) else min(self.batch_size, len(source))

    @property
    def steps_per_epoch(self) -> int | None:
        """How many updates an epoch has; None for a stream of unknown length."""
        batches = self.batches_per_epoch
        return None if batches is None else -(-batches // self.accumulate)

    def order(self, epoch: int) -> Array:
        """The rows in the order of this epoch: the same for every engine, and for a run that is resumed."""
        source = self.source
        assert isinstance(source, RandomAccess)
        rows = len(source)
        if not self.shuffle:
            return np.arange(rows)
        rng = self.streams.fresh("shuffle", epoch)
        if source.sampling is not None:
            return rng.choice(rows, rows, p=source.sampling / source.sampling.sum())
        return rng.permutation(rows)

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step, the schedule applied.

        Raises:
            ArgumentError: the optimizer has one now that it cannot have.
        """
        rate: Any = self.optimizer.learning_rate
        if isinstance(rate, Schedule):
            rate = rate.rate(step, self.contexts[0])
        if not (type(rate) is float and 0.0 <= rate < math.inf):
            # a callback may have given another than the constructor takes, and a schedule may have a fault
            check_number(self.optimizer, f"learning_rate, at step {step},", rate, minimum=0)
        return float(rate)
