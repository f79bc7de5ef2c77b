"""What an update knows: the context of optimizers, transforms and schedules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, final

import numpy as np

from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.scratch import Scratch
from layerkit.memory import LINE, aligned
from layerkit.types import Array, DType
from layerkit.uninterrupted import uninterrupted


@final
@dataclass(frozen=True, slots=True)
class ParameterSlice:
    """Where one parameter lies in the flat vectors: ``vector[start:stop].reshape(shape)``."""

    path: str
    start: int
    stop: int
    shape: tuple[int, ...]
    tags: tuple[str, ...]


def places_without(slices: Sequence[ParameterSlice], tags: Collection[str]) -> list[slice]:
    """For optimizers and transforms: where the parameters without any of these tags lie, neighbours as one place.

    >>> parameters = ParameterSlice("0.weight", 0, 6, (2, 3), ()), ParameterSlice("0.bias", 6, 9, (3,), ("bias",))
    >>> places_without(parameters, ("bias",))
    [slice(0, 6, None)]
    """
    found: list[slice] = []
    for each in slices:
        if not set(tags).isdisjoint(each.tags):
            continue
        if found and found[-1].stop == each.start:
            found[-1] = slice(found[-1].start, each.stop)
        else:
            found.append(slice(each.start, each.stop))
    return found


def check_tags(owner: object, name: str, value: Any) -> None:
    """Refuse anything but a list or tuple of texts.

    Raises:
        ArgumentError: it is none.
    """
    if not (isinstance(value, (list, tuple)) and all(isinstance(tag, str) for tag in value)):
        raise ArgumentError(f"{type(owner).__name__}: {name} must be a list or tuple of strings, got {value!r}")


_BLOCK_BYTES = 2**17


@final
class UpdateContext:
    """What optimizers, transforms and schedules are given, last, at every step.

    ``step`` counts updates from 0 over the whole of training; ``learning_rate`` has the schedule applied; ``slices``
    say what lies where in the vectors; ``steps_per_epoch`` is None for a stream of unknown length; ``rng`` is the
    generator of this optimizer or transform alone.
    """

    __slots__ = (
        "_blocks",
        "_evaluate",
        "_fills",
        "_flat",
        "_numbers",
        "learning_rate",
        "rng",
        "scratch",
        "slices",
        "step",
        "steps_per_epoch",
    )

    def __init__(
        self,
        slices: tuple[ParameterSlice, ...],
        dtype: DType,
        *,
        rng: np.random.Generator,
        steps_per_epoch: int | None = None,
    ) -> None:
        self.step = 0
        self.learning_rate = 0.0
        self.scratch = Scratch(dtype)
        self.slices = slices
        self.rng = rng
        self.steps_per_epoch = steps_per_epoch
        self._flat: dict[str, Array] = {}
        self._fills: dict[str, float] = {}
        self._numbers: dict[str, Array] = {}
        self._blocks: tuple[tuple[Array, ...], list[tuple[Array, ...]]] = ((), [])
        self._evaluate: Callable[[], tuple[float, Array]] | None = None

    def state(self, name: str, fill: float = 0.0) -> Array:
        """A flat array as long as the parameters, kept from step to step; made of ``fill`` at the first call."""
        array = self._flat.get(name)
        if array is None:
            self._fills[name] = fill
            array = self._flat[name] = _vector(self.slices, fill, self.scratch.dtype)
        return array

    def numbers(self, name: str, count: int) -> Array:
        """A float64 vector of ``count`` numbers, kept from step to step; zeros at the first call.

        Raises:
            ArgumentError: what was restored under this name has another length.
        """
        array = self._numbers.get(name)
        if array is None:
            array = self._numbers[name] = np.zeros(count)
        elif array.size != count:
            raise ArgumentError(f"the restored state holds {array.size} numbers {name!r}, not {count}")
        return array

    def arrays(self) -> list[Array]:
        """For engines: every array that is kept from step to step, itself."""
        return [*self._flat.values(), *self._numbers.values()]

    def reset(self) -> None:
        """For engines: set every array that is kept to what it was made of."""
        for name, array in self._flat.items():
            array[...] = self._fills[name]
        for array in self._numbers.values():
            array[...] = 0.0

    def blocks(self, *vectors: Array, work: int = 0) -> list[tuple[Array, ...]]:
        """The vectors, cut alike into blocks that stay in a core's cache from one operation to the next.

        Each block is a tuple of views, followed by ``work`` arrays of uninitialized memory as long as they are. A large
        update runs up to twice as fast block by block.
        """
        known, blocks = self._blocks
        if len(known) == len(vectors) and all(map(is_, known, vectors)):
            return blocks
        size = vectors[0].size
        itemsize = self.scratch.dtype.itemsize
        count = max(1, -(-size * itemsize // _BLOCK_BYTES))
        # of equal length, nearly, and each begins at a cache line, as the vectors do
        length = -(-size * itemsize // (count * LINE)) * LINE // itemsize
        spare = [self.scratch(f"block {place}", (length,)) for place in range(work)]
        blocks = []
        for start in range(0, size, max(length, 1)):
            cut = [vector[start : start + length] for vector in vectors]
            blocks.append((*cut, *(array[: cut[0].size] for array in spare)))
        self._blocks = vectors, blocks
        return blocks

    def evaluate(self) -> tuple[float, Array]:
        """The batch's mean cost and mean gradient at the parameters as they are now.

        Raises:
            LayerkitError: the optimizer does not declare ``needs_evaluate``.
        """
        if self._evaluate is None:
            raise LayerkitError("ctx.evaluate() is for optimizers that declare needs_evaluate = True")
        return self._evaluate()

    def bind(self, evaluate: Callable[[], tuple[float, Array]] | None) -> None:
        """For engines: what ``evaluate`` calls; the trainer lets go of it, and of the data, when the fit ends."""
        self._evaluate = evaluate

    def __getstate__(self) -> dict[str, Any]:
        # a copy is bound by the fit that it makes, and cuts vectors of its own into blocks
        others: dict[str, Any] = {"_evaluate": None, "_blocks": ((), [])}
        return {name: others.get(name, getattr(self, name)) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def lay_out(self, slices: tuple[ParameterSlice, ...], dtype: DType) -> None:
        """For trainers: go on with other parameters (some frozen now, say), each keeping what was kept for its path."""
        if slices == self.slices and dtype == self.scratch.dtype:
            return
        places = {old.path: old for old in self.slices}
        moved = {name: _vector(slices, self._fills[name], dtype) for name in self._flat}
        for name, array in self._flat.items():
            for new in slices:
                old = places.get(new.path)
                if old is not None and old.shape == new.shape:
                    moved[name][new.start : new.stop] = array[old.start : old.stop]

        def take_over() -> None:
            self._flat, self.slices = moved, slices
            self.scratch, self._blocks = Scratch(dtype), ((), [])

        # vectors of one layout and slices of another would not be told from sound ones
        uninterrupted(take_over)

    def memory(self) -> dict[str, Any]:
        """Everything that is kept from step to step: arrays (copies), and JSON-safe values that describe them."""
        return {
            "flat": {name: array.copy() for name, array in self._flat.items()},
            "fills": dict(self._fills),
            "numbers": {name: array.copy() for name, array in self._numbers.items()},
            "slices": [[each.path, each.start, each.stop, list(each.shape), list(each.tags)] for each in self.slices],
        }

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Take over what ``memory`` gave."""
        self._flat = {name: _aligned(array) for name, array in memory["flat"].items()}
        for array in self._flat.values():
            # `lay_out` then turns them into the parameters' dtype, which may have changed since the last step
            self.scratch = Scratch(array.dtype)
        self._fills = dict(memory["fills"])
        self._numbers = {name: np.array(array) for name, array in memory["numbers"].items()}
        self.slices = tuple(
            ParameterSlice(path, start, stop, tuple(shape), tuple(tags))
            for path, start, stop, shape, tags in memory["slices"]
        )


def _vector(slices: tuple[ParameterSlice, ...], fill: float, dtype: DType) -> Array:
    """A vector as long as the parameters."""
    vector = aligned((max((each.stop for each in slices), default=0),), dtype)
    vector.fill(fill)
    return vector


def _aligned(array: Array) -> Array:
    copy = aligned(array.shape, array.dtype)
    np.copyto(copy, array)
    return copy
