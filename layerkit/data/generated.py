"""Batches from a generator, or from a function that makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, final

from layerkit.arrays import plain_array
from layerkit.data.frames import is_frame
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, Stream


@final
class Generated(Stream):
    """A stream of batches, each a ``Batch`` or a tuple ``(x, y)`` or ``(x, y, weights)``.

    ``x`` may be a DataFrame, or a dictionary of arrays by the names of a model's inputs. From a function, each epoch
    opens a fresh generator, and a position inside an epoch is reached by reading on. A bare generator serves one epoch
    and cannot resume.

    >>> import numpy as np
    >>> stream = Generated(lambda: ((np.ones((2, 3)), np.zeros((2, 1))) for _ in range(4)))
    >>> sum(1 for _ in stream.open(0, 1))
    3
    """

    def __init__(self, batches: Iterable[Any] | Callable[[], Iterable[Any]]) -> None:
        self.given = batches
        self._used = False
        self._last: Iterator[Any] | None = None

    @property
    def serves_once(self) -> bool:
        """Whether this is a bare generator, or another iterator."""
        return isinstance(self.given, Iterator) and not callable(self.given)

    def once(self) -> Iterator[Any]:
        """What a bare generator has yet to give.

        Raises:
            DataError: it was asked for before.
        """
        assert isinstance(self.given, Iterator)
        if self._used:
            raise DataError(
                "the generator of batches is used up after one epoch: give a function that makes a new one, or a Stream"
            )
        self._used = True
        return self.given

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        batches: Iterable[Any] = self.given() if callable(self.given) else self.given
        if self.serves_once:
            batches = self.once()
        elif isinstance(batches, Iterator):
            if batches is self._last:
                raise DataError(
                    "the function gave the same generator of batches again, which is used up: let it make a new one "
                    "each time it is called"
                )
            self._last = batches
        return (as_batch(item) for item in islice(batches, position, None))


def as_batch(item: Any) -> Batch:
    """One item of a stream as a batch.

    Raises:
        DataError: it is none.
    """
    if isinstance(item, Batch):
        return item
    if isinstance(item, tuple) and len(item) in (2, 3):
        x, y = item[:2]
        weights = None if len(item) == 2 else plain_array(item[2], "weights of a batch")
        # what has names is matched with a model's where it meets one
        named = is_frame(x)
        if not (named or isinstance(x, (tuple, Mapping))):
            x = plain_array(x, "x of a batch")
        if not (is_frame(y) or (named and isinstance(y, (str, int)))):
            y = plain_array(y, "y of a batch")
        return Batch(x, y, weights)
    raise DataError(
        f"a stream's batches are Batch objects or tuples (x, y) or (x, y, weights); got {type(item).__name__}"
    )
