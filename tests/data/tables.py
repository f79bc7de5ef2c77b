"""Tables of known values, written in the many ways in which tables are written."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from layerkit.types import Array

WORDS = ("cat", "dog & co", "São Paulo", "0-10", "10-20", "1st", 'say "hi"', "a,b;c|d", "True", "no", "Ærø", "x y")
NAMES = ("length", "Größe", "x1", "pixel 3", "área", "price, net", "a|b", "temp_c", "7th", "0.5 quantile", "Ø", "id")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "mac-roman")


@dataclass(frozen=True)
class Written:
    """A table, the arguments that ``CsvFile`` needs for it, and what it holds."""

    data: bytes
    arguments: dict[str, Any]
    x: Array
    y: Array
    names: tuple[str, ...] | None
    target_name: str | None
    classes: tuple[str, ...] | None

    def __repr__(self) -> str:
        return f"Written({self.data!r}, {self.arguments}, y={self.y.tolist()}, names={self.names})"


def written_table(seed: int) -> Written:
    """A table in one of the ways; the seed decides on all of it."""
    random = Random(seed)
    delimiter = random.choice(",;\t| ")
    decimal = random.choice(".," if delimiter != "," else ".")
    features, rows = random.randint(1, 7), random.randint(3, 12)
    column = random.randint(0, features)
    x = np.array([[_real(random) for _ in range(features)] for _ in range(rows)])
    # never a line of numbers that count on, which would look like names
    x[:2, 0] = 0.5, -2.25
    kind = random.choice(("words", "integers", "labels", "reals"))
    y, cells, classes = _target(random, kind, rows, decimal)
    header = random.choice(("none", "words", "marked", "counted", "numbers", "quoted"))
    if header == "counted" and kind == "words" and features < 3:
        header = "words"
    if header == "numbers" and features < 5:
        header = "quoted"
    names = _names(random, header, features, column)
    target_name = None if names is None else names[column]
    encoding = random.choice(ENCODINGS)
    lines = []
    if names is not None:
        told = [_cell(random, name, delimiter, always=header == "quoted") for name in names]
        lines.append(("# " if header == "marked" else "") + delimiter.join(told))
    for row in range(rows):
        line = [_number(random, value, decimal) for value in x[row].tolist()]
        line.insert(column, cells[row])
        plain = header == "quoted" and kind != "words"
        lines.append(delimiter.join(line if plain else [_cell(random, cell, delimiter, number=True) for cell in line]))
        if header == "quoted" and row == 0 and kind == "words":
            # quotes around words tell nothing then
            lines[0] = lines[0] if names is None else delimiter.join(_names_over_words(random, names, delimiter))
    end = random.choice(("\n", "\r\n", "\r"))
    for _ in range(random.choice((0, 0, 1, 3))):
        lines.insert(random.randint(0, len(lines)), random.choice(("", " ", "   ")))
    text = end.join(lines) + random.choice(("", end))
    data = text.encode(encoding)
    arguments: dict[str, Any] = {"delimiter": delimiter, "decimal": decimal}
    if encoding not in ("utf-8", "utf-8-sig") or random.random() < 0.2:
        arguments["encoding"] = encoding
    unsure = header == "numbers" or (header == "quoted" and kind == "words")
    if random.random() < 0.3 or unsure:
        arguments["header"] = header != "none"
    positions: list[Any] = [column, column - features - 1]
    if names is not None and names.count(names[column]) == 1:
        positions.append(names[column])
    arguments["target"] = random.choice(positions)
    if kind == "labels" and random.random() < 0.5:
        arguments["labels"] = True
    if kind in ("integers", "labels") and "labels" not in arguments and random.random() < 0.3:
        arguments["labels"] = False
        y = y.astype(np.float64)[:, np.newaxis]
    if random.random() < 0.3:
        data = gzip.compress(data)
    own = None if names is None else names[:column] + names[column + 1 :]
    return Written(data, arguments, x, y, own, target_name, classes)


def _target(random: Random, kind: str, rows: int, decimal: str) -> tuple[Array, list[str], tuple[str, ...] | None]:
    if kind == "words":
        used = random.sample(WORDS, random.randint(2, 4))
        # the first one comes twice, so that it is no name that stands nowhere else
        chosen = [used[0], used[1], used[0], *(random.choice(used) for _ in range(rows - 3))]
        classes = tuple(sorted(set(chosen)))
        return np.array([classes.index(word) for word in chosen]), chosen, classes
    if kind == "reals":
        values = np.array([0.5, *(_real(random) for _ in range(rows - 1))])
        return values[:, np.newaxis], [_number(random, value, decimal) for value in values.tolist()], None
    least = 0 if kind == "labels" else -(2**40)
    integers = np.array([random.randint(least, random.choice((3, 2**40))) for _ in range(rows)])
    if kind == "labels":
        integers %= 5
    return integers, [_whole(random, value) for value in integers.tolist()], None


def _names(random: Random, header: str, features: int, column: int) -> tuple[str, ...] | None:
    if header == "none":
        return None
    if header == "numbers":
        return tuple(map(str, range(features + 1)))
    if header == "counted":
        names = list(map(str, range(features)))
        names.insert(column, random.choice(("label", "Größe", "y")))
        return tuple(names)
    if header == "quoted":
        return tuple(str(number * 100) for number in range(features + 1))
    return tuple(random.sample(NAMES, features + 1))


def _names_over_words(random: Random, names: tuple[str, ...], delimiter: str) -> list[str]:
    return [_cell(random, name, delimiter) for name in names]


def _real(random: Random) -> float:
    return random.choice(
        (random.uniform(-5, 5), random.gauss(0, 1e6), random.random() * 1e-9, float(random.randint(-9, 9)))
    )


def _number(random: Random, value: float, decimal: str) -> str:
    forms = [repr(value), f"{value:.17e}", f"{value:.17E}"]
    if value == int(value) and abs(value) < 1e15:
        forms += [str(int(value)), f"{int(value)}."]
    text = random.choice(forms)
    if not text.startswith("-"):
        text = random.choice(("", "+")) + text
    return text.replace(".", decimal)


def _whole(random: Random, value: int) -> str:
    return random.choice((str(value), f"{value:+d}"))


def _cell(random: Random, text: str, delimiter: str, *, always: bool = False, number: bool = False) -> str:
    must = delimiter in text or text.startswith('"')
    if always or must or random.random() < 0.15:
        text = '"' + text.replace('"', '""') + '"'
    if delimiter == " " or always:
        return text
    return random.choice(("", "", "", " ", "  ")) + text + random.choice(("", "", "", " "))
