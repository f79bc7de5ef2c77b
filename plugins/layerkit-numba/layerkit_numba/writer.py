"""Writes the text of a program: names of functions, memory and its views, lines of code."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from layerkit.errors import EngineError
from layerkit_numba.interface import Argument, Call, Fixed

_ALIGNED = 16
_LINE = 64
_FORMS = ("", "rows", "table", "flat", "count", "size")
_DTYPES = ("bool", "uint8", "int32", "int64", "float32", "float64")


@final
@dataclass(frozen=True, slots=True)
class Value:
    """An array of the program: in ``memory``, from ``start`` on, ``(*shape,)`` or ``(n, *shape)``.

    ``dtype`` is empty for the model's; of others ``memory`` is bytes, and ``start`` counts these.
    """

    name: str
    memory: str
    start: int
    shape: tuple[int, ...]
    per_example: bool = True
    dtype: str = ""

    @property
    def size(self) -> int:
        """How many numbers an example (or the whole, if it is not per example) has."""
        return math.prod(self.shape)

    @property
    def integer(self) -> bool:
        """Whether it holds integers."""
        return self.dtype.startswith(("int", "uint"))

    def reshaped(self, name: str, shape: tuple[int, ...]) -> Value:
        """The same memory in another shape."""
        return Value(name, self.memory, self.start, shape, self.per_example, self.dtype)


@final
@dataclass(slots=True)
class Late:
    """Numbers that a program is given while it runs, in the order in which its text counts them."""

    floats: list[float] = field(default_factory=list)
    integers: list[int] = field(default_factory=list)


@final
class Writer:
    """Collects a program's imports, its preparations (once a call) and its steps.

    Numbers with a fraction are given to the program while it runs, so that its text does not depend on them; with
    ``late_sizes``, sizes and other integers are, too. ``cuts`` is into how many pieces a call is cut that may be.
    """

    def __init__(self, batch_size: int, *, late_sizes: bool = False, cuts: int = 1) -> None:
        self._batch_size = batch_size
        self._late_sizes = late_sizes
        self._cuts = cuts
        self._aliases: dict[tuple[str, str], str] = {}
        self._views: dict[tuple[Value, str], str] = {}
        self._used = self._used_bytes = 0
        self._depth = 1
        self.functions: list[Any] = []
        self.preparations: list[str] = []
        self.steps: list[str] = []
        self.late = Late()
        self.cleared: list[Value] = []

    @property
    def memory_size(self) -> int:
        """How many numbers of working memory the program needs."""
        return max(self._used, 1)

    @property
    def room_size(self) -> int:
        """How many bytes it needs for what is not in the model's dtype."""
        return max(self._used_bytes, 1)

    def allocate(
        self, name: str, shape: tuple[int, ...], *, per_example: bool = True, dtype: str = "", cleared: bool = False
    ) -> Value:
        """Working memory for an array.

        Raises:
            EngineError: there is no memory of this dtype.
        """
        size = math.prod(shape) * (self._batch_size if per_example else 1)
        if dtype:
            if dtype not in _DTYPES:
                raise EngineError(f"a kernel asks for a buffer of {dtype!r}; the dtypes are {', '.join(_DTYPES)}")
            start = self._used_bytes
            self._used_bytes += math.ceil(size * np.dtype(dtype).itemsize / _LINE) * _LINE
            value = Value(name, "room", start, shape, per_example, dtype)
        else:
            start = self._used
            self._used += math.ceil(size / _ALIGNED) * _ALIGNED
            value = Value(name, "memory", start, shape, per_example)
        if cleared:
            self.cleared.append(value)
        return value

    def view(self, value: Value, form: str = "") -> str:
        """The variable that holds ``value`` in a form: plain, rows, table or flat; or its count or its size."""
        leading = math.prod(value.shape[:-1]) if value.shape else 1
        last = value.shape[-1] if value.shape else 1
        if form in ("count", "size"):
            number = self.integer(leading if form == "count" else value.size)
            return f"({'n * ' * value.per_example}{number})"
        known = self._views.get((value, form))
        if known is not None:
            return known
        variable = f"{value.name}_{form}" if form else value.name
        variable = f"{variable}_{len(self._views)}".translate(_NAMES)
        self._views[value, form] = variable
        n = "n * " if value.per_example else ""
        if form == "":
            axes = ["n"] * value.per_example + [self.integer(axis) for axis in value.shape]
        elif form == "rows":
            axes = [f"{n}{self.integer(leading)}", self.integer(last)]
        elif form == "table":
            axes = ["n" if value.per_example else "1", self.integer(value.size)]
        else:
            axes = [f"{n}{self.integer(value.size)}"]
        itemsize = np.dtype(value.dtype).itemsize if value.dtype else 1
        begin = self.integer(value.start)
        whole = f"{value.memory}[{begin} : {begin} + {n}{self.integer(value.size * itemsize)}]"
        if value.dtype:
            whole += f".view(np.{'bool_' if value.dtype == 'bool' else value.dtype})"
        shape = ", ".join(axes)
        self.preparations.append(
            f"{variable} = {whole}" if len(axes) == 1 else f"{variable} = {whole}.reshape(({shape}))"
        )
        return variable

    def call(self, call: Call, names: dict[str, Value | str], owner: str) -> None:
        """A line that calls a kernel's function, or one for each piece; ``names`` says what its words stand for."""
        function = self.function(call.function)
        ends = [("0", "0")]
        if call.over != "":
            ends = self._pieces(self._argument(call.over, names, owner), call.grain)
        for begin, end in ends:
            known = names | {"begin": begin, "end": end} if call.over != "" else names
            arguments = ", ".join(self._argument(argument, known, owner) for argument in call.arguments)
            self.line(f"{function}({arguments})")

    def _pieces(self, count: str, grain: int) -> list[tuple[str, str]]:
        edges = [f"({count} * {number} // {self._cuts} // {grain} * {grain})" for number in range(1, self._cuts)]
        return list(zip(["0", *edges], [*edges, count], strict=True))

    def function(self, function: Any) -> str:
        """The name of a function in the program."""
        plain = getattr(function, "py_func", None) or getattr(function, "_defn", function)
        module, name = plain.__module__, plain.__qualname__
        if "<" in name or "." in name:
            raise EngineError(f"a kernel's function must stand at the top level of its module, got {module}:{name}")
        if (module, name) not in self._aliases:
            self._aliases[module, name] = f"{name}_{len(self._aliases)}"
            self.functions.append(plain)
        return self._aliases[module, name]

    def line(self, text: str) -> None:
        """A line of the steps."""
        self.steps.append("    " * self._depth + text)

    def indent(self, by: int = 1) -> None:
        """Go into a block, or out of one with a negative number."""
        self._depth += by

    def imports(self) -> list[str]:
        """The lines that import the functions."""
        return [f"from {module} import {name} as {alias}" for (module, name), alias in self._aliases.items()]

    def number(self, value: float) -> str:
        """A number as the program has it: a variable, where it is given while it runs."""
        if isinstance(value, float):
            return self._late(value, self.late.floats, "floats")
        return repr(value) if isinstance(value, bool) else self.integer(value)

    def integer(self, value: int) -> str:
        """A size, likewise."""
        return self._late(value, self.late.integers, "integers") if self._late_sizes else str(value)

    def _late(self, value: Any, kept: list[Any], source: str) -> str:
        variable = f"{source}_{len(kept)}"
        self.preparations.append(f"{variable} = {source}[{len(kept)}]")
        kept.append(value)
        return variable

    def _argument(self, argument: Argument, names: dict[str, Value | str], owner: str) -> str:
        if isinstance(argument, Fixed):
            return repr(argument.value)
        if not isinstance(argument, str):
            return self.number(argument)
        name, _, form = argument.partition(":")
        value = names.get(name)
        if form not in _FORMS:
            raise EngineError(f"the kernel of {owner} asks for {argument!r}; the forms are {', '.join(_FORMS[1:])}")
        if value is None:
            raise EngineError(f"the kernel of {owner} asks for {name!r}; it may ask for {', '.join(sorted(names))}")
        return value if isinstance(value, str) else self.view(value, form)


_NAMES = str.maketrans(" .", "__")
