"""A stream that can be read once, held so that its last batches can be read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from inspect import isgenerator
from itertools import islice
from typing import Any, final

import numpy as np

from layerkit.data.frames import is_frame
from layerkit.data.generated import Generated, as_batch
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, Stream
from layerkit.types import Value

BEFOREHAND = "learns from the data before the first step (or from other data, by trainer.adapt)"


@final
class HeldStream(Stream):
    """The batches of an iterator that serves once, over one epoch or, where each has a given length, over several.

    An epoch goes on where the one before has ended. What was drawn is kept, in copies, until ``forget``: so an epoch
    can be opened anew at any batch that is still kept.
    """

    def __init__(self, batches: Generated) -> None:
        self.batches = batches
        self._items = batches.once()
        # in one call a batch is drawn, numbered and kept: whatever interrupts, none is lost
        self._rest: Iterator[tuple[int, Any]] = enumerate(self._items)
        self._kept: deque[tuple[int, Any]] = deque()
        self._copies: dict[int, Batch] = {}
        self._firsts: dict[int, int] = {}
        self._broken = False

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        first = self._firsts.setdefault(epoch, self._kept[-1][0] + 1 if self._kept else 0)
        return self._read(first + position)

    def forget(self, epoch: int, position: int) -> None:
        """Let go of the batches before this place."""
        first = self._firsts.get(epoch, 0) + position
        # the last one stays, for it tells how many were drawn
        while len(self._kept) > 1 and self._kept[0][0] < first:
            self._copies.pop(self._kept[0][0], None)
            self._kept.popleft()

    def _read(self, number: int) -> Iterator[Batch]:
        while True:
            while not (self._kept and self._kept[-1][0] >= number):
                if not self._draw():
                    return
            yield self._copy(number)
            number += 1

    def _draw(self) -> bool:
        """Draw one more; whether there was one."""
        if self._broken:
            raise DataError(
                "the generator of batches was ended by an error, and Python cannot go on with it: give a new one, or a "
                "function that makes one"
            )
        drawn = len(self._kept)
        try:
            self._kept.extend(islice(self._rest, 1))
        except BaseException:
            self._broken = isgenerator(self._items)
            raise
        return len(self._kept) > drawn

    def _copy(self, number: int) -> Batch:
        """The batch of this number, whatever its source writes into its own arrays from now on."""
        copy = self._copies.get(number)
        if copy is None:
            given = as_batch(self._kept[number - self._kept[0][0]][1])
            copy = self._copies[number] = Batch(*map(_copied, (given.x, given.y, given.weights, given.mask)))
        return copy


def held(given: Stream, before: Stream | None) -> Stream:
    """A stream as training reads it: ``before``, if that came from the same object; held, if it serves once."""
    if not isinstance(given, Generated):
        return given
    known = before.batches if isinstance(before, HeldStream) else before
    if before is not None and isinstance(known, Generated) and known.given is given.given:
        return before
    return HeldStream(given) if given.serves_once else given


def require_readable_again(source: Stream, why: str) -> None:
    """Refuse a stream that can be read once, where that is not enough because of ``why``.

    Raises:
        DataError: it is such a stream.
    """
    if isinstance(source, HeldStream) or (isinstance(source, Generated) and source.serves_once):
        raise DataError(
            f"{why}, and a generator of batches can be read once: give a function that makes a new one, or a Stream"
        )


def _copied(value: Value | None) -> Any:
    if isinstance(value, tuple):
        return tuple(map(np.array, value))
    if is_frame(value):
        return deepcopy(value)
    # a word is the name of a target's column
    return value if value is None or isinstance(value, str) else np.array(value)
