"""Files that are as layerkit writes them, digests too, but for one thing that would cost far more than it weighs."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import random
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, final

from benchmarks.reliability.anatomy import Anatomy, canonical
from benchmarks.reliability.models import write_models
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.pace import slowness
from benchmarks.reliability.process import isolated
from benchmarks.reliability.training import TRAININGS, fit
from layerkit import Checkpoint, load, resume
from layerkit.errors import ArgumentError, ModelFileError

PROMISE = "files that would unfold: refused within 1 s (+ 5 s a GiB of values), and within 2 × the file + 64 MiB"

_MIB = 2**20
_REST = "training/rest"
_RELU = {"$activation": "layerkit/relu", "arguments": {}}
_MIDDLING, _LARGE, _PART_LARGE = 3_000, 300_000, 1 / 16
_LONGEST = 30_000_000
_MODULUS = 2**61 - 1
"""Integers that differ by a multiple of this have one hash."""

Hostile: TypeAlias = Callable[[Anatomy, int, random.Random], None]


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Make ``count`` such files, and load or resume each."""

    def work() -> Outcome:
        outcome = Outcome()
        grammar = Grammar(folder, random.Random(seed))
        for _ in range(count):
            grammar.one(outcome)
        return outcome

    return isolated(work)


def _architecture(anatomy: Anatomy) -> dict[str, Any]:
    found: dict[str, Any] = anatomy.envelope["content"]["model"]["architecture"]["arguments"]
    return found


def units(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A layer of very many units."""
    for layer in _architecture(anatomy)["layers"]:
        if "units" in layer.get("arguments", {}):
            layer["arguments"]["units"] = size ** chance.choice((1, 3, 7))


def input_axes(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """Inputs of very long axes, or of many."""
    anatomy.envelope["content"]["model"]["input_shape"] = chance.choice(([size**3], [1] * min(size, 50_000), [[size]]))


def many_layers(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long list of layers."""
    _architecture(anatomy)["layers"] += [_RELU] * min(size, 60_000)


def layers_again(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """One layer, used many times."""
    _architecture(anatomy)["layers"] += [{"$again": 0}] * min(size, 90_000)


def doubled_again(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """Layers used twice in layers used twice."""
    inner: Any = _RELU
    for place in range(min(size, 40)):
        layers = [inner, {"$again": place}]
        inner = {"$layer": "layerkit/sequential", "arguments": {"layers": layers}}
    _architecture(anatomy)["layers"] = [inner]


def nested(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """Layers in layers in layers."""
    inner: Any = _RELU
    for _ in range(min(size, 300)):
        inner = {"$layer": "layerkit/residual", "arguments": {"inner": inner}}
    _architecture(anatomy)["layers"].append(inner)


def argument(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """An argument that unfolds."""
    _architecture(anatomy)["layers"][0].setdefault("arguments", {})["units"] = _unfolding(size, chance)


def frozen(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long list of what is frozen."""
    anatomy.envelope["content"]["model"]["frozen"] = sorted(str(place) for place in range(min(size, 90_000)))


def components(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long table of where components came from."""
    anatomy.envelope["content"]["components"] = {f"{place}": _unfolding(1, chance) for place in range(size // 4)}


def arrays(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """Many arrays of no length, under names that have no place."""
    end = len(anatomy.data)
    prefix = chance.choice(("parameters/", "training/", "states/", ""))
    for place in range(min(size, 20_000)):
        name = f"{prefix}{place}.more"
        anatomy.header[name] = {"dtype": "F32", "shape": [0], "data_offsets": [end, end]}
        anatomy.envelope["content"]["tensors"][name] = {"dtype": "F32", "shape": [0], "sha256": ""}


def axes(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """An array of many axes, or of numbers with many digits."""
    entry = next(iter(anatomy.header.values()))
    entry["shape"] = chance.choice(([1] * min(size, 200_000), [10**38] * min(size, 60)))


def text(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long text, where each sign is written as six."""
    anatomy.envelope["content"]["layerkit"] = chance.choice(("é", '"', "\\", "a")) * size


HEADERS: tuple[Hostile, ...] = (
    units,
    input_axes,
    many_layers,
    layers_again,
    doubled_again,
    nested,
    argument,
    frozen,
    components,
    arrays,
    axes,
    text,
)


def array_again(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """One array, named many times."""
    name = chance.choice([name for name in anatomy.header if name.startswith("training/")])
    _edit_rest(anatomy, lambda rest: rest["$items"].append(["more", [{"$array": name}] * size]))


def unfolding_rest(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A state of training that unfolds, in one of its places."""

    def edit(rest: Any) -> None:
        chance.choice(rest["$items"])[1] = _unfolding(8 * size, chance)

    _edit_rest(anatomy, edit)


def long_history(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long history before a position that is none."""
    record = {"$items": [["epoch", 1], ["cost", 0.5], ["seconds", 0.25]]}
    other: Any = chance.choice((record, {"$items": [["epoch", 1]]}, {"cost": 0.5}, []))

    def edit(rest: Any) -> None:
        for pair in rest["$items"]:
            if pair[0] == "history":
                pair[1] = [other] * size
            if pair[0] == "position":
                pair[1] = None

    _edit_rest(anatomy, edit)


def long_text(anatomy: Anatomy, size: int, chance: random.Random) -> None:
    """A long text, of which one character may need more bytes than all others."""
    written = "a" * min(chance.choice((100, 1_000, 10_000)) * size, _LONGEST) + chance.choice(("", "é", "😀"))
    others: list[Any] = [chance.choice(("ab", [], 1.5))] * chance.choice((0, size))
    _edit_rest(anatomy, lambda rest: rest["$items"].append(["more", [written, *others]]))


RESTS: tuple[Hostile, ...] = (array_again, unfolding_rest, long_history, long_text)


def _edit_rest(anatomy: Anatomy, edit: Callable[[Any], None]) -> None:
    """Change the JSON among a checkpoint's arrays, which is the last of them or is moved there."""
    start, stop = anatomy.header[_REST]["data_offsets"]
    rest = json.loads(anatomy.data[start:stop])
    edit(rest)
    written = canonical(rest)
    shift = len(written) - (stop - start)
    anatomy.data = anatomy.data[:start] + written + anatomy.data[stop:]
    for name, entry in anatomy.header.items():
        if name != _REST and entry["data_offsets"][0] >= stop:
            entry["data_offsets"] = [place + shift for place in entry["data_offsets"]]
    anatomy.header[_REST] = {"dtype": "U8", "shape": [len(written)], "data_offsets": [start, start + len(written)]}
    anatomy.envelope["content"]["tensors"][_REST]["shape"] = [len(written)]


def _unfolding(size: int, chance: random.Random) -> Any:
    kinds: tuple[Callable[[int], Any], ...] = (
        lambda n: [[]] * n,
        lambda n: [{}] * n,
        lambda n: [{"a": 1}] * n,
        lambda n: ["ab"] * n,
        lambda n: [1.5] * n,
        lambda n: [1000] * n,
        lambda n: [{"$tuple": []}] * n,
        lambda n: {f"{place}": 0 for place in range(n)},
        lambda n: {"$items": [[place * _MODULUS, 0] for place in range(n)]},
        lambda n: {"$items": [[{"$tuple": [place * _MODULUS]}, 0] for place in range(n)]},
        lambda n: {"$items": [[-1 - (place & 1), 0] for place in range(n)]},
    )
    return chance.choice(kinds)(size)


@final
class Grammar:
    """Makes the files, and tries them."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._chance = chance
        self._path = folder / "amplified.safetensors"
        self._models = [Anatomy.of(file) for file in write_models(folder)]
        self._checkpoints = {}
        for name, training in TRAININGS.items():
            trainer, settings, callbacks = training()
            fit(trainer, settings, [*callbacks, Checkpoint(self._path)])
            self._checkpoints[name] = Anatomy.of(self._path.read_bytes())

    def one(self, outcome: Outcome) -> None:
        """One file more."""
        chance = self._chance
        outcome.tried += 1
        name = chance.choice((None, *self._checkpoints))
        anatomy = copy.deepcopy(chance.choice(self._models) if name is None else self._checkpoints[name])
        hostile = chance.choice(HEADERS if name is None else (*HEADERS, *RESTS, *RESTS))
        # most are of middling size, for what grows too fast shows early; some are as large as a header may be
        size = int(math.exp(chance.random() * math.log(_LARGE if chance.random() < _PART_LARGE else _MIDDLING)))
        hostile(anatomy, size, chance)
        anatomy.sign()
        holes = 0
        if hostile is arrays and anatomy.header:
            holes = self._grow(anatomy, chance)
        self._path.write_bytes(anatomy.assemble())
        if holes:
            os.truncate(self._path, self._path.stat().st_size + holes)
        told = f"{hostile.__name__}({size}) in {name or 'a model'}, {self._path.stat().st_size:,} bytes"
        values = self._path.stat().st_size if hostile in RESTS else 0
        refused = self._try(name if chance.random() < 0.8 else None, told, 1 + 5 * values / 2**30, outcome)
        outcome.count(f"{hostile.__name__}, {'refused' if refused else 'sound after all'}")

    @staticmethod
    def _grow(anatomy: Anatomy, chance: random.Random) -> int:
        """Let the last array be a hole of up to 400 GiB."""
        if chance.random() < 0.5:
            return 0
        size = chance.choice((2**20, 2**32, 400 * 2**30))
        end = len(anatomy.data)
        name = "parameters/zz.hole"
        anatomy.header[name] = {"dtype": "U8", "shape": [size], "data_offsets": [end, end + size]}
        digest = hashlib.sha256(b"").hexdigest()
        anatomy.envelope["content"]["tensors"][name] = {"dtype": "U8", "shape": [size], "sha256": digest}
        anatomy.envelope["sha256"] = hashlib.sha256(canonical(anatomy.envelope["content"])).hexdigest()
        return size

    def _try(self, name: str | None, told: str, allowed: float, outcome: Outcome) -> bool:
        """Whether it was refused."""
        trainer = None if name is None else TRAININGS[name]()[0]
        _forget_peak()
        before = _memory("VmRSS")
        began = time.process_time()
        refused = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                load(self._path) if trainer is None else resume(trainer, self._path)
                refused = False
            except (ModelFileError, ArgumentError):
                pass
            except BaseException as error:
                outcome.fail("another exception", f"{type(error).__name__}: {told}: {error}")
                return True
        seconds = time.process_time() - began
        grown = _memory("VmHWM") - before
        if not refused:
            return False
        outcome.slowest, outcome.largest = max(outcome.slowest, seconds), max(outcome.largest, grown)
        if seconds > allowed and seconds > allowed * slowness():
            outcome.fail("too slow", f"{seconds:.2f} s: {told}")
        if grown > 2 * self._path.stat().st_size + 64 * _MIB:
            outcome.fail("too large", f"{grown / _MIB:.0f} MiB: {told}")
        return True


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _memory(field: str) -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))
