"""Checkpoints of which one value was replaced, with digests that fit: refused with nothing changed, or harmless."""

from __future__ import annotations

import copy
import json
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

import numpy as np

from benchmarks.reliability.anatomy import canonical
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated
from benchmarks.reliability.training import TRAININGS, fit
from layerkit import Callback, Checkpoint, Trainer, resume
from layerkit.errors import ArgumentError, LayerkitError, ModelFileError
from layerkit.files.format.document import opened
from layerkit.files.format.header import Tensor
from layerkit.files.format.tensors import read, write_document
from layerkit.files.limits import Limits

PROMISE = "forged states of training: all refused with the trainer as it was, or harmless"

_REST = "training/rest"
_WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    7,
    10**18,
    10**39,
    0.5,
    1e300,
    "",
    "text",
    [],
    [1],
    [[]],
    [None, None],
    {},
    {"a": 1},
    {"$tuple": [1, 2]},
    {"$float": "nan"},
    {"$items": [[1, 2]]},
    {"$array": "training/0"},
    {"$array": "training/rest"},
    {"$array": "parameters/0.weight"},
)
_WRONG_ARRAYS = tuple(
    np.zeros(shape, dtype) for shape in ((), (0,), (1,), (3,), (2, 2), (1000,)) for dtype in ("f4", "f8", "i8", "?")
)
_DAMAGE = object()
"""A value that is taken away."""


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Forge ``count`` checkpoints of those that can be made, or all of them."""

    def work() -> Outcome:
        outcome = Outcome()
        forger = Forger(folder)
        forgeries = [(name, *each) for name in TRAININGS for each in forger.places(name)]
        chance = random.Random(seed)
        if count < len(forgeries):
            forgeries = chance.sample(forgeries, count)
        for name, place, wrong in forgeries:
            outcome.tried += 1
            _try(forger, name, place, wrong, outcome, fresh=chance.random() < 0.5)
        return outcome

    return isolated(work)


@final
class Forger:
    """Makes checkpoints of the trainings, in the middle of an epoch, each with one value replaced."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "forged.safetensors"
        self._content: dict[str, dict[str, Any]] = {}
        self._arrays: dict[str, dict[str, Any]] = {}
        for name, training in TRAININGS.items():
            trainer, settings, callbacks = training()
            path = folder / f"{name}.safetensors"
            last = Checkpoint(path, every_steps=3)
            fit(trainer, settings, [*callbacks, _StopAt(8), last])
            with opened(path, Limits()) as document:
                arrays = {name: read(document, name) for name in document.tensors}
                rest = json.loads(arrays.pop(_REST).tobytes())
                self._content[name] = {**document.content, "rest": rest}
            self._arrays[name] = arrays

    def places(self, name: str) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """Each place of a training's checkpoint, with each wrong value."""
        for part in ("rest", "position", "training", "environment", "model", "components"):
            for place in _inside(self._content[name][part], (part,)):
                yield from ((place, wrong) for wrong in (*_WRONG, _DAMAGE))
        for array in self._arrays[name]:
            yield from ((("array", array), wrong) for wrong in (*_WRONG_ARRAYS, _DAMAGE))

    def write(self, name: str, place: tuple[Any, ...], wrong: Any) -> bool:
        """Write the forgery; False if it says the same as the original."""
        content = copy.deepcopy(self._content[name])
        arrays = dict(self._arrays[name])
        if place[0] == "array":
            if wrong is _DAMAGE:
                del arrays[place[1]]
            else:
                arrays[place[1]] = wrong
        elif not _replace(content, place, wrong):
            return False
        rest = canonical(content.pop("rest"))
        tensors: dict[Tensor, Any] = {}
        for key, array in arrays.items():
            dtype = {"float32": "F32", "float64": "F64", "int64": "I64", "bool": "BOOL"}[array.dtype.name]
            tensors[Tensor(key, dtype, array.shape)] = array.tobytes()
        tensors[Tensor(_REST, "U8", (len(rest),))] = rest
        write_document(self.path, content, tensors)
        return True


@final
class _StopAt(Callback):
    """Ends the fit after a step."""

    def __init__(self, step: int) -> None:
        self.every_steps = 1
        self._step = step

    def steps_ended(self, fit: Any) -> None:
        if fit.step >= self._step:
            fit.stop("enough", now=True)


@final
class _StopSoon(Callback):
    """Ends the fit after a few steps more, wherever it began."""

    def __init__(self) -> None:
        self.every_steps = 1
        self._left = 12

    def steps_ended(self, fit: Any) -> None:
        self._left -= 1
        if not self._left:
            fit.stop("enough", now=True)


def _try(forger: Forger, name: str, place: tuple[Any, ...], wrong: Any, outcome: Outcome, *, fresh: bool) -> None:
    told = f"{name}: {'.'.join(map(str, place))} = {'nothing' if wrong is _DAMAGE else repr(wrong)[:60]}"
    if not forger.write(name, place, wrong):
        outcome.count("said the same")
        return
    trainer, settings, callbacks = TRAININGS[name]()
    if not fresh:
        fit(trainer, settings, [_StopAt(2)])
    before = snapshot(trainer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            resume(trainer, forger.path)
        except (ModelFileError, ArgumentError):
            outcome.count("refused")
            if snapshot(trainer) != before:
                outcome.fail("refused, and something changed", f"refused, and something changed: {told}")
            return
        except BaseException as error:
            outcome.fail("another exception", f"{type(error).__name__} at resume: {told}: {error}")
            return
        try:
            fit(trainer, settings, [*callbacks, _StopSoon()])
        except LayerkitError:
            outcome.count("refused by fit")
        except BaseException as error:
            outcome.fail("another exception", f"{type(error).__name__} at fit: {told}: {error}")
        else:
            outcome.count("accepted, harmless")


def snapshot(trainer: Trainer) -> Any:
    """All that a trainer is and remembers, to be compared."""
    model = trainer.model
    own = {
        "seed": trainer.seed,
        "initialized": model.initialized,
        "dtype": str(model.dtype),
        "history": repr(trainer.history.records),
        "position": repr(trainer._standing.position),
        "streams": repr(trainer._standing.streams.state()),
        "resumed": repr(trainer._standing.resumed),
        "left": repr(trainer._left),
        "callbacks": repr(trainer._standing.callback_states),
        "memory": [_told(context.memory()) for context in trainer._standing.contexts],
        "layers": [layer.frozen for layer in model],  # type: ignore[attr-defined]
    }
    if model.initialized:
        structure = model.structure
        own |= {"parameters": structure.parameters.tobytes(), "states": structure.states.tobytes()}
        own["frozen"] = [node.layer.frozen for node in structure.node.walk()]
    return own


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(inner) for key, inner in value.items()}
    return (value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else repr(value)


def _inside(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, itself included."""
    yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _inside(inner, (*place, key))
    elif isinstance(value, list):
        # what repeats itself repeats its faults
        for index, inner in list(enumerate(value))[:12]:
            yield from _inside(inner, (*place, index))


def _replace(content: dict[str, Any], place: tuple[Any, ...], wrong: Any) -> bool:
    outer: Any = content
    for key in place[:-1]:
        outer = outer[key]
    if wrong is _DAMAGE:
        if place == ("rest",):
            return False
        del outer[place[-1]]
        return True
    same = canonical(outer[place[-1]]) == canonical(wrong)
    outer[place[-1]] = wrong
    return not same
