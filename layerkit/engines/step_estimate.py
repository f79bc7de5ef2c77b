"""How long a step takes in NumPy, from shapes alone: for the choice among engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from layerkit.interfaces.job import Job
from layerkit.steps.threads import multiplications

_EACH_STEP, _EACH_LAYER = 5e-6, 10e-6
_EACH_MULTIPLICATION = 4.5e-11
_EACH_PARAMETER = 3e-10
"""Seconds, on a processor of 2020 or so: docs/speed.md has what was measured."""


@final
@dataclass(frozen=True, slots=True)
class StepEstimate:
    """The seconds of a step of the ``numpy`` engine: calls of Python and NumPy, and arithmetic."""

    overhead: float
    arithmetic: float

    @property
    def seconds(self) -> float:
        """Both."""
        return self.overhead + self.arithmetic


def estimated_step(job: Job) -> StepEstimate:
    """What a step of ``job`` takes, about: from shapes alone, so that the same job gets the same estimate."""
    structure = job.model.structure
    layers = sum(bool(node.parameters) for node in structure.node.walk())
    batches = job.accumulate
    return StepEstimate(
        overhead=_EACH_STEP + batches * layers * _EACH_LAYER,
        arithmetic=batches * multiplications(structure.node, job.rows_per_batch) * _EACH_MULTIPLICATION
        + structure.trainable * _EACH_PARAMETER,
    )


def steps_of(job: Job) -> int | None:
    """How many steps a run has, from its first epoch to that at which the fit ends; None where nobody knows."""
    steps, until = job.steps_per_epoch, job.position.until
    return None if steps is None or until is None else steps * until
