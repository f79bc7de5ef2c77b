"""A stream whose examples come in another order, as far as a buffer reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, final

import numpy as np

from layerkit.arguments import check_integer
from layerkit.calls import Explained
from layerkit.data.frames import is_frame
from layerkit.data.generated import Generated
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.dataset import Batch, Stream
from layerkit.types import Array


@final
class Shuffled(Stream, metaclass=Explained):
    """The batches of another stream with their rows mixed: a buffer is filled with rows, and each batch that comes in
    takes the places of as many rows drawn from it, which go out.

    A row may go out as soon as the buffer is full, so a buffer that is much smaller than the stretches in which
    examples are alike (all of one class, say) does not mix them. Batches go out as large as they come in; what is left
    in the end goes out in batches as large as the first. What is drawn depends on the seed and the epoch: a fit that is
    resumed inside an epoch reads the stream again from the beginning of that epoch, and has the same batches.

    Args:
        source: a ``Stream``, or a function that gives batches ``(x, y)``, ``(x, y, weights)`` or ``Batch`` and is
            called anew for each epoch. Rows must be of one shape and dtype throughout.
        buffer: how many rows are held, at least 1.
        seed: draws the order.

    Raises:
        ArgumentError: an argument is out of range, or the source is a generator, which can be read only once.
        DataError: told while it is read: a batch has rows of another shape or dtype, or lacks what others have.

    >>> from layerkit import Shuffled
    >>> def batches():
    ...     for start in range(0, 8, 2):
    ...         yield Batch(np.arange(start, start + 2))
    >>> stream = Shuffled(batches, buffer=4, seed=1)
    >>> [batch.x.tolist() for batch in stream.open(0, 0)]
    [[1, 2], [0, 5], [6, 4], [3, 7]]
    """

    def __init__(self, source: Stream | Callable[[], Iterable[Any]], *, buffer: int, seed: int = 0) -> None:
        if not isinstance(source, Stream) and not callable(source):
            raise ArgumentError(
                "Shuffled: source must be a Stream, or a function that makes the batches of an epoch, got "
                f"{type(source).__name__}: what is read once cannot be read again when a run is resumed"
            )
        check_integer(self, "buffer", buffer, minimum=1)
        check_integer(self, "seed", seed, minimum=0)
        self.source = source
        self.buffer = buffer
        self.seed = seed

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        mixed = self._mixed(epoch)
        for _ in range(position):
            if next(mixed, None) is None:
                break
        return mixed

    def _mixed(self, epoch: int) -> Iterator[Batch]:
        rng = np.random.default_rng([self.seed, epoch])
        source = self.source if isinstance(self.source, Stream) else Generated(self.source)
        held: _Rows | None = None
        first = 0
        for batch in source.open(epoch, 0):
            coming = _Rows(_parts(batch))
            if held is None:
                held, first = coming.none(self.buffer), coming.count
            held.require_like(coming)
            room = min(self.buffer - held.count, coming.count)
            held.append(coming.rows(slice(0, room)))
            coming = coming.rows(slice(room, None))
            while coming.count:
                # a batch may be larger than the buffer
                own = coming.rows(slice(0, held.count))
                coming = coming.rows(slice(held.count, None))
                places = rng.choice(held.count, own.count, replace=False)
                yield held.rows(places).batch()
                held.put(places, own)
        if held is None:
            return
        order = rng.permutation(held.count)
        for start in range(0, held.count, first):
            yield held.rows(order[start : start + first]).batch()


@final
class _Rows:
    """Rows of all that a batch has, by name, in arrays of one length."""

    def __init__(self, parts: dict[str, Array], count: int | None = None) -> None:
        self.parts = parts
        self.count = len(next(iter(parts.values()))) if count is None else count

    def none(self, capacity: int) -> _Rows:
        """Room for so many rows like these."""
        parts = {name: np.empty((capacity, *part.shape[1:]), part.dtype) for name, part in self.parts.items()}
        return _Rows(parts, 0)

    def require_like(self, other: _Rows) -> None:
        """Refuse rows of another kind.

        Raises:
            DataError: they have other parts, shapes or dtypes.
        """
        own, has = ({name: (part.shape[1:], part.dtype) for name, part in each.parts.items()} for each in (self, other))
        if own != has:
            told = next(name for name in [*own, *has] if own.get(name) != has.get(name))
            raise DataError(
                f"Shuffled: a batch has {told} of shape and dtype {has.get(told, 'none')}, and the batches before "
                f"{own.get(told, 'none')}: rows that are mixed must be of one kind; pad sequences to one length"
            )

    def rows(self, rows: Array | slice) -> _Rows:
        """Some of the rows: copies where they are picked out."""
        return _Rows({name: part[: self.count][rows] for name, part in self.parts.items()})

    def append(self, other: _Rows) -> None:
        """Put others behind the rows that there are."""
        self.put(slice(self.count, self.count + other.count), other)
        self.count += other.count

    def put(self, places: Array | slice, other: _Rows) -> None:
        """Put others in the places of some."""
        for name, part in other.parts.items():
            self.parts[name][places] = part

    def batch(self) -> Batch:
        """The rows as a batch."""
        parts = self.parts
        x: Any = parts["x"] if "x" in parts else tuple(part for name, part in parts.items() if name.startswith("x["))
        return Batch(x, parts.get("y"), parts.get("weights"), parts.get("mask"))


def _parts(batch: Batch) -> dict[str, Array]:
    if is_frame(batch.x) or is_frame(batch.y):
        raise DataError(
            "Shuffled: it mixes rows of arrays, and a batch is a DataFrame: give its columns as arrays, "
            "frame[[…]].to_numpy()"
        )
    inputs = (
        {f"x[{place}]": part for place, part in enumerate(batch.x)} if isinstance(batch.x, tuple) else {"x": batch.x}
    )
    named = {**inputs, "y": batch.y, "weights": batch.weights, "mask": batch.mask}
    return {name: np.asarray(part) for name, part in named.items() if part is not None}
