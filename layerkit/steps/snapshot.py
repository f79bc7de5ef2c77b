"""A copy of all that steps change, to go back to."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit.interfaces.job import Job
from layerkit.models.structure import Structure
from layerkit.types import Array


@final
class Snapshot:
    """A copy of all that a step changes: parameters, states, what updates remember, generators and the position.

    The memory of the copy is used again by each ``take``. A ``restore`` that was cut short may be repeated.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._copies: dict[int, tuple[Array, Array]] = {}
        self._streams: dict[str, Any]
        self._position: dict[str, Any] = {}

    def take(self) -> None:
        """Copy everything as it is now."""
        live = self._live()
        if self._copies.keys() != live.keys():
            self._copies = {key: (array, np.empty_like(array)) for key, array in live.items()}
        for array, copy in self._copies.values():
            np.copyto(copy, array)
        self._streams = self._job.streams.state()
        self._position = self._job.position.state()

    def restore(self) -> None:
        """Put everything back as it was at the last ``take``."""
        # what an update has begun to remember since then is in no copy: it goes back to what it was made of
        for context in self._job.contexts:
            context.reset()
        for array, copy in self._copies.values():
            np.copyto(array, copy)
        self._job.streams.restore(self._streams)
        self._job.position.restore(self._position)

    @property
    def is_current(self) -> bool:
        """Whether no step was made since the last ``take``."""
        return self._position == self._job.position.state()

    def _live(self) -> dict[int, Array]:
        structure: Structure = self._job.model.structure
        arrays = [structure.parameters, structure.states]
        for context in self._job.contexts:
            arrays += context.arrays()
        return {id(array): array for array in arrays}


def snapshot_before(job: Job) -> Snapshot:
    """For engines: the snapshot of before the steps that are to be run, the trainer's if it has just been taken."""
    snapshot = job.snapshot
    if not (isinstance(snapshot, Snapshot) and snapshot.is_current):
        snapshot = Snapshot(job)
        snapshot.take()
    return snapshot
