"""Records the NumPy operations of a pass, so that a training loop can repeat them without the Python around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, final
from weakref import ref

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

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

    def wrap(self, array: Array) -> Any:
        """The same memory as an array that records; the tape knows this memory from now on."""
        self.know(array)
        return RecordedArray(array, ref(self))

    def know(self, array: Array) -> None:
        """Let operations read this memory."""
        array = unrecorded(array)
        # the array that owns the memory is kept, or another could be made at the same address and pass for it
        owner = _owner(array)
        self._owners[id(owner)] = owner

    def note(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Add an operation."""
        self.operations.append(partial(function, *arguments, **options))

    def plain(self, value: Any) -> Any:
        """``value`` without its recorder; reading memory that the tape does not know makes the tape invalid."""
        if isinstance(value, RecordedArray):
            value = value.memory
        if isinstance(value, np.ndarray):
            if id(_owner(value)) not in self._owners:
                self.valid = False
            return value
        if isinstance(value, (tuple, list)):
            return type(value)(self.plain(each) for each in value)
        return value


def unrecorded(value: Any) -> Any:
    """The array itself, of one that records: for those who repeat what was recorded, and know when it holds what."""
    return value.memory if isinstance(value, RecordedArray) else value


class RecordedArray(NDArrayOperatorsMixin):
    """An array that notes on its tape what is done with it.

    It is no ``ndarray``, for what is done with those is not always seen. What it can do is what can be repeated;
    whatever else is asked of it – its numbers, its bytes, a method that is not named here – is answered, and makes the
    tape invalid: from there on Python may decide by this batch's numbers, which the next one does not have.
    """

    __slots__ = ("memory", "tape")

    def __init__(self, memory: Array, tape: ref[Tape]) -> None:
        self.memory = memory
        # weak: operations hold arrays, and what they are views of, where the garbage collector sees no circle
        self.tape = tape

    @property
    def shape(self) -> tuple[int, ...]:
        """As in NumPy; so are the others."""
        return self.memory.shape

    @property
    def dtype(self) -> Any:
        return self.memory.dtype

    @property
    def ndim(self) -> int:
        return self.memory.ndim

    @property
    def size(self) -> int:
        return self.memory.size

    @property
    def itemsize(self) -> int:
        return self.memory.itemsize

    @property
    def nbytes(self) -> int:
        return self.memory.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        return self.memory.strides

    @property
    def flags(self) -> Any:
        return self.memory.flags

    @property
    def T(self) -> RecordedArray:  # noqa: N802 - NumPy calls it so
        return self._like(self.memory.T)

    def __len__(self) -> int:
        return len(self.memory)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        given = options.pop("out", (None,))
        tape = _tape(*inputs, *given, *options.values())
        plain = [tape.plain(each) for each in inputs]
        options = {name: tape.plain(option) for name, option in options.items()}
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if len(given) != 1 or method == "at":
            # several results, or one that is changed by its own name: rare, and not worth a form of their own
            tape.valid = False
            results = tuple(map(unrecorded, given))
            return function(*plain, **options, **({} if None in results else {"out": results}))
        out = given[0]
        if out is None:
            target = np.asarray(function(*plain, **options))
            out = tape.wrap(target)
        else:
            target = tape.plain(out)
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
        if result is None and function in _WRITING:
            tape.note(function, *plain, **options)
            return None
        if not isinstance(result, np.ndarray) or function in _COUNTING:
            tape.valid = False
            return result
        if any(isinstance(each, np.ndarray) and np.may_share_memory(result, each) for each in plain):
            # a view shows what the operations before it will have put there
            return tape.wrap(result)
        # the result's memory stays, so that what comes after finds it in the same place at each repetition
        tape.note(lambda: np.copyto(result, function(*plain, **options)))
        return tape.wrap(result)

    def __array__(self, *args: Any, **options: Any) -> Array:
        return self._read()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read(), name)

    def reshape(self, *shape: Any, **options: Any) -> RecordedArray:
        return self._viewed(self.memory.reshape(*shape, **options))

    def ravel(self, *args: Any, **options: Any) -> RecordedArray:
        return self._viewed(self.memory.ravel(*args, **options))

    def transpose(self, *axes: Any) -> RecordedArray:
        return self._like(self.memory.transpose(*axes))

    def swapaxes(self, one: int, other: int) -> RecordedArray:
        return self._like(self.memory.swapaxes(one, other))

    def squeeze(self, *args: Any, **options: Any) -> RecordedArray:
        return self._like(self.memory.squeeze(*args, **options))

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        return np.add.reduce(self, axis=axis, dtype=dtype, out=out, **options)

    def max(self, axis: Any = None, out: Any = None, **options: Any) -> Any:
        return np.maximum.reduce(self, axis=axis, out=out, **options)

    def min(self, axis: Any = None, out: Any = None, **options: Any) -> Any:
        return np.minimum.reduce(self, axis=axis, out=out, **options)

    def mean(self, *args: Any, **options: Any) -> Any:
        return np.mean(self, *args, **options)

    def take(self, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
        return np.take(self, indices, axis=axis, out=out, mode=mode)

    def clip(self, *args: Any, **options: Any) -> Any:
        return np.clip(self, *args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        return np.copy(self)

    def astype(self, dtype: Any, *args: Any, **options: Any) -> RecordedArray:
        found = self.memory.astype(dtype, *args, **options)
        if np.may_share_memory(found, self.memory):
            return self._like(found)
        tape = _tape(self)
        tape.note(np.copyto, found, tape.plain(self), casting="unsafe")
        wrapped: RecordedArray = tape.wrap(found)
        return wrapped

    def fill(self, value: Any) -> None:
        self[...] = value

    def dot(self, other: Any, out: Any = None) -> Any:
        # NumPy's own method is called faster than its function
        tape = _tape(self, other, out)
        one, two = tape.plain(self), tape.plain(other)
        if out is None:
            target = np.asarray(one.dot(two))
            out = tape.wrap(target)
        else:
            target = tape.plain(out)
            one.dot(two, target)
        tape.note(one.dot, two, target)
        return out

    def __getitem__(self, key: Any) -> Any:
        found = self.memory[_plain_key(key, self)]
        if isinstance(found, np.ndarray) and np.may_share_memory(found, self.memory):
            return self._like(found)
        # a number, or a copy, whose length may depend on numbers: no operation repeats it
        self._read()
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        tape = _tape(self, value)
        own = self.memory
        key = _plain_key(key, self)
        target = own[key]
        # chosen by numbers or booleans, the places are a copy, and would have to be chosen anew each time
        if not isinstance(target, np.ndarray) or not np.may_share_memory(target, own):
            tape.valid = False
            own[key] = tape.plain(value)
            return
        plain = tape.plain(value)
        np.copyto(target, plain)
        tape.note(np.copyto, target, plain)

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._read())

    def __float__(self) -> float:
        return float(self._read())

    def __int__(self) -> int:
        return int(self._read())

    def __index__(self) -> int:
        return self._read().__index__()

    def _like(self, view: Array) -> RecordedArray:
        return RecordedArray(view, self.tape)

    def _viewed(self, found: Array) -> RecordedArray:
        if not np.may_share_memory(found, self.memory):
            # what was to be a view is a copy, because of how the numbers lie
            tape = _tape(self)
            shape = found.shape
            tape.note(lambda: np.copyto(found, self.memory.reshape(shape)))
            return tape.wrap(found)
        return self._like(found)

    def _read(self) -> Array:
        _tape(self).valid = False
        return self.memory


_WRITING = (np.copyto, np.put_along_axis, np.place, np.put, np.putmask, np.fill_diagonal)
"""What gives nothing back, and writes into its first argument."""
_COUNTING = (np.nonzero, np.argwhere, np.flatnonzero, np.unique, np.compress, np.extract)
"""What gives as many numbers as there are numbers of some kind."""


def _plain_key(key: Any, array: RecordedArray) -> Any:
    """An index without recorders in it; one that is chosen by numbers makes the tape invalid."""
    if isinstance(key, RecordedArray):
        return key._read()
    if isinstance(key, tuple) and any(isinstance(each, RecordedArray) for each in key):
        return tuple(_plain_key(each, array) for each in key)
    return key


def _tape(*values: Any) -> Tape:
    for value in values:
        if isinstance(value, (tuple, list)):
            inner = next((each for each in value if isinstance(each, RecordedArray)), None)
            value = inner if inner is not None else value  # noqa: PLW2901 - np.concatenate takes a list
        found = value.tape() if isinstance(value, RecordedArray) else None
        if found is not None:
            return found
    raise AssertionError("a recorded operation has a recorded array in it")


def _owner(array: Array) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
