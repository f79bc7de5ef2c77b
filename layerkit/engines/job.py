"""What an engine is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.engines.progress import Progress
from layerkit.engines.targets import Targets
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.models.model import Model
from layerkit.random_streams import RandomStreams
from layerkit.types import Array


@final
@dataclass(frozen=True, slots=True)
class Job:
    """A model to be trained, on what, how, and from which position.

    ``contexts`` are the optimizer's (first) and the transforms', in order: they hold what is kept from step to step.
    Each step takes ``accumulate`` batches of ``batch_size`` rows.
    """

    model: Model
    cost: Cost
    optimizer: Optimizer
    transforms: tuple[Transform, ...]
    contexts: tuple[UpdateContext, ...]
    source: RandomAccess | Stream
    targets: Targets
    streams: RandomStreams
    position: Progress
    batch_size: int
    accumulate: int
    shuffle: bool
    drop_last: bool

    @property
    def batches_per_epoch(self) -> int | None:
        """How many batches an epoch has; None for a stream."""
        if isinstance(self.source, Stream):
            return None
        rows = len(self.source)
        return rows // self.batch_size if self.drop_last else -(-rows // self.batch_size)

    @property
    def steps_per_epoch(self) -> int | None:
        """How many updates an epoch has; None for a stream."""
        batches = self.batches_per_epoch
        return None if batches is None else -(-batches // self.accumulate)

    def order(self, epoch: int) -> Array:
        """The rows in the order of this epoch: the same for every engine, and for a run that is resumed."""
        assert isinstance(self.source, RandomAccess)
        rows = len(self.source)
        if not self.shuffle:
            return np.arange(rows)
        return self.streams.fresh("shuffle", epoch).permutation(rows)

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step, the schedule applied."""
        rate = self.optimizer.learning_rate
        return rate.rate(step, self.contexts[0]) if isinstance(rate, Schedule) else float(rate)
