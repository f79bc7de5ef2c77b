"""Differentiation as a recorded list of NumPy operations."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.job import Job
from layerkit.models.model import Model
from layerkit.models.tape import Tape
from layerkit.steps.differentiate import Check, Differentiate
from layerkit.steps.reader import Reader
from layerkit.types import Array

_COMPARED_STEPS = 3


@final
class RecordedDifferentiate:
    """Differentiates the mean cost as ``plain`` does, and repeats a recording once it gave the same bits a few times.

    What is recorded are full batches, where they always lie in the same arrays. Nothing is left of Python then but the
    calls of NumPy, the same ones in the same order.
    """

    def __init__(self, plain: Differentiate, reader: Reader, *, check: Check) -> None:
        self._plain = plain
        self._check = check
        self._reader = reader
        self._to_compare = _COMPARED_STEPS
        self._candidate: Recording | None = None
        self._used: Recording | None = None

    def __call__(self, batch: Batch) -> tuple[float, float]:
        used = self._used
        if used is not None and batch is used.batch:
            total = used.run()
            self._check(total, self._plain, batch)
            return total, used.weight
        outcome = self._plain(batch)
        if self._to_compare and batch is self._reader.full_batch:
            self._compare(batch)
        return outcome

    def _compare(self, batch: Batch) -> None:
        """Record what was just computed, or repeat the recording of it: it must give the same bits."""
        plain = self._plain
        # the recording writes into the same vector, and what is in it is still to be used
        gradient = plain.gradient.copy()
        if self._candidate is None:
            self._candidate = Recording(plain, batch)
        recording = self._candidate
        same = recording.valid
        if same:
            recording.run()
            same = np.array_equal(recording.costs, plain.costs) and np.array_equal(plain.gradient, gradient)
        np.copyto(plain.gradient, gradient)
        self._to_compare = self._to_compare - 1 if same else 0
        if same and not self._to_compare:
            self._used = recording
        elif not same:
            self._candidate = None


@final
class Recording:
    """The operations that differentiate one batch, to be repeated for each batch that lies in its place.

    ``reason`` says why they cannot be; None where they can.
    """

    def __init__(self, plain: Differentiate, batch: Batch) -> None:
        model: Model = plain.model
        tape = Tape()
        self.batch = batch
        self.costs: Array
        self._operations = tape.operations
        assert batch.y is not None
        self.weight = float(len(batch.y))
        self._ones = np.ones(len(batch.y), model.dtype)
        recorded = Differentiate(model, plain.cost, tape, wrap=tape.wrap)
        try:
            x = tuple(map(tape.wrap, batch.x)) if isinstance(batch.x, tuple) else tape.wrap(batch.x)
            recorded(Batch(x, tape.wrap(batch.y)))
            self.costs = recorded.costs
        except Exception as error:
            # the passes themselves have just succeeded: this takes arrays of NumPy's own only
            tape.refuse(f"{type(error).__name__}: {error}")
        tape.require_no_proposals(recorded.proposals)
        self.reason = tape.reason

    @property
    def valid(self) -> bool:
        """Whether the operations can be repeated."""
        return self.reason is None

    def run(self) -> float:
        """Fill the model's gradient for the batch that now lies in the batch's arrays; returns the sum of costs."""
        for operation in self._operations:
            operation()
        return float(self.costs.dot(self._ones))


def recordable(job: Job) -> bool:
    """Whether every part of the model, and the cost, declares that its passes may be recorded."""
    return job.cost.recordable and all(node.layer.recordable for node in job.model.structure.node.walk())
