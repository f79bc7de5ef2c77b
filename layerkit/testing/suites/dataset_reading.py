"""The ways of reading one source agree, and those who read it do not disturb each other."""

from __future__ import annotations

from itertools import islice
from typing import Any

from layerkit.interfaces.dataset import Batch, RandomAccess, Stream
from layerkit.testing.closeness import difference, identical
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.another_process import digests, elsewhere
from layerkit.testing.rigs.sources import (
    BATCHES,
    PARTS,
    first_batches,
    load,
    new_scratch,
    rows_of_order,
    sources,
    values,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_CALLED = {"x": "inputs", "y": "targets", "weights": "weights", "mask": "mask"}


@told_by("lengths-aligned", "rows-stable")
def gather_equals_batch(subject: Subject) -> None:
    """What gather makes ready gives the rows that batch gives, in the same dtypes, and always in the same arrays."""
    gathers = False
    for split, source in sources(subject):
        if not isinstance(source, RandomAccess):
            continue
        count = min(4, len(source))
        gathered = source.gather(count, new_scratch())
        if gathered is None:
            continue
        gathers = True
        first: list[int] | None = None
        for places in ((0, 1, 2, 3), (-1, 0, 2, 0), (1, -2, 1, 0)):
            rows = rows_of_order(places[:count], len(source))
            found, wanted = gathered(rows), source.batch(rows, new_scratch())
            _require_same(split, rows.tolist(), found, wanted)
            memory = [array.__array_interface__["data"][0] for name in PARTS for array in parts(getattr(found, name))]
            if first is not None and memory != first:
                raise Unmet(
                    f"in the split {split!r}, gather puts a second batch elsewhere than the first",
                    expected="always the same arrays: engines read them where they lay in the first batch",
                    cause="new arrays are made for each batch; write into arrays from scratch that are made once",
                )
            first = memory
    if not gathers:
        raise NotApplicable("no split offers gather")


def _require_same(split: str, rows: list[int], found: Batch, wanted: Batch) -> None:
    for name in PARTS:
        one, other = getattr(found, name), getattr(wanted, name)
        if not identical(one, other):
            dtypes = [[str(array.dtype) for array in parts(value)] for value in (one, other)]
            told = difference(one, other, units=0)
            if dtypes[0] != dtypes[1] or told is None:
                told = f"{dtypes[0]} instead of {dtypes[1]}"
            raise Unmet(
                f"in the split {split!r}, gather gives for the rows {rows} {_CALLED[name]} that are {told}",
                expected="what batch gives for the same rows",
                cause="gather reads rows in another order than batch, or for one of the arrays alone; or one of the "
                "two converts them",
            )


@told_by("rows-stable", "gather-equals-batch", "reopened-at-a-position")
def batches_apart(subject: Subject) -> None:
    """Two who read one source, each with memory or an iterator of its own, do not disturb each other."""
    for split, source in sources(subject):
        if isinstance(source, Stream):
            _require_own_cursors(split, source)
            continue
        one, other = (rows_of_order(places, len(source)) for places in ((0, 1, 0), (-1, -2, -1)))
        batch = source.batch(one, new_scratch())
        before = values(batch)
        source.batch(other, new_scratch())
        if not identical(values(batch), before):
            raise Unmet(
                f"in the split {split!r} a batch changes when another one is put in other memory",
                expected="a batch that stays as it is until the next call with the same scratch",
                cause="batches are put in a buffer of its own, whatever scratch is given: validation and threads read "
                "the same source; take memory from scratch",
            )


def _require_own_cursors(split: str, stream: Stream) -> None:
    alone = [_first(stream, position) for position in (0, 1)]
    readers = [stream.open(0, position) for position in (0, 1)]
    mixed: list[list[Any]] = [[], []]
    for _ in range(BATCHES):
        for reader, found in zip(readers, mixed, strict=True):
            found += [values(batch) for batch in islice(reader, 1)]
    for found, wanted in zip(mixed, alone, strict=True):
        if not identical(tuple(found), tuple(wanted)):
            raise Unmet(
                f"in the split {split!r}, two iterators that are read in turn give other batches than one alone",
                expected="each call of open gives an iterator with a place of its own",
                cause="all iterators move one cursor, which is kept on the stream; count in a local variable of open",
            )
    _require_own_memory(split, stream)


def _require_own_memory(split: str, stream: Stream) -> None:
    """A batch stays as it is while others read, at another epoch or another place."""
    for epoch, position in ((1, 0), (0, 1)):
        mine, theirs = stream.open(0, 0), stream.open(epoch, position)
        for _ in range(BATCHES):
            batch = next(mine, None)
            before = () if batch is None else values(batch)
            if batch is None or next(theirs, None) is None:
                break
            if not identical(values(batch), before):
                raise Unmet(
                    f"in the split {split!r} a batch of one iterator changes when another iterator is read",
                    expected="a batch that stays as it is until the same iterator is asked for the next one",
                    cause="all iterators write into one array, which is kept on the stream; make it in open, so that "
                    "each iterator has its own",
                )


def _first(stream: Stream, position: int) -> list[Any]:
    return [values(batch) for batch in islice(stream.open(0, position), BATCHES)]


@told_by("rows-stable", "batches-apart")
def loads_alike(subject: Subject) -> None:
    """A split holds the same however often, in whatever order, and in whichever process splits are loaded."""
    dataset = subject.make()
    first = {split: _shown(load(dataset, split, subject.case)) for split in dataset.splits}
    backwards = subject.make()
    for told, again in (("a second time", dataset), ("in another order of splits", backwards)):
        for split in reversed(dataset.splits):
            if not identical(_shown(load(again, split, subject.case)), first[split]):
                raise Unmet(
                    f"the split {split!r}, loaded {told}, holds other rows",
                    expected="the same rows in the same order: a run that is resumed loads it again",
                    cause="load draws from a generator that is kept on self, so what it gives depends on earlier "
                    "calls; make the generator in load, from a seed and the split",
                )
    there = elsewhere(subject).digests
    if there and any(there[split] != digest for split, digest in digests(dataset).items()):
        raise Unmet(
            "another process, in which text has other hashes, loads other rows",
            expected="the same rows in the same order: a run is resumed in another process",
            cause="a seed or an order comes from hash(), which Python salts anew in each process, from the order of a "
            "set, or from the process's number; use zlib.crc32, sorted, or a number for each split",
        )


def _shown(source: Any) -> tuple[Any, ...]:
    return tuple(values(batch) for batch, _ in first_batches(source))
