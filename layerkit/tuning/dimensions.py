"""What a search may choose: numbers of a range, whole numbers, one of several values, how often a layer stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final

from layerkit.arguments import check_boolean, check_instance, check_integer, check_number
from layerkit.calls import Explained
from layerkit.errors import ArgumentError

When: TypeAlias = Mapping[str, Any]
"""By the name of another choice, the value, or the list of values, with which something is chosen at all."""


@final
@dataclass(frozen=True)
class Real(metaclass=Explained):
    """A number between ``low`` and ``high``, both included; evenly in its logarithm where ``log``.

    ``each``: inside a layer that is repeated, each copy gets its own. ``when``: only with these values of others.

    >>> Real(0.001, 1.0, log=True)
    Real(low=0.001, high=1.0, log=True, each=False, when={})
    """

    low: float
    high: float
    log: bool = field(default=False, kw_only=True)
    each: bool = field(default=False, kw_only=True)
    when: When = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        check_number(self, "low", self.low)
        check_number(self, "high", self.high, above=self.low)
        check_boolean(self, "log", self.log)
        if self.log:
            check_number(self, "low (with log)", self.low, above=0)
        _check_common(self)

    def suggest(self, trial: Any, name: str) -> float:
        """What the sampler gives."""
        value: float = trial.suggest_float(name, self.low, self.high, log=self.log)
        return value

    def ends(self) -> list[Any]:
        """Values by which a range is judged before the first trial."""
        return [self.low, self.high]

    def holds(self, value: Any) -> bool:
        """Whether it may be chosen."""
        return _is_number(value) and self.low <= value <= self.high

    def grid(self, name: str) -> list[Any]:
        """All values.

        Raises:
            ArgumentError: there is no end of them.
        """
        raise ArgumentError(f"the sampler 'grid' goes through values, and {name} is a range: give values = […]")


@final
@dataclass(frozen=True)
class Integer(metaclass=Explained):
    """A whole number from ``low`` to ``high``, both included, every ``step``-th; as ``Real`` otherwise.

    >>> Integer(8, 32, step=8).grid("units")
    [8, 16, 24, 32]
    """

    low: int
    high: int
    log: bool = field(default=False, kw_only=True)
    step: int = field(default=1, kw_only=True)
    each: bool = field(default=False, kw_only=True)
    when: When = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        check_integer(self, "low", self.low, minimum=1 if self.log else -(10**9))
        check_integer(self, "high", self.high, minimum=self.low)
        check_integer(self, "step", self.step, minimum=1)
        check_boolean(self, "log", self.log)
        if self.log and self.step != 1:
            raise ArgumentError(f"Integer: log and a step exclude each other, got step = {self.step}")
        if (self.high - self.low) % self.step:
            raise ArgumentError(f"Integer: high must be low + a multiple of step ({self.step}), got {self.high}")
        _check_common(self)

    def suggest(self, trial: Any, name: str) -> int:
        value: int = trial.suggest_int(name, self.low, self.high, log=self.log, step=self.step)
        return value

    def ends(self) -> list[Any]:
        return [self.low, self.high]

    def holds(self, value: Any) -> bool:
        return _is_number(value) and value in range(self.low, self.high + 1, self.step)

    def grid(self, name: str) -> list[Any]:
        return list(range(self.low, self.high + 1, self.step))


@final
@dataclass(frozen=True)
class Choice(metaclass=Explained):
    """One of several values: numbers, words, components (by name or as a table in Python's or TOML's form).

    >>> Choice(["relu", {"component": "leaky-relu", "negative_slope": 0.2}]).labels
    ('relu', 'leaky-relu')
    """

    values: Sequence[Any]
    each: bool = field(default=False, kw_only=True)
    when: When = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        given: Any = self.values
        if not isinstance(given, (list, tuple)) or not given:
            raise ArgumentError(f"Choice: values must be a list with something in it, got {self.values!r}")
        labels = self.labels
        if any(same(one, other) for place, one in enumerate(labels) for other in labels[:place]):
            raise ArgumentError(f"Choice: values must differ from each other, got {self.values!r}")
        _check_common(self)

    @property
    def labels(self) -> tuple[Any, ...]:
        """What stands for each value in records and pictures: the value itself, or its component's name."""
        names = [value["component"] if _is_component(value) else value for value in self.values]
        return tuple(
            _written(value) if _is_component(value) and names.count(name) > 1 else _plain(name)
            for value, name in zip(self.values, names, strict=True)
        )

    def suggest(self, trial: Any, name: str) -> Any:
        return trial.suggest_categorical(name, self.labels)

    def value_of(self, label: Any) -> Any:
        """The value that a label stands for."""
        return next(value for value, own in zip(self.values, self.labels, strict=True) if same(own, label))

    def ends(self) -> list[Any]:
        return list(self.labels)

    def holds(self, value: Any) -> bool:
        return any(same(own, value) for own in self.labels)

    def grid(self, name: str) -> list[Any]:
        return list(self.labels)


@final
@dataclass(frozen=True)
class Copies(metaclass=Explained):
    """How often a layer of ``layers`` stands in a row, from ``low`` to ``high`` times; with ``span``, so many layers.

    >>> Copies(1, 4).grid("layers.2.copies")
    [1, 2, 3, 4]
    """

    low: int
    high: int
    span: int = field(default=1, kw_only=True)
    when: When = field(default_factory=dict, kw_only=True)

    each = False

    def __post_init__(self) -> None:
        check_integer(self, "low", self.low, minimum=0)
        check_integer(self, "high", self.high, minimum=self.low, maximum=1000)
        check_integer(self, "span", self.span, minimum=1)
        _check_common(self)

    def suggest(self, trial: Any, name: str) -> int:
        value: int = trial.suggest_int(name, self.low, self.high)
        return value

    def ends(self) -> list[Any]:
        return [self.low, self.high]

    def holds(self, value: Any) -> bool:
        return _is_number(value) and value in range(self.low, self.high + 1)

    def grid(self, name: str) -> list[Any]:
        return list(range(self.low, self.high + 1))


Dimension: TypeAlias = Real | Integer | Choice | Copies


def same(one: Any, other: Any) -> bool:
    """Whether two values of a choice are one; ``True`` is not 1.

    >>> same(1, 1.0), same(1, True)
    (True, False)
    """
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_common(dimension: Dimension) -> None:
    check_boolean(dimension, "each", dimension.each)
    check_instance(dimension, "when", dimension.when, Mapping)


def _is_component(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("component"), str)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, default=repr)
