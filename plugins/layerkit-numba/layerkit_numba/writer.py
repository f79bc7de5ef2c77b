"""Writes the text of a program: names of functions, memory and its views, lines of code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

from layerkit.errors import EngineError
from layerkit_numba.interface import Argument, Call

_ALIGNED = 16


@final
@dataclass(frozen=True, slots=True)
class Value:
    """An array of the program: in ``memory``, from ``start`` on, ``(*shape,)`` or ``(n, *shape)``."""

    name: str
    memory: str
    start: int
    shape: tuple[int, ...]
    per_example: bool = True

    @property
    def size(self) -> int:
        """How many numbers an example (or the whole, if it is not per example) has."""
        return math.prod(self.shape)

    def reshaped(self, name: str, shape: tuple[int, ...]) -> Value:
        """The same memory in another shape."""
        return Value(name, self.memory, self.start, shape, self.per_example)


@final
class Writer:
    """Collects a program's imports, its preparations (once a call) and its steps."""

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._aliases: dict[tuple[str, str], str] = {}
        self._views: dict[tuple[Value, str], str] = {}
        self._used = 0
        self._depth = 1
        self.functions: list[Any] = []
        self.preparations: list[str] = []
        self.steps: list[str] = []

    @property
    def memory_size(self) -> int:
        """How many numbers of working memory the program needs."""
        return max(self._used, 1)

    def allocate(self, name: str, shape: tuple[int, ...], *, per_example: bool = True) -> Value:
        """Working memory for an array."""
        start = self._used
        size = math.prod(shape) * (self._batch_size if per_example else 1)
        self._used += math.ceil(size / _ALIGNED) * _ALIGNED
        return Value(name, "memory", start, shape, per_example)

    def view(self, value: Value, form: str = "") -> str:
        """The variable that holds ``value`` in a form: ``""``, ``rows``, ``table``, ``flat``; or ``count``."""
        leading = math.prod(value.shape[:-1]) if value.shape else 1
        last = value.shape[-1] if value.shape else 1
        n = "n * " if value.per_example else ""
        if form == "count":
            return f"({n}{leading})"
        known = self._views.get((value, form))
        if known is not None:
            return known
        if form == "":
            axes = ["n"] * value.per_example + [str(axis) for axis in value.shape]
        elif form == "rows":
            axes = [f"{n}{leading}", str(last)]
        elif form == "table":
            axes = ["n" if value.per_example else "1", str(value.size)]
        elif form == "flat":
            axes = [f"{n}{value.size}"]
        else:
            raise EngineError(f"a kernel asks for {value.name}:{form}; the forms are rows, table, flat and count")
        variable = f"{value.name}_{form}" if form else value.name
        variable = self._views[value, form] = f"{variable}_{len(self._views)}".replace(" ", "_").replace(".", "_")
        whole = f"{value.memory}[{value.start} : {value.start} + {n}{value.size}]"
        shape = axes[0] + "," if len(axes) == 1 else ", ".join(axes)
        self.preparations.append(
            f"{variable} = {whole}" if len(axes) == 1 else f"{variable} = {whole}.reshape(({shape}))"
        )
        return variable

    def call(self, call: Call, names: dict[str, Value | str], owner: str, *, result: str = "") -> None:
        """A line that calls a kernel's function; ``names`` says what its words stand for."""
        arguments = ", ".join(self._argument(argument, names, owner) for argument in call.arguments)
        self.line(f"{result}{self.function(call.function)}({arguments})")

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

    def _argument(self, argument: Argument, names: dict[str, Value | str], owner: str) -> str:
        if not isinstance(argument, str):
            return repr(argument)
        name, _, form = argument.partition(":")
        value = names.get(name)
        if value is None:
            raise EngineError(f"the kernel of {owner} asks for {name!r}; it may ask for {', '.join(sorted(names))}")
        return value if isinstance(value, str) else self.view(value, form)
