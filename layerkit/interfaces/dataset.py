"""Where examples come from: named datasets, and the two kinds of source that training reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from layerkit.calls import Explained, explained
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array, Value

if TYPE_CHECKING:
    from layerkit.interfaces.scratch import Scratch


@dataclass(slots=True)
class Batch(metaclass=Explained):
    """The examples of one step.

    ``x``: ``(batch, *shape)``, or a tuple of such arrays. ``y``: targets, ``(batch, *shape)`` floating, or integer
    labels ``(batch, …)``; ``None`` where there are none. ``weights``: ``(batch,)``, or ``None`` for equal ones.
    ``mask``: ``(batch, time)`` booleans, true where a position counts, or ``None``.
    """

    x: Value
    y: Array | None = None
    weights: Array | None = None
    mask: Array | None = None


class RandomAccess(ABC):
    """A source that hands out any rows in any order."""

    sampling: Array | None = None
    """How often each row is drawn in an epoch, in comparison with others, ``(n,)``: a fit then draws as many rows as
    there are, each by itself, so that some come again and some not at all. None: each comes once."""

    @abstractmethod
    def __len__(self) -> int:
        """How many examples there are."""

    @abstractmethod
    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        """The examples at ``rows`` (integers, ``(batch,)``). Arrays may be ``scratch``: valid until the next call."""

    def gather(self, count: int, scratch: Scratch) -> Callable[[Array], Batch] | None:
        """What ``batch`` does, made ready for batches of ``count`` rows that are always put in the same arrays.

        None, the default, where a source has no such way: engines then call ``batch``.
        """
        return None


class Stream(ABC):
    """A source that hands out batches in its own order, and can be opened again at any place."""

    @abstractmethod
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        """The batches of an epoch (counted from 0), from the batch at ``position`` (counted from 0) on.

        A batch stays as it is until the same iterator is asked for the next one; iterators share no memory.
        """


class Dataset(Configurable, ABC):
    """A named set of examples, found on disk, in the package or by a download when ``load`` is called, never before."""

    splits: ClassVar[tuple[str, ...]] = ("train", "test")
    """The parts that ``load`` knows."""

    def __init_subclass__(cls) -> None:
        # called by people, and written by authors
        if "load" in vars(cls):
            cls.load = explained(vars(cls)["load"])  # type: ignore[method-assign]

    @abstractmethod
    def load(self, split: str) -> RandomAccess | Stream:
        """One part of the set.

        Raises:
            DatasetError: the data cannot be found or read; the message names the file and the reason.
            ArgumentError: the set has no such split.
        """
