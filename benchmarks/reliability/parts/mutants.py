"""Model files changed by something that knows how they are made, half of them with digests made to fit."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from benchmarks.reliability.anatomy import Anatomy, assembled, canonical
from benchmarks.reliability.loading import Attempt
from benchmarks.reliability.models import write_models
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated

PROMISE = "structure-aware mutants of model files: 0 accepted with other content, 0 other exceptions, 0 crashes"

_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**31,
    10**18,
    10**39,
    0.5,
    1e308,
    "",
    "x",
    "layerkit/dense",
    "layerkit/relu",
    "float16",
    "\ud800",
    [],
    {},
    [[]],
    {"$tuple": [1]},
    {"$float": "nan"},
    {"$items": [["a", 1]]},
    {"$again": 0},
    {"$layer": "layerkit/dense", "arguments": {"units": 2}},
    {"$activation": "layerkit/tanh", "arguments": {}},
)


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Change one thing or several, load, and look."""
    return isolated(lambda: _mutate(count, random.Random(seed), folder))


def _mutate(count: int, chance: random.Random, folder: Path) -> Outcome:
    outcome = Outcome()
    files = write_models(folder)
    attempt = Attempt(folder, outcome)
    for number in range(count):
        original = chance.choice(files)
        if number % 3 == 0:
            change: Callable[..., bytes] = chance.choice((_cut, _added, _blanked, _moved, _raw_header, _long_header))
            attempt.must_say_the_same(change(original, chance), original, f"{number}: {change.__name__}")
            continue
        anatomy = Anatomy.of(original)
        told = [_change_something(anatomy, chance) for _ in range(chance.choice((1, 1, 1, 2, 4)))]
        signed = chance.random() < 0.6 and _signable(anatomy)
        if signed:
            anatomy.sign()
            attempt.may_be_what_it_says(anatomy.assemble(), f"{number}: {told}, signed")
        else:
            attempt.must_say_the_same(anatomy.assemble(), original, f"{number}: {told}")
    return outcome


def _signable(anatomy: Anatomy) -> bool:
    try:
        deepcopy(anatomy).sign()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return False
    return True


def _change_something(anatomy: Anatomy, chance: random.Random) -> str:
    where = chance.random()
    if where < 0.6:
        return _change_json(anatomy.envelope, chance)
    if where < 0.85:
        return _change_json(anatomy.header, chance)
    if anatomy.data:
        data = bytearray(anatomy.data)
        start = chance.randrange(len(data))
        data[start : start + 8] = chance.randbytes(8)[: len(data) - start]
        anatomy.data = bytes(data)
    return "other bytes in an array"


def _change_json(value: Any, chance: random.Random) -> str:
    """Change something in a tree of JSON values, in place; what was done, in words."""
    places: list[tuple[Any, Any]] = []
    _collect(value, places)
    container, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del container[key]
        return f"without {key!r}"
    if kind == 1 and isinstance(container, dict):
        container[chance.choice(("extra", "$layer", "arguments", "0", "__class__"))] = deepcopy(chance.choice(_VALUES))
        return f"more beside {key!r}"
    if kind == 2:
        other, place = chance.choice(places)
        taken = deepcopy(other[place]) if place in other or (isinstance(other, list) and place < len(other)) else None
        container[key] = taken
        return f"something else of the file at {key!r}"
    if kind == 3 and isinstance(container[key], int):
        container[key] += chance.choice((-1, 1, 8, 2**20, 2**40, 2**62))
        return f"another number at {key!r}"
    if kind == 4:
        for _ in range(chance.choice((1, 3, 200))):
            container[key] = [container[key]]
        return f"brackets around {key!r}"
    container[key] = deepcopy(chance.choice(_VALUES))
    return f"another value at {key!r}"


def _collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        places.append((value, key))
        if isinstance(inner, (dict, list)):
            _collect(inner, places)


def _cut(file: bytes, chance: random.Random) -> bytes:
    return file[: chance.randrange(len(file))]


def _added(file: bytes, chance: random.Random) -> bytes:
    place = chance.choice((len(file), chance.randrange(len(file))))
    return file[:place] + chance.randbytes(chance.choice((1, 8, 1000))) + file[place:]


def _blanked(file: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(file))
    length = min(chance.choice((1, 16, 512)), len(file) - start)
    return file[:start] + bytes(length) + file[start + length :]


def _moved(file: bytes, chance: random.Random) -> bytes:
    one, two, three = sorted(chance.randrange(len(file)) for _ in range(3))
    return file[:one] + file[two:three] + file[one:two] + file[three:]


def _long_header(file: bytes, chance: random.Random) -> bytes:
    length = chance.choice((0, 1, 2**31, 2**63, 2**64 - 1, len(file), len(file) - 8, chance.randrange(2**20)))
    return length.to_bytes(8, "little") + file[8:]


def _raw_header(file: bytes, chance: random.Random) -> bytes:
    """JSON that a table cannot express: keys twice, NaN, endless nesting, long numbers, no UTF-8."""
    anatomy = Anatomy.of(file)
    length = int.from_bytes(file[:8], "little")
    text = file[8 : 8 + length]
    name = next(iter(anatomy.header))
    entry = canonical(name) + b":" + canonical(anatomy.header[name])
    changed = chance.choice(
        (
            text.replace(entry, entry + b"," + entry),
            text.replace(b'"dtype":"F32"', b'"dtype":"F32","dtype":"F32"', 1),
            text.replace(b'"shape":[', b'"shape":[NaN,', 1),
            text.replace(b'"shape":[', b'"shape":[Infinity,', 1),
            text.replace(b'"shape":[', b'"shape":[' + b"9" * 10_000 + b",", 1),
            b"[" * 100_000 + text,
            b'{"a":' * 100_000 + text,
            b"[]," * 1_000_000,
            text.replace(b'\\"units\\":', b'\\"units\\": '),
            text.replace(b'\\"units\\":', b'\\"units\\":0,\\"units\\":'),
            text.replace(b"layerkit", b"layer\xff\xfe", 1),
            text.replace(b'{"__metadata__":{', b'{"__metadata__":{"more":"text",', 1),
        )
    )
    return assembled(changed, file[8 + length :])
