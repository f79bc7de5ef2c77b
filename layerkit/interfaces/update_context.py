"""What an update knows: the context of optimizers, transforms and schedules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import is_
from typing import Any, final

import numpy as np

from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.blocks import Blocks, cut
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.subnormals import drop_subnormals
from layerkit.memory import aligned
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
        "_shared",
        "_slice_numbers",
        "_stretches",
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
        self._slice_numbers: dict[str, Array] = {}
        self._shared: dict[str, Array] = {}
        self._blocks: tuple[tuple[Array, ...], Blocks] = ((), [])
        self._stretches: tuple[tuple[Array, ...], list[tuple[slice, Blocks]]] = ((), [])
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

    def slice_numbers(self, name: str) -> Array:
        """A float64 vector of one number for each of ``slices``, kept from step to step; zeros at the first call.

        Each follows its parameter, and begins at 0 where that is thawed later: for what is counted for each parameter.
        Where the restored state holds a single number of this name, as ``numbers`` keeps it, it is that of all
        parameters that were trained then.
        """
        array = self._slice_numbers.get(name)
        if array is None:
            array = self._shared.pop(name, None)
            if array is None:
                array = np.zeros(len(self.slices))
            else:
                del self._numbers[name]
            self._slice_numbers[name] = array
        return array

    def arrays(self) -> list[Array]:
        """For engines: every array that is kept from step to step, itself."""
        kept = self._flat, self._numbers, self._slice_numbers, self._shared
        return [array for arrays in kept for array in arrays.values()]

    def drop_subnormals(self) -> None:
        """For engines: set to 0 what is smaller than the smallest normal number, in all that ``state`` gave."""
        drop_subnormals(list(self._flat.values()), self.scratch)

    def reset(self) -> None:
        """For engines: set every array that is kept to what it was made of."""
        for name, array in self._flat.items():
            array[...] = self._fills[name]
        for arrays in (self._numbers, self._slice_numbers, self._shared):
            for array in arrays.values():
                array[...] = 0.0

    def blocks(self, *vectors: Array, work: int = 0) -> Blocks:
        """The vectors, cut alike into blocks that stay in a core's cache from one operation to the next.

        Each block is a tuple of views, followed by ``work`` arrays of uninitialized memory as long as they are. A large
        update runs up to twice as fast block by block.
        """
        known, blocks = self._blocks
        if len(known) == len(vectors) and all(map(is_, known, vectors)):
            return blocks
        (blocks,) = cut(vectors, [(0, vectors[0].size)], work, self.scratch)
        self._blocks = vectors, blocks
        return blocks

    def blocks_by(self, counts: Array, *vectors: Array, work: int = 0) -> list[tuple[slice, Blocks]]:
        """``blocks`` of parameters that have the same count, of those that ``slice_numbers`` keeps.

        For each stretch of such neighbours: where it lies in ``counts``, and its blocks. It is one as long as none was
        thawed later than another. What is counted grows by as much for all.
        """
        known, stretches = self._stretches
        asked = counts, *vectors
        if len(known) == len(asked) and all(map(is_, known, asked)):
            return stretches
        turns = (np.flatnonzero(counts[1:] != counts[:-1]) + 1).tolist()
        places = [slice(*pair) for pair in pairwise([0, *turns, len(counts)] if len(counts) else [])]
        bounds = [(self.slices[place.start].start, self.slices[place.stop - 1].stop) for place in places]
        stretches = list(zip(places, cut(vectors, bounds, work, self.scratch), strict=True))
        self._stretches = asked, stretches
        return stretches

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
        others: dict[str, Any] = {"_evaluate": None, "_blocks": ((), []), "_stretches": ((), [])}
        return {name: others.get(name, getattr(self, name)) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def lay_out(self, slices: tuple[ParameterSlice, ...], dtype: DType) -> None:
        """For trainers: go on with other parameters (some frozen now, say), each keeping what was kept for its path."""
        if slices == self.slices and dtype == self.scratch.dtype:
            return
        places = {(old.path, old.shape): place for place, old in enumerate(self.slices)}
        old_places = [places.get((new.path, new.shape)) for new in slices]
        pairs = [(new, old) for new, old in enumerate(old_places) if old is not None]
        flat = {name: _vector(slices, self._fills[name], dtype) for name in self._flat}
        for name, array in self._flat.items():
            for new, old in pairs:
                flat[name][slices[new].start : slices[new].stop] = array[self.slices[old].start : self.slices[old].stop]

        def moved(numbers: dict[str, Array]) -> dict[str, Array]:
            found = {name: np.zeros(len(slices)) for name in numbers}
            for name, array in numbers.items():
                for new, old in pairs:
                    found[name][new] = array[old]
            return found

        slice_numbers, shared = moved(self._slice_numbers), moved(self._shared)

        def take_over() -> None:
            self._flat, self.slices = flat, slices
            self._slice_numbers, self._shared = slice_numbers, shared
            self.scratch, self._blocks, self._stretches = Scratch(dtype), ((), []), ((), [])

        # vectors of one layout and slices of another would not be told from sound ones
        uninterrupted(take_over)

    def memory(self) -> dict[str, Any]:
        """Everything that is kept from step to step: arrays (copies), and JSON-safe values that describe them."""
        return {
            "flat": {name: array.copy() for name, array in self._flat.items()},
            "fills": dict(self._fills),
            "numbers": {name: array.copy() for name, array in self._numbers.items()},
            "slice_numbers": {name: array.copy() for name, array in self._slice_numbers.items()},
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
        # an earlier version kept none
        slice_numbers = memory.get("slice_numbers", {})
        self._slice_numbers = {name: np.array(array) for name, array in slice_numbers.items()}
        self._shared = {
            name: np.full(len(self.slices), array[0])
            for name, array in self._numbers.items()
            if array.size == 1 and name not in self._slice_numbers
        }


def _vector(slices: tuple[ParameterSlice, ...], fill: float, dtype: DType) -> Array:
    """A vector as long as the parameters."""
    vector = aligned((max((each.stop for each in slices), default=0),), dtype)
    vector.fill(fill)
    return vector


def _aligned(array: Array) -> Array:
    copy = aligned(array.shape, array.dtype)
    np.copyto(copy, array)
    return copy
