"""Access by path to what is inside a configuration: ``layers.3.units``.

All of it works on components, on experiments (their fields, then components), and on the trees of plain values that
stand for them in TOML, reports and files.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar, cast, final, runtime_checkable

from layerkit.arguments import check_instance
from layerkit.calls import explained
from layerkit.config.marked import ARGUMENTS, MARKED
from layerkit.config.named import NAMED, encoded
from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.layer import Layer
from layerkit.registry.host import PluginHost, default_host
from layerkit.suggestions import did_you_mean

T = TypeVar("T")
Copies: TypeAlias = dict[int, tuple[Any, Any]]
"""By the identity of what was copied: itself, so that it stays alive, and its copy."""


@runtime_checkable
class Adjustable(Protocol):
    """What is no component and has a configuration all the same: an experiment."""

    @property
    def config(self) -> dict[str, Any]:
        """The fields by name."""

    def with_settings(self, **settings: Any) -> Any:
        """The same with other fields."""


@final
class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"

    def __str__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""Stands in a difference for what one of the two does not have."""


class Difference(NamedTuple):
    """A path at which two configurations are not the same, and what each has there."""

    path: str
    had: Any
    has: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.had} then, {self.has} now"


@explained
def get(value: Any, path: str) -> Any:
    """What stands at a path.

    >>> from layerkit import Dense, Sequential, Sigmoid
    >>> get(Sequential([Dense(30, activation=Sigmoid()), Dense(10)]), "layers.1.units")
    10

    Raises:
        ArgumentError: nothing does; the message suggests the nearest.
    """
    for place, name in enumerate(names := _names(path)):
        inside = _inside(value)
        if name not in inside:
            raise _unknown(value, path, ".".join(names[:place]), name, inside)
        value = inside[name]
    return value


@explained
def replaced(value: T, changes: Mapping[str, Any]) -> T:
    """The same configuration with other values at some paths; the old one is untouched.

    A path may lead into what another one replaces: the outer change is made first. A layer that stands in several
    places stays one layer, save in a place that a path leads into and where the value is another than before.

    A configuration has no values: what comes out is made anew of its arguments, and unbuilt, whatever the old one had
    learned. Layers that were frozen are.

    >>> from layerkit import Dense, Sequential, Sigmoid
    >>> replaced(Sequential([Dense(30, activation=Sigmoid()), Dense(10)]), {"layers.0.units": 64, "layers.1.units": 5})
    Sequential([Dense(64, activation=Sigmoid()), Dense(5)])

    Raises:
        ArgumentError: there is no such path, and the message suggests the nearest; or a component refuses a value.
    """
    check_instance("replaced", "changes", changes, Mapping)
    return cast(T, _replaced(value, {tuple(_names(path)): new for path, new in changes.items()}, "", {}))


@explained
def flat(value: Any, *, host: PluginHost | None = None) -> dict[str, Any]:
    """Every path with its plain value; at a component's own path stands its name.

    A list of plain values is one value. ``host`` knows the names; that of this process if left out.

    >>> from layerkit import Adam, CosineDecay
    >>> flat(Adam(CosineDecay(0.01, length=20)))["learning_rate"]
    'cosine'
    >>> flat(Adam(CosineDecay(0.01, length=20)))["learning_rate.length"]
    20
    """
    found: dict[str, Any] = {}
    _add_leaves(_as_tree(value, host or default_host()), "", found)
    return found


@explained
def parts(value: Any) -> dict[str, Any]:
    """Every path inside a configuration that leads through components, with what stands there, as it is.

    >>> from layerkit import Dense, ReLU
    >>> found = parts([Dense(30, activation=ReLU())])
    >>> found["0.units"], found["0.activation"]
    (30, ReLU())
    """
    found: dict[str, Any] = {}
    for name, item in _inside(value).items() if _holds_components(value) else ():
        found[name] = item
        found |= {f"{name}.{path}": inner for path, inner in parts(item).items()}
    return found


@explained
def differences(one: Any, other: Any, *, host: PluginHost | None = None) -> list[Difference]:
    """Where two configurations are not the same, and what each has there.

    >>> from layerkit import Adam
    >>> differences(Adam(0.1), Adam(0.2))
    [Difference(path='learning_rate', had=0.1, has=0.2)]

    So is a layer that stands in several places of one of them, and not of the other.

    >>> from layerkit import Dense, Sequential
    >>> shared = Dense(3)
    >>> print(*differences(Sequential([shared, shared]), Sequential([Dense(3), Dense(3)])))
    layers.1: layers.0 again then, dense now

    Of a list that is empty in one of them, what is in the other's is told.

    >>> from layerkit import Accuracy
    >>> print(*differences({"metrics": []}, {"metrics": [Accuracy()]}))
    metrics.0: nothing then, accuracy now
    """
    had, has = flat(one, host=host), flat(other, host=host)
    if not _is_tree(one) and not _is_tree(other):
        again, still = _repeated(one), _repeated(other)
        had |= {path: first for path, first in again.items() if still.get(path) != first}
        has |= {path: first for path, first in still.items() if again.get(path) != first}
    for these, those in ((had, has), (has, had)):
        # where something is in it now, that is told
        for path in [path for path, value in these.items() if value in ([], {}) and path not in those]:
            if any(other.startswith(f"{path}.") for other in those):
                del these[path]
    found = (Difference(path, had.get(path, ABSENT), has.get(path, ABSENT)) for path in dict.fromkeys([*had, *has]))
    return [each for each in found if not _same(each.had, each.has)]


def _names(path: str) -> list[str]:
    if not isinstance(path, str):
        raise ArgumentError(f"a path is text, such as 'layers.2.units', got {path!r}")
    return path.split(".") if path else []


def _inside(value: Any) -> dict[str, Any]:
    """What a path can lead to from here."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return {}
    if isinstance(value, Configurable):
        return value.config
    if isinstance(value, (list, tuple)):
        return {str(place): item for place, item in enumerate(value)}
    if not isinstance(value, Mapping):
        # asked last, for a look at a protocol takes longer than all the others
        return value.config if isinstance(value, Adjustable) else {}
    marked = MARKED.spelling(value)
    if marked is not None:
        return _inside(marked.arguments)
    if set(value) == {"$tuple"}:
        return _inside(value["$tuple"])
    named = NAMED.spelling(value)
    return dict(value if named is None else named.arguments)


def _holds_components(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_components, value))
    return isinstance(value, Configurable) or NAMED.spelling(value) is not None


def _replaced(value: Any, changes: Mapping[tuple[str, ...], Any], path: str, memo: Copies) -> Any:
    if () in changes:
        value = changes[()]
        changes = {rest: new for rest, new in changes.items() if rest}
        if not changes:
            return _copied(value, memo)
    at_once: dict[tuple[str, ...], Any] = {names: new for names, new in changes.items() if len(names) == 1}
    if isinstance(value, Adjustable) and 0 < len(at_once) < len(changes):
        # a field may change others with it, as the epochs do the length of a schedule: then comes what is inside
        deeper = {names: new for names, new in changes.items() if len(names) > 1}
        return _replaced(_replaced(value, at_once, path, memo), deeper, path, memo)
    inside = _inside(value)
    below: dict[str, dict[tuple[str, ...], Any]] = {}
    for (name, *rest), new in changes.items():
        if name not in inside:
            raise _unknown(value, _joined(path, name), path, name, inside)
        below.setdefault(name, {})[tuple(rest)] = new
    new = {name: _replaced(inside[name], each, _joined(path, name), memo) for name, each in below.items()}
    if isinstance(value, Adjustable) and not isinstance(value, Configurable):
        return value.with_settings(**new)
    if all(_unchanged(inside[name], each, memo) for name, each in new.items()):
        return _copied(value, memo)
    return _rebuilt(value, new, memo)


def _unchanged(old: Any, new: Any, memo: Copies) -> bool:
    if id(old) in memo:
        return memo[id(old)][1] is new
    # by what is shown: 1 and True, 0.0 and -0.0 are not the same
    return type(old) is type(new) and _is_plain(old) and repr(old) == repr(new)


def _rebuilt(value: Any, new: Mapping[str, Any], memo: Copies) -> Any:
    if isinstance(value, Configurable):
        rebuilt = type(value)(**_with(value.config, new, memo))
        if isinstance(value, Layer) and isinstance(rebuilt, Layer):
            _freeze_alike(value, rebuilt)
        return rebuilt
    if isinstance(value, (list, tuple)):
        return type(value)(_with(_inside(value), new, memo).values())
    if MARKED.spelling(value) is not None:
        return {**value, ARGUMENTS: _rebuilt(value[ARGUMENTS], new, memo)}
    if set(value) == {"$tuple"}:
        return {"$tuple": _rebuilt(value["$tuple"], new, memo)}
    return _with(value, new, memo)


def _with(inside: Mapping[str, Any], new: Mapping[str, Any], memo: Copies) -> dict[str, Any]:
    return {name: new[name] if name in new else _copied(item, memo) for name, item in inside.items()}


def _copied(value: Any, memo: Copies) -> Any:
    """All components and containers made anew; what an argument may hold besides, such as a file, is shared."""
    if not isinstance(value, (Configurable, list, tuple, dict)):
        return value
    if id(value) not in memo:
        memo[id(value)] = value, _made_anew(value, memo)
    return memo[id(value)][1]


def _made_anew(value: Any, memo: Copies) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item, memo) for name, item in value.items()}
    if not isinstance(value, Configurable):
        return type(value)(_copied(item, memo) for item in value)
    try:
        _ = value.config
    except ArgumentError:
        # it cannot be made of arguments, as it takes some without a name
        return copy.deepcopy(value, {place: each for place, (_, each) in memo.items()})
    return _rebuilt(value, {}, memo)


def _freeze_alike(old: Layer, new: Layer) -> None:
    """Freeze what is frozen, also among the parts that the constructor made."""
    if old.frozen:
        new.freeze()
    for name in vars(old).keys() - old.config.keys():
        part, again = vars(old)[name], vars(new).get(name)
        if isinstance(part, Layer) and isinstance(again, Layer):
            _freeze_alike(part, again)


def _repeated(value: Any) -> dict[str, str]:
    """Where a layer stands once more, and where it stood first."""
    first: dict[int, tuple[Layer, str]] = {}
    found: dict[str, str] = {}

    def look(value: Any, path: str) -> None:
        if isinstance(value, Layer):
            if id(value) in first:
                found[path] = f"{first[id(value)][1]} again"
                return
            first[id(value)] = value, path
        for name, item in _inside(value).items():
            look(item, _joined(path, name))

    look(value, "")
    return found


def _unknown(value: Any, path: str, before: str, name: str, inside: Mapping[str, Any]) -> ArgumentError:
    if isinstance(value, Sequence) and not isinstance(value, str):
        has = f"has the places 0 to {len(value) - 1}" if value else "is empty"
        return ArgumentError(f"there is no {path!r}: the list {before or 'itself'} {has}")
    what = type(value).__name__ if isinstance(value, (Configurable, Adjustable)) else before or "the configuration"
    if not inside:
        return ArgumentError(f"there is no {path!r}: {what} has nothing inside it")
    known = ", ".join(inside)
    return ArgumentError(f"there is no {path!r}: {what} has no {name!r}.{did_you_mean(name, inside)} It has: {known}")


def _as_tree(value: Any, host: PluginHost) -> Any:
    if isinstance(value, Adjustable) and not isinstance(value, Configurable):
        return {name: _as_tree(item, host) for name, item in value.config.items()}
    # a tree is taken as it is: what is marked in it would be spelled once more
    return value if _is_tree(value) else encoded(value, host)


def _is_tree(value: Any) -> bool:
    if value is None or isinstance(value, (bool, int, float, str)):
        return True
    if isinstance(value, Mapping):
        return all(map(_is_tree, value.values()))
    return isinstance(value, list) and all(map(_is_tree, value))


def _is_plain(value: Any) -> bool:
    return all(map(_is_plain, value)) if isinstance(value, (list, tuple)) else _is_tree(value)


def _add_leaves(tree: Any, path: str, found: dict[str, Any]) -> None:
    inside = _inside(tree)
    if isinstance(tree, Mapping) and not _is_mark(tree):
        spelled = MARKED.spelling(tree) or NAMED.spelling(tree)
        if spelled is not None:
            found[path] = spelled.name
        elif not inside:
            found[path] = tree
    elif not any(isinstance(item, (Mapping, list)) for item in inside.values()):
        found[path] = list(inside.values()) if isinstance(tree, Mapping) and "$tuple" in tree else tree
        return
    for name, item in inside.items():
        _add_leaves(item, _joined(path, name), found)


def _is_mark(tree: Mapping[str, Any]) -> bool:
    return len(tree) == 1 and next(iter(tree)).startswith("$")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _same(one: Any, other: Any) -> bool:
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or bool(one == other)
