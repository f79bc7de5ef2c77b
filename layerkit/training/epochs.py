"""Whether data lasts for the epochs that are asked for: known before the first step."""

from __future__ import annotations

from layerkit.data.generated import Generated
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.job import Job
from layerkit.steps.held_stream import HeldStream, require_readable_again
from layerkit.steps.intake import Intake


def check_epochs(job: Job, epochs: int, validation: Intake | None) -> None:
    """Refuse what would fail, or never end, later.

    Raises:
        DataError: an epoch has no batch, or a generator that serves once is to be gone through several times.
        ArgumentError: ``stream_steps`` is given for data that has its own length, or rows are to be drawn in order.
    """
    source, several = job.source, epochs > 1
    if isinstance(source, RandomAccess):
        if source.sampling is not None and not job.shuffle:
            raise ArgumentError(
                "Trainer.fit: the data has a sampling, by which rows are drawn at random, and shuffle=False takes them "
                "in their order: leave one of them out"
            )
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


def as_measured(data: Intake, steps_per_epoch: int | None) -> Intake:
    """Training data to be measured after each epoch, as validation data is.

    Raises:
        DataError: it is a stream that can be read once, or may have no end.
    """
    if isinstance(data.source, Stream):
        require_readable_again(data.source, "training_metrics go through the training data after each epoch")
        if steps_per_epoch is not None:
            raise DataError(
                "training_metrics go through the training data after each epoch, and a stream with steps_per_epoch may "
                "have no end: leave them out, and measure a part of the data as validation data"
            )
    return data.as_given()
