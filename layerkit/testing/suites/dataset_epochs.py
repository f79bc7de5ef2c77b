"""Epochs of a stream: each can be opened, however long a run is, and each of its batches holds examples."""

from __future__ import annotations

from itertools import islice

from layerkit.interfaces.dataset import Stream
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.sources import sources
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_LATE = 1000
_BATCHES = 30


@told_by("splits-load", "lengths-aligned", "reopened-at-a-position")
def epochs_open(subject: Subject) -> None:
    """A stream opens at the thousandth epoch as at the first, and none of its batches is empty."""
    streams = [(split, source) for split, source in sources(subject) if isinstance(source, Stream)]
    if not streams:
        raise NotApplicable("no split is a stream")
    for split, stream in streams:
        for number, batch in enumerate(islice(stream.open(0, 0), _BATCHES)):
            if any(len(array) == 0 for array in parts(batch.x)):
                raise Unmet(
                    f"in the split {split!r} the batch {number}, counted from 0, has no rows",
                    expected="examples in every batch",
                    cause="what is left behind the last whole batch is given where nothing is left: range(0, n, size)",
                )
        try:
            first = next(iter(stream.open(_LATE, 0)), None)
        except Exception as error:
            raise Unmet(
                f"the split {split!r}, opened at epoch {_LATE}, raises {type(error).__name__}: {error}",
                expected="batches, as of any epoch: how long a run is, is for whoever trains to say",
                cause="there is an order, or a file, for each of some epochs alone; take epoch modulo their number",
            ) from error
        if first is None:
            raise Unmet(
                f"the split {split!r}, opened at epoch {_LATE}, gives no batch",
                expected="batches, as of any epoch",
                cause="an iterator that is kept on the stream has come to its end; make one in open",
            )
