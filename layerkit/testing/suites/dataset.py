"""A dataset: aligned arrays, in any order, and nothing fetched before it is asked for."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Batch, Dataset, RandomAccess, Stream
from layerkit.testing.case import Case
from layerkit.testing.closeness import identical
from layerkit.testing.inputs import parts, read_only, rows_of
from layerkit.testing.rigs.another_process import elsewhere
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
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.dataset_epochs import epochs_open
from layerkit.testing.suites.dataset_files import unreadable_files
from layerkit.testing.suites.dataset_reading import batches_apart, gather_equals_batch, loads_alike
from layerkit.testing.suites.dataset_splits import splits_alike, splits_apart
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

MAY_KEEP = "a dataset may keep what it has read"

_MANY = 300
_TO_AN_END = 30
_ORDERS: tuple[tuple[int, ...] | None, ...] = ((-1, 0, 2, 0), (5, 3, 2, 0), (0, 1, 4, 7), (1, 1, 2, 2), None)
"""With repeats, falling, rising, rising with repeats, and, as None, all at once."""


def use(dataset: Dataset, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    given: list[Any] = []
    for split in dataset.splits:
        source = load(dataset, split, case)
        if isinstance(source, RandomAccess):
            rows = rows_of_order(range(min(5, len(source))), len(source))
            batch = source.batch(rows, new_scratch(dtype))
        else:
            first = next(iter(source.open(0, 0)), None)
            if first is None:
                raise NotApplicable(f"the split {split!r} is empty")
            batch = first
        given.append(values(batch))
    return tuple(given)


def no_network_at_import(subject: Subject) -> None:
    """Importing the module and making the dataset opens no connection."""
    module, run = subject.target.__module__, elsewhere(subject)
    if run.code and "network: " in run.error:
        raise Unmet(
            f"importing {module} opens a connection: {run.error.strip().splitlines()[-1]}",
            expected="nothing is fetched before load is called",
            cause="a download at the top of the module; move it into load",
        )
    if run.code and "No module named" not in run.error:
        raise Unmet(
            f"importing {module} alone fails: {run.error.strip().splitlines()[-1]}",
            expected="a module that can be imported on its own",
            cause="it relies on another module having been imported before",
        )


def splits_load(subject: Subject) -> None:
    """Each declared split loads, is not empty, and an unknown one is refused by an error that names the splits."""
    dataset: Dataset = subject.make()
    if not dataset.splits:
        raise Unmet("splits is empty", expected='("train", "test"), say', cause="the declaration")
    for split, source in sources(subject):
        if not isinstance(source, (RandomAccess, Stream)):
            raise Unmet(
                f"load({split!r}) gives {type(source).__name__}",
                expected="a RandomAccess (such as Examples) or a Stream",
                cause="arrays are returned as they are; wrap them: Examples(x, y)",
            )
        empty = len(source) == 0 if isinstance(source, RandomAccess) else next(source.open(0, 0), None) is None
        if empty:
            raise Unmet(
                f"the split {split!r} is empty", expected="examples", cause="the file that is read, or the split"
            )
    try:
        dataset.load("no-such-split")
    except (ArgumentError, DatasetError) as error:
        if not all(split in str(error) for split in dataset.splits) or "no-such-split" not in str(error):
            raise Unmet(
                str(error), expected=f"a message that names 'no-such-split' and {dataset.splits}", cause="the message"
            ) from None
    except Exception as error:
        raise Unmet(
            f"load('no-such-split') raised {type(error).__name__}: {error}",
            expected="ArgumentError",
            cause="the split is used before it is checked",
        ) from error
    else:
        raise Unmet("load('no-such-split') was accepted", expected="ArgumentError", cause="the split is not checked")


def lengths_aligned(subject: Subject) -> None:
    """Inputs, targets, weights and mask have one row an example."""
    for split, source in sources(subject):
        for batch, rows in first_batches(source):
            lengths = {
                name: [len(array) for array in parts(getattr(batch, name))] for name in ("x", "y", "weights", "mask")
            }
            wanted = rows if rows is not None else (lengths["x"] or [0])[0]
            if any(length != wanted for found in lengths.values() for length in found):
                raise Unmet(
                    f"in the split {split!r} a batch of {wanted} rows holds {lengths}",
                    expected="as many rows in each",
                    cause="inputs and targets are cut or filtered differently; or each row is given once, also where "
                    "it is asked for twice",
                )


@told_by("lengths-aligned")
def rows_stable(subject: Subject) -> None:
    """A row is the same whenever, and among whichever others, it is asked for."""
    for split, source in sources(subject):
        if not isinstance(source, RandomAccess):
            continue
        for places in _ORDERS:
            rows = rows_of_order(range(min(len(source), _MANY)) if places is None else places, len(source))
            scratch = new_scratch()
            first = values(source.batch(rows, scratch))
            scratch.overwrite(np.nan)
            again = values(source.batch(rows, scratch))
            looked_at = range(len(rows)) if places else range(0, len(rows), max(1, len(rows) // 8))
            alone = [values(source.batch(read_only(rows[place : place + 1]), new_scratch())) for place in looked_at]
            single = tuple(rows_of(first, slice(place, place + 1)) for place in looked_at)
            if not identical(first, again) or not identical(tuple(alone), single):
                raise Unmet(
                    f"in the split {split!r} the rows {_told(rows)} differ from time to time, or among others",
                    expected="the same values for the same row",
                    cause="rows are shuffled or augmented at random, rows is ignored, inputs are put in another order "
                    "than targets, or a buffer is handed out half filled",
                )


def _told(rows: Array) -> str:
    return str(rows.tolist()) if len(rows) < 8 else f"{rows[0]} to {rows[-1]}"


def reopened_at_a_position(subject: Subject) -> None:
    """A stream opened at a position gives what is left when as many batches are skipped."""
    streams = [(split, source) for split, source in sources(subject) if isinstance(source, Stream)]
    if not streams:
        raise NotApplicable("no split is a stream")
    for split, stream in streams:
        whole = [values(batch) for batch in islice(stream.open(1, 0), BATCHES)]
        for position in range(1, len(whole)):
            rest = [values(batch) for batch in islice(stream.open(1, position), len(whole) - position)]
            if not identical(tuple(rest), tuple(whole[position:])):
                raise Unmet(
                    f"the split {split!r}, opened at batch {position}, gives other batches than reading on to there",
                    expected="the same batches, so that training can resume",
                    cause="position is ignored or off by one, or the order is drawn anew at each open",
                )
        length = sum(1 for _ in islice(stream.open(1, 0), _TO_AN_END))
        if length < _TO_AN_END and next(stream.open(1, length), None) is not None:
            raise Unmet(
                f"the split {split!r}, opened at {length}, behind its last batch, gives one more",
                expected="no batch: that is what is left when so many are skipped",
                cause="the position is taken modulo the number of batches, or a slice begins at −0",
            )


def values_usable(subject: Subject) -> None:
    """Inputs, targets, weights and masks are what they must be, in every batch alike."""
    for split, source in sources(subject):
        classes = getattr(source, "classes", None)
        forms: dict[str, list[tuple[str, int]]] = {}
        for batch, _ in first_batches(source):
            _require_numbers(split, batch)
            y = batch.y
            if classes and y is not None and y.dtype.kind in "iu" and (y.min() < 0 or y.max() >= len(classes)):
                raise Unmet(
                    f"in the split {split!r} labels go from {y.min()} to {y.max()}",
                    expected=f"0 to {len(classes) - 1}, for the classes {classes}",
                    cause="labels that are counted from 1, or a class too few",
                )
            for name in PARTS:
                form = [(str(array.dtype), array.ndim) for array in parts(getattr(batch, name))]
                if forms.setdefault(name, form) != form:
                    raise Unmet(
                        f"in the split {split!r} one batch has {name} of {forms[name]}, and another of {form}, as "
                        "dtypes and numbers of axes",
                        expected="the same dtype and the same axes in every batch",
                        cause="an array is made of each batch for itself, so that its values decide what it becomes",
                    )


def _require_numbers(split: str, batch: Batch) -> None:
    for array in parts(batch.x):
        if array.dtype.kind not in "fiub" or (array.dtype.kind == "f" and not np.isfinite(array).all()):
            raise Unmet(
                f"in the split {split!r} x is {array.dtype}, "
                + ("with NaN or infinity" if array.dtype.kind == "f" else "which is no number"),
                expected="finite numbers",
                cause="missing values, or text that is not converted",
            )
    weights, mask = batch.weights, batch.mask
    if weights is not None and not (weights.ndim == 1 and np.isfinite(weights).all() and (weights >= 0).all()):
        raise Unmet(
            f"in the split {split!r} weights are of shape {weights.shape}, from {weights.min():g} to {weights.max():g}",
            expected="a vector of finite numbers of at least 0",
            cause="weights are differences, or logarithms, of what is to count",
        )
    if mask is not None and not (mask.ndim == 2 and mask.dtype == bool):
        raise Unmet(
            f"in the split {split!r} the mask is {mask.dtype} of shape {mask.shape}",
            expected="booleans (batch, time), true where a position counts",
            cause="numbers stand for yes and no: write mask.astype(bool); or the axis of features is left",
        )


CHECKS = suite(
    no_network_at_import,
    splits_load,
    lengths_aligned,
    rows_stable,
    gather_equals_batch,
    batches_apart,
    loads_alike,
    splits_apart,
    splits_alike,
    reopened_at_a_position,
    epochs_open,
    values_usable,
    unreadable_files,
)
