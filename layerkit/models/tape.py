"""Records the NumPy operations of a pass, so that a training loop can repeat them without the Python around them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, final

import numpy as np

from layerkit.models.recorded_array import RecordedArray
from layerkit.models.repeatable import IN_PLACE, SHAPED_BY_ARGUMENTS, VIEWS
from layerkit.types import Array

_NOT_THE_AUTHORS = ("layerkit.models.", "layerkit.interfaces.", "numpy", "copy", "pickle")


@final
class Tape:
    """A list of operations on arrays that stay where they are.

    While a pass is recorded, every array in it is a ``RecordedArray``, which notes each operation that it carries out,
    and through which alone its numbers can be reached. The tape is ``valid`` as long as no number was: one that Python
    has read off an array, one that was drawn, and a length that depends on numbers cannot be repeated.

    Arrays that are not recorded are constants, as Python's numbers are: the tape keeps copies of them.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        """What cannot be repeated, where something cannot: the first that was met."""
        self.operations: list[Callable[[], Any]] = []
        self._owners: dict[int, Any] = {}

    @property
    def valid(self) -> bool:
        """Whether all that was done can be repeated."""
        return self.reason is None

    def run(self) -> None:
        """Repeat every operation."""
        for operation in self.operations:
            operation()

    def wrap(self, array: Array) -> Any:
        """The same memory as an array that records."""
        # the array that owns the memory is kept, or another could be made at the same address and pass for it
        owner = _owner(array)
        self._owners[id(owner)] = owner
        return RecordedArray(array.view(np.ndarray), self)

    def refuse(self, reason: str) -> None:
        """Say that something cannot be repeated."""
        if self.reason is None:
            self.reason = reason + _place()

    def require_no_proposals(self, proposals: Sequence[Any]) -> None:
        """Refuse what proposes new states: they would have to be committed after each step."""
        if proposals:
            # how the proposal was read off an array is beside the point
            self.reason = "a state is proposed by ctx.update_state"

    def note(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Add an operation."""
        self.operations.append(partial(function, *arguments, **options))

    def generator(self, purpose: str, place: object = "") -> np.random.Generator:
        """In the place of a run's generators: what is drawn is drawn anew at each step, and cannot be repeated."""
        self.refuse(f"random numbers are drawn from ctx.rng at {place!r}")
        return np.random.default_rng(0)

    def plain(self, value: Any) -> Any:
        """``value`` as NumPy takes it: the memory of a recorded array, a copy of any other."""
        if isinstance(value, RecordedArray):
            if value.tape is not self:
                self.refuse("an array takes part that belongs to another recording")
            return value.memory
        if isinstance(value, np.ndarray):
            if id(_owner(value)) in self._owners:
                # its numbers change with each step, and could have been read by now
                self.refuse("memory of the step is used without its recorder")
            return np.array(value)
        if isinstance(value, (tuple, list)):
            return type(value)(self.plain(each) for each in value)
        return value

    def repeat(self, function: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Carry out a function of NumPy's, and note it: the form of what it gives must not depend on numbers."""
        plain = [self.plain(each) for each in arguments]
        named = {name: self.plain(option) for name, option in options.items()}
        given = [*zip(arguments, plain, strict=True), *((options[name], named[name]) for name in named)]
        if function in SHAPED_BY_ARGUMENTS and any(holds_recorded(each) for each, _ in given[1:]):
            self.refuse(f"the shape of what {function.__name__} gives depends on numbers")
        found = function(*plain, **named)
        if function in IN_PLACE:
            self._require_recorded(given[0][0])
            self.note(function, *plain, **named)
            return found
        for each, bare in given:
            if isinstance(bare, np.ndarray) and found is bare:
                self._require_recorded(each)
                self.note(function, *plain, **named)
                return each
        pieces = list(found) if isinstance(found, (tuple, list)) else [found]
        if not all(isinstance(piece, (np.ndarray, np.generic)) for piece in pieces):
            self.refuse(f"{function.__name__} gives Python a number")
            return found
        targets = [np.asarray(piece) for piece in pieces]
        wrapped = [self.wrap(target) for target in targets]
        if not (function in VIEWS and all(_is_view(target, plain) for target in targets)):
            # the memory of the results stays, so that what comes after finds it in the same place at each repetition
            self.note(_copy_results, partial(function, *plain, **named), targets, isinstance(found, (tuple, list)))
        if not isinstance(found, (tuple, list)):
            return wrapped[0]
        return type(found)(*wrapped) if hasattr(found, "_fields") else type(found)(wrapped)

    def _require_recorded(self, target: Any) -> None:
        if not isinstance(target, RecordedArray):
            self.refuse("results are written into an array that is neither ctx.scratch nor a gradient")


def holds_recorded(value: Any) -> bool:
    """Whether a value is a recorded array, or a list or tuple with one in it."""
    if isinstance(value, (tuple, list)):
        return any(holds_recorded(each) for each in value)
    return isinstance(value, RecordedArray)


def unrecorded(array: Any) -> Array:
    """For hosts: the memory of an array, without its recorder if it has one."""
    found: Array = array.memory if isinstance(array, RecordedArray) else np.asarray(array)
    return found


def _copy_results(function: Callable[[], Any], targets: list[Array], several: bool) -> None:
    found = function()
    for target, result in zip(targets, found if several else [found], strict=True):
        np.copyto(target, result)


def _is_view(array: Array, of: Sequence[Any]) -> bool:
    return any(
        _is_view(array, each)
        if isinstance(each, (tuple, list))
        else isinstance(each, np.ndarray) and np.may_share_memory(array, each)
        for each in of
    )


def _place() -> str:
    """The line of the layer or cost that is being recorded, for a person."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_NOT_THE_AUTHORS):
        frame = frame.f_back
    if frame is None:
        return ""
    return f" ({Path(frame.f_code.co_filename).name}, line {frame.f_lineno}, in {frame.f_code.co_name})"


def _owner(array: Array) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
