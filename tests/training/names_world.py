"""Data of which all is known by name, in every form in which people give it, and what is right of a model of it."""

from __future__ import annotations

import enum
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerkit import Examples
from layerkit.types import Array

POOLS: list[tuple[str, ...]] = [
    ("kiwi", "fig", "watermelon", "apple"),
    ("fig", "kiwi"),
    ("0", "1", "10", "2"),
    ("1", "2", "3"),
    ("-1", "1"),
    ("0", "1"),
    ("True", "False"),
    ("0.5", "1.5", "-3"),
    ("a", "1", "b"),
]
_TRUTH = {"True": True, "False": False, "1": True, "0": False}


class World:
    """Rows whose columns and classes have names. Where they stand in an array is the business of a ``Form``."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.classes = self.turned(POOLS[rng.integers(len(POOLS))])
        self.columns = self.turned(["u", "v", "w", "0"])[: rng.integers(2, 5)]
        self.rows = 24
        self.x = {name: rng.normal(size=self.rows) for name in self.columns}
        kinds = np.concatenate([self.classes, rng.choice(self.classes, self.rows - len(self.classes))])
        self.kind = np.array(self.turned(kinds.tolist()))

    def turned(self, names: Sequence[str]) -> list[str]:
        """The same in another order."""
        return [str(name) for name in self.rng.permutation(list(names))]

    def one_of(self, choices: Sequence[Any]) -> Any:
        """One of them."""
        return choices[int(self.rng.integers(len(choices)))]

    def subset(self) -> Array:
        """Some rows, of some of the classes perhaps."""
        kept = self.turned(self.classes)[: self.rng.integers(1, len(self.classes) + 1)]
        rows = self.rng.permutation(np.flatnonzero(np.isin(self.kind, kept)))
        return rows[: self.rng.integers(1, len(rows) + 1)]


@dataclass
class Form:
    """One way in which some rows are given: ``x`` with columns in an order, and targets."""

    told: str
    data: Any
    """What ``fit`` and ``evaluate`` take."""
    columns: list[str]
    """The order of the columns in it."""
    named: bool
    """Whether it tells their names."""
    classes: list[str] | None
    """The classes in the order of its own labels or columns, where it tells them; sorted words where these are all."""
    target: Any = None
    """What the target is called."""
    found: bool = False
    """Whether the classes are no more than the words in it."""


def frame(library: str, columns: dict[str, Any]) -> Any:
    """A DataFrame of a library."""
    module: Any = importlib.import_module(library)
    if library == "pandas":
        return module.DataFrame(columns)
    return module.DataFrame({name: module.Series(name, column) for name, column in columns.items()})


def members(kind: Sequence[str]) -> list[Any]:
    """Words as members of a string enumeration."""
    words = sorted(set(kind))
    make: Any = enum.Enum
    made = make("Kind", {f"MEMBER_{place}": word for place, word in enumerate(words)}, type=str)
    return [made(word) for word in kind]


def draw(
    world: World, rows: Array, *, outputs: int, order: list[str] | None, by_name: bool, known: list[str] | None
) -> Form:
    """A form of these rows.

    ``order``: of the model's columns, and ``by_name`` whether it knows their names. ``known``: the classes in the
    model's order; None to train, by data that tells all of them.
    """
    rng, kind = world.rng, world.kind[rows].tolist()
    x_form = world.one_of(["array", "names", "pandas", "polars"])
    if x_form != "array" and by_name:
        order = None
    columns = world.turned(world.columns) if order is None else order
    x = np.column_stack([world.x[name][rows] for name in columns])
    frames = {name: world.x[name][rows] for name in columns}
    given: Any = frame(x_form, frames) if x_form in ("pandas", "polars") else x
    names = columns if x_form == "names" else None
    named = x_form != "array"
    classes = world.turned(world.classes)
    y_forms = ["list", "array", "objects", "members", "column", "series", "labels", "words and classes"]
    if len(rows) <= len(columns) and set(kind) <= set(columns) and x_form in ("pandas", "polars"):
        # words that may be names of columns are asked about
        y_forms = ["labels"]
    if known is not None:
        y_forms += ["places"] + ["stream"] * (x_form != "names")
    if outputs > 1:
        y_forms += ["rows", "frame of rows"]
        if named and names is None and set(world.columns).isdisjoint(classes) and len(rows) != len(classes):
            y_forms += ["names of columns"] * 2
    if named and names is None:
        y_forms += ["name of a column"] * 2
    y_form = world.one_of(y_forms)
    told, found = f"{x_form}, {y_form}", sorted(set(kind))
    hot = {name: np.array([word == name for word in kind]).astype(world.one_of([bool, int, float])) for name in classes}

    def form(data: Any, own: list[str] | None, *, target: Any = None, words: bool = False, more: str = "") -> Form:
        return Form(f"{told} {more}", data, columns, named, own, target, words)

    if y_form == "places":
        assert known is not None
        return form(Examples(given, np.array([known.index(word) for word in kind]), names=names), None)
    if y_form == "labels":
        return form(Examples(given, [classes.index(word) for word in kind], names=names, classes=classes), classes)
    if y_form == "rows":
        return form(Examples(given, np.column_stack(list(hot.values())), names=names, classes=classes), classes)
    if y_form == "frame of rows":
        return form(
            Examples(given, frame(world.one_of(["pandas", "polars"]), hot), names=names), classes, target=classes
        )
    if y_form == "names of columns":
        whole = {**frames, **hot}
        if order is None:
            whole = {name: whole[name] for name in world.turned(list(whole))}
            columns = [name for name in whole if name in frames]
        return form((frame(x_form, whole), world.one_of([list, tuple, np.array])(classes)), classes, target=classes)
    if y_form == "words and classes":
        target = world.one_of([list, np.array, members])(kind)
        return form(
            Examples(given, target, names=names, classes=world.one_of([list, tuple, np.array])(classes)), classes
        )
    if y_form in ("series", "name of a column"):
        column, own, dtype = _column(world, kind, classes, whole=known is None)
        library = "pandas" if dtype == "categorical" else x_form if y_form == "name of a column" else "polars"
        words = own is None
        data: Any
        if y_form == "series":
            data = Examples(given, frame(library, {"kind": column})["kind"], names=names)
        elif library != x_form:
            data = Examples(frame("pandas", {**frames, "kind": column}), "kind")
        else:
            whole = {**frames, "kind": column}
            data = (frame(x_form, {name: whole[name] for name in world.turned(list(whole))}), "kind")
            columns = [name for name in data[0].columns if name != "kind"] if order is None else order
            if order is not None:
                data = (frame(x_form, whole), "kind")
        own = found if words and dtype == "words" else own
        return form(data, own, target="kind", words=words and dtype == "words", more=dtype)
    words_of: dict[str, Callable[[list[str]], Any]] = {
        "list": list,
        "array": np.array,
        "objects": lambda words: np.array(words, object),
        "members": members,
        "column": lambda words: np.array(words)[:, np.newaxis],
    }
    make = words_of[world.one_of(["list", "array", "objects", "members"]) if y_form == "stream" else y_form]
    if y_form == "stream":
        cut = int(rng.integers(0, len(rows) + 1))
        truths = set(world.classes) == {"True", "False"}
        if truths and rng.random() < 0.5:
            make = lambda words: np.array([_TRUTH[word] for word in words])  # noqa: E731
        parts = [part for part in (slice(0, cut), slice(cut, None)) if len(rows[part])]

        def batches() -> Any:
            return iter([(given[part], make(kind[part])) for part in parts])

        return form(batches, None)
    return form(Examples(given, make(kind), names=names), found, words=True)


def _column(world: World, kind: list[str], classes: list[str], *, whole: bool) -> tuple[Any, list[str] | None, str]:
    """A column of targets in a table, the classes that it declares, and what it is."""
    pandas: Any = importlib.import_module("pandas")
    forms = ["words", "categorical"]
    if not whole:
        numeric = all(word not in ("a", "b") and word.replace(".", "").lstrip("-").isdigit() for word in world.classes)
        forms += ["floats"] * numeric + ["integers"] * (numeric and "0.5" not in world.classes)
        if set(world.classes) in ({"True", "False"}, {"0", "1"}):
            forms += ["booleans", "integers"]
    form = world.one_of(forms)
    if form == "categorical":
        own = {word: _TRUTH[word] if word in ("True", "False") else word for word in classes}
        column = pandas.Categorical([own[word] for word in kind], categories=list(own.values()))
        return column, classes, form
    if form == "booleans":
        return np.array([_TRUTH[word] for word in kind]), None, form
    if form in ("integers", "floats"):
        numbers = [_TRUTH[word] if word in ("True", "False") else float(word) for word in kind]
        return np.array(numbers, np.int64 if form == "integers" else np.float64), None, form
    return np.array(kind, object), None, form
