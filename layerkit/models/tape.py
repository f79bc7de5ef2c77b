"""Records the NumPy operations of a pass, so that a training loop can repeat them without the Python around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, final
from weakref import ref

import numpy as np

from layerkit.types import Array


@final
class Tape:
    """A list of operations on arrays that stay where they are.

    While a pass is recorded, every array in it is a ``RecordedArray``, which notes each operation that it carries out.
    The tape is ``valid`` as long as every number in those operations lies in memory that the tape knows: what was
    recorded, parameters, constants. A number that came from elsewhere (a random draw, say), or that Python has read
    off an array, cannot be repeated, and makes the tape invalid.
    """

    def __init__(self) -> None:
        self.valid = True
        self.operations: list[Callable[[], Any]] = []
        self._owners: dict[int, Any] = {}

    def run(self) -> None:
        """Repeat every operation."""
        for operation in self.operations:
            operation()

    def wrap(self, array: Array) -> RecordedArray:
        """The same memory as an array that records; the tape knows this memory from now on."""
        self.know(array)
        recorded = array.view(RecordedArray)
        recorded.tape = ref(self)
        return recorded

    def know(self, array: Array) -> None:
        """Let operations read this memory."""
        # the array that owns the memory is kept, or another could be made at the same address and pass for it
        owner = _owner(array)
        self._owners[id(owner)] = owner

    def note(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Add an operation."""
        self.operations.append(partial(function, *arguments, **options))

    def plain(self, value: Any) -> Any:
        """``value`` without its recorder; reading memory that the tape does not know makes the tape invalid."""
        if isinstance(value, np.ndarray):
            if id(_owner(value)) not in self._owners:
                self.valid = False
            return value.view(np.ndarray)
        if isinstance(value, (tuple, list)):
            return type(value)(self.plain(each) for each in value)
        return value


class RecordedArray(np.ndarray):
    """An array that notes on its tape what is done with it."""

    tape: ref[Tape] | None
    """Weak: operations hold arrays, and what they are views of, where the garbage collector sees no circle."""

    def __array_finalize__(self, source: Any) -> None:
        self.tape = getattr(source, "tape", None)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        given = options.pop("out", (None,))
        tape = _tape(*inputs, *given)
        plain = [tape.plain(each) for each in inputs]
        options = {name: tape.plain(option) for name, option in options.items()}
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if len(given) != 1 or method == "at":
            # several results, or one that is changed by its own name: rare, and not worth a form of their own
            tape.valid = False
            return function(*plain, **options)
        out = given[0]
        if out is None:
            out = tape.wrap(np.asarray(function(*plain, **options)))
            target = out.view(np.ndarray)
        else:
            target = out.view(np.ndarray)
            function(*plain, out=target, **options)
        # an output is taken faster by its place than by its name, which NumPy deprecates for these two
        if options or method != "__call__" or ufunc in (np.maximum, np.minimum):
            tape.note(function, *plain, out=target, **options)
        else:
            tape.note(function, *plain, target)
        return out

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        tape = _tape(*args, *kwargs.values())
        plain = tape.plain(tuple(args))
        options = {name: tape.plain(option) for name, option in kwargs.items()}
        result = function(*plain, **options)
        if kwargs.get("out") is not None:
            tape.note(function, *plain, **options)
            return kwargs["out"]
        if not isinstance(result, np.ndarray):
            tape.valid = False
            return result
        if any(isinstance(each, np.ndarray) and np.may_share_memory(result, each) for each in plain):
            # a view shows what the operations before it will have put there
            return tape.wrap(result)
        # the result's memory stays, so that what comes after finds it in the same place at each repetition
        tape.note(lambda: np.copyto(result, function(*plain, **options)))
        return tape.wrap(result)

    def dot(self, other: Any, out: Any = None) -> Any:
        # NumPy's own methods do not go through the two protocols above
        tape = _tape(self, other, out)
        one, two = tape.plain(self), tape.plain(other)
        if out is None:
            out = tape.wrap(np.asarray(one.dot(two)))
        else:
            one.dot(two, out.view(np.ndarray))
        tape.note(one.dot, two, out.view(np.ndarray))
        return out

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if not (isinstance(found, np.ndarray) and np.may_share_memory(found.view(np.ndarray), self.view(np.ndarray))):
            # a number, or a copy, whose length may depend on numbers: no operation repeats it
            self._read()
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        tape = _tape(self, value)
        own = self.view(np.ndarray)
        target = own[key]
        # chosen by numbers or booleans, the places are a copy, and would have to be chosen anew each time
        if not isinstance(target, np.ndarray) or not np.may_share_memory(target, own):
            tape.valid = False
            own[key] = tape.plain(value)
            return
        plain = tape.plain(value)
        np.copyto(target, plain)
        tape.note(np.copyto, target, plain)

    def _read(self) -> Array:
        # from here on Python decides by this batch's numbers, which the next one does not have
        _tape(self).valid = False
        return self.view(np.ndarray)

    def __bool__(self) -> bool:
        return bool(self._read())

    def __float__(self) -> float:
        return float(self._read())

    def __int__(self) -> int:
        return int(self._read())

    def __index__(self) -> int:
        return self._read().__index__()

    def argmax(self, *args: Any, **options: Any) -> Any:
        return self._read().argmax(*args, **options)

    def argmin(self, *args: Any, **options: Any) -> Any:
        return self._read().argmin(*args, **options)

    def item(self, *args: Any) -> Any:
        return self._read().item(*args)

    def tolist(self) -> Any:
        return self._read().tolist()


def _tape(*values: Any) -> Tape:
    for value in values:
        tape = value.tape if isinstance(value, RecordedArray) else None
        found = None if tape is None else tape()
        if found is not None:
            return found
    raise AssertionError("a recorded operation has a recorded array in it")


def _owner(array: Array) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
