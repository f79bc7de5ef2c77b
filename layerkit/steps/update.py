"""The second half of a step: from a gradient to new parameters."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.job import Job
from layerkit.models.passes import Proposals, commit
from layerkit.models.structure import Structure
from layerkit.types import Array

_DROPPED_EVERY = 32
"""So many steps: seldom enough to cost little, often enough that few numbers are subnormal at any time."""


@final
class Update:
    """Moves a job's parameters by a gradient: the transforms, the optimizer at the schedule's rate, the transforms.

    Called with the gradient of the mean cost, as long as what is trained, which transforms change in place, and with
    each ``Differentiate.proposals`` of the step: they are committed together, those for one state averaged by their
    weights in the order in which they are given, and cleared. Then the position counts one step more.

    After every 32nd step, counted over the whole of training, what the optimizer and the transforms keep (by
    ``ctx.state``) is 0 where it is smaller than the smallest normal number: 1.2e-38 in float32.

    Between a ``Differentiate`` and this stands whatever brings the gradients of batches, shards or workers together.
    For bits that do not depend on how many workers there are, add up a fixed number of shards in a fixed order.
    """

    def __init__(self, job: Job) -> None:
        structure: Structure = job.model.structure
        self._job = job
        self._parameters = structure.parameters[: structure.trainable]
        self._context = job.contexts[0]
        self._position = job.position
        self._transforms = list(zip(job.transforms, job.contexts[1:], strict=True))

    def __call__(self, gradient: Array, *proposals: Proposals) -> None:
        parameters, context = self._parameters, self._context
        step = context.step = self._position.step
        # looked up at every step, for a callback may have given another
        context.learning_rate = self._job.learning_rate(step)
        for transform, own in self._transforms:
            own.step = step
            own.learning_rate = context.learning_rate
            transform.before(parameters, gradient, own)
        self._job.optimizer.update(parameters, gradient, context)
        for transform, own in self._transforms:
            transform.after(parameters, own)
        if any(proposals):
            commit([proposal for each in proposals for proposal in each])
            for each in proposals:
                each.clear()
        if (step + 1) % _DROPPED_EVERY == 0:
            for own in self._job.contexts:
                own.drop_subnormals()
        self._position.step = step + 1
