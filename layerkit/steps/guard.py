"""The guard: steps whose numbers are not finite are found, undone, and told with the layer's name."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import final

import numpy as np

from layerkit.errors import NonFiniteError
from layerkit.interfaces.dataset import Batch, Stream
from layerkit.interfaces.job import Job
from layerkit.models.structure import Structure
from layerkit.steps.differentiate import Differentiate
from layerkit.steps.non_finite import all_finite, diagnose, overflowed
from layerkit.steps.snapshot import snapshot_before
from layerkit.types import Array


@final
class Guard:
    """Runs an engine's steps, so that parameters are never those after a step with a number that is not finite.

    The cost must be finite at every step. A *strict* guard looks at every gradient too. A lax one looks at parameters
    and the optimizer's memory at the end of each run of steps, for an optimizer that keeps what is not finite leaves a
    trace there: then it goes back to how all was at the beginning, becomes strict, and runs the steps again, so that
    the error names the step and the layer. That costs nothing as long as all is well.

    It is strict from the beginning where steps cannot be repeated, on a stream, or where no trace is certain: with
    transforms, and with other optimizers.
    """

    def __init__(self, job: Job) -> None:
        structure: Structure = job.model.structure
        self._job = job
        self._parameters = structure.parameters[: structure.trainable]
        self.strict = not job.optimizer.keeps_non_finite or bool(job.transforms) or isinstance(job.source, Stream)

    def run(self, step: Callable[[], tuple[float, float] | None], steps: int) -> Array:
        """At most so many steps, each of which gives its sums of costs and weights, or None where the epoch ends.

        Returns what ``Run.run`` does.

        Raises:
            NonFiniteError: position and parameters are those before that step; where an update alone overflowed, from a
                finite gradient, they are those behind it, and the fit puts them back.
        """
        position = self._job.position
        before = None if self.strict else snapshot_before(self._job)
        results: list[tuple[float, float]] = []
        batch = position.batch
        # numbers that are not finite are looked for here, and told with the layer's name
        with np.errstate(all="ignore"):
            try:
                while len(results) < steps and (outcome := step()) is not None:
                    results.append(outcome)
                    batch = position.batch
                sound = all(all_finite(array) for array in self._kept())
            except NonFiniteError:
                if self.strict:
                    position.batch = batch
                    raise
                sound = False
        if sound:
            return np.array(results, np.float64).reshape(-1, 2)
        if before is None:
            raise overflowed(position)
        before.restore()
        self.strict = True
        return self.run(step, steps)

    def check(self, total: float, differentiate: Differentiate, batch: Batch) -> None:
        """Refuse what a batch gave.

        Raises:
            NonFiniteError: the sum of costs ``total`` is not finite, or, for a strict guard, the gradient is not.
        """
        if not (isfinite(total) and (not self.strict or all_finite(differentiate.gradient))):
            raise diagnose(differentiate, batch, self._job.position, self._rows_of_batch())

    def _rows_of_batch(self) -> Array | None:
        """The rows of the data that the batch at work holds; None for a stream."""
        job = self._job
        if isinstance(job.source, Stream):
            return None
        begin = (job.position.batch - 1) * job.rows_per_batch
        return job.order(job.position.epoch)[begin : begin + job.rows_per_batch]

    def _kept(self) -> list[Array]:
        """What a gradient that is not finite would have left a trace in; a strict guard has looked at each gradient."""
        return [self._parameters] if self.strict else [self._parameters, *self._job.contexts[0].arrays()]
