"""Whether data lasts for the epochs that are asked for: known before the first step."""

from __future__ import annotations

import warnings

from layerkit.data.generated import Generated
from layerkit.errors import ArgumentError, DataError, LayerkitWarning
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.job import Job
from layerkit.steps.held_stream import HeldStream
from layerkit.steps.intake import Intake


def check_epochs(job: Job, validation: Intake | None) -> None:
    """Refuse what would fail, or never end, later.

    Raises:
        DataError: an epoch has no batch, or a generator that serves once is to be gone through several times.
        ArgumentError: ``stream_steps`` is given for data that has its own length.
    """
    source, position = job.source, job.position
    assert position.until is not None
    several = position.until - position.epoch > 1
    if isinstance(source, RandomAccess):
        if job.drop_last and len(source) < job.batch_size:
            raise DataError(
                f"drop_last leaves nothing: there are {len(source)} rows, fewer than batch_size {job.batch_size}"
            )
        if job.stream_steps is not None:
            raise ArgumentError(
                f"Trainer.fit: steps_per_epoch is for streams; an epoch of these {len(source)} rows has "
                f"{job.steps_per_epoch} steps: leave it out"
            )
    elif several and isinstance(source, HeldStream) and job.stream_steps is None:
        raise DataError(
            "the generator of batches is used up after one epoch: give a function that makes a new one, or a Stream; "
            "or say by steps_per_epoch how much of it makes an epoch"
        )
    if (
        several
        and validation is not None
        and isinstance(validation.source, Generated)
        and validation.source.serves_once
    ):
        raise DataError(
            "the generator of validation data is used up after one epoch: give a function that makes a new one, or "
            "arrays"
        )


def warn_of_single_rows(job: Job) -> None:
    """A batch of one row tells nothing of how rows differ: warn where a layer learns that from batches."""
    if isinstance(job.source, Stream):
        return
    rows = len(job.source)
    last = rows % job.batch_size
    if job.rows_per_batch > 1 and (last != 1 or job.drop_last or job.accumulate > 1):
        return
    for node in job.model.structure.node.walk():
        if node.layer.coupled_rows and not node.layer.frozen and len(node.output_shape) == 1:
            which = "every batch has" if job.rows_per_batch == 1 else "the last batch of an epoch has"
            warnings.warn(
                f"{node.title}: {which} one row, whose variance is 0, and so its running variance falls: give another "
                f"batch_size than {job.batch_size} for {rows} rows, or drop_last=True",
                LayerkitWarning,
                stacklevel=3,
            )
            return
