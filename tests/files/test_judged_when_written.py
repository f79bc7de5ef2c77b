"""Whatever is written can be read: the reader's limits are the writer's, and what goes beyond them is told at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    Dense,
    Flatten,
    Layer,
    Quadratic,
    Residual,
    Sequential,
    Trainer,
    resume,
    save_checkpoint,
)
from layerkit.errors import ArgumentError, CheckpointWarning, ModelFileError
from layerkit.files.models import require_savable

X = np.ones((4, 1))


class Remembers(Callback):
    """Remembers what it is given."""

    def __init__(self, kept: Any = None) -> None:
        self._kept = kept

    def state(self) -> Any:
        return {"kept": self._kept}

    def restore(self, state: Any) -> None:
        self._kept = state["kept"]


class Odd(Remembers):
    """Gives a state of its own shape."""

    def state(self) -> Any:
        return self._kept


def new_trainer(**options: Any) -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=0, **options)


def nested(depth: int, *, kind: type = list) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind is list else {"in": value} if kind is dict else (value,)
    return value


KEPT = {
    "a name that is not UTF-8": "\udcff.txt",
    "such a name as a key": {"\udcff": "\udce9t\udce9", "b": [("\udc80",)]},
    "half of a character": "a\ud800b",
    "half of a character as a key": {"\udfff": 1},
    "half of a character beside a name": "\udcff\ud800",
    "signs of text": ["\x00", '"', "\\", "\U0001f600", "{}[],:", "$name", {"$name": "ff"}],
    "an integer of 40 digits": 10**40 - 1,
    "a negative one": 1 - 10**40,
    "an integer of 41 digits": 10**40,
    "an integer of 501 digits": 10**500,
    "an integer of 5001 digits": -(10**5000),
    "nested 20 deep": nested(20),
    **{
        f"nested {depth} deep in a {kind.__name__}": nested(depth, kind=kind)
        for kind in (list, tuple, dict)
        for depth in (30, 60, 200, 100_000)
    },
    "endless numbers": [float("nan"), float("inf"), -float("inf"), 5e-324, 1.7976931348623157e308, -0.0],
    "numbers of NumPy": [np.float32(0.1), np.int64(-(2**63)), np.bool_(True), np.str_("a")],
    "an array of 33 axes": np.zeros((1,) * 33),
    "an array of 32 axes": np.zeros((1,) * 32),
    "an array of nothing": np.zeros((0, 3)),
    "an array of objects": np.array([None, "a"], dtype=object),
    "an array of complex numbers": np.zeros(2, complex),
    "an array in the other order of bytes": np.arange(4, dtype=">i4"),
    "11,000 arrays": [np.zeros(1)] * 11_000,
    "too many values": [0] * 810_000,
    "keys of one hash": {2 * (2**61 - 1) * place: place for place in range(20)},
    "keys of numbers and tuples": {1: "a", (2, 3): "b", None: "c", 1.5: "d"},
    "a set": {1},
    "bytes": b"a",
    "a complex number": 1j,
}


def cases(names: Iterable[str], values: Iterable[Any]) -> list[Any]:
    """What takes many seconds is tried with what is tried at length."""
    large = ("11,000", "too many", "2 to the 15", "5,001")
    marks = ([pytest.mark.thorough] if name.startswith(large) else [] for name in names)
    return [pytest.param(value, marks=mark, id=name) for name, value, mark in zip(names, values, marks, strict=True)]


@pytest.mark.parametrize("kept", cases(KEPT, KEPT.values()))
def test_what_a_callback_remembers_is_refused_when_it_is_written_or_comes_back(kept: Any, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    remembers = Remembers(kept)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            callbacks = [remembers, Checkpoint(path, on_failure="warn")]
            new_trainer(silence=("all",)).fit((X, X), epochs=2, callbacks=callbacks)
        except ArgumentError as error:
            refused = str(error)
            assert refused.startswith("Remembers: what Remembers.state() gives cannot be written")
            assert not path.exists()
            return
    if told:
        assert {each.category for each in told} == {CheckpointWarning}
        assert not path.exists()
        return
    trainer, again = new_trainer(silence=("all",)), Remembers()
    resume(trainer, path)
    trainer.fit((X, X), epochs=3, callbacks=[again])
    np.testing.assert_equal(_plain(again._kept), _plain(kept))


def _plain(value: Any) -> Any:
    """Without the types of NumPy, as they come back."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("state", [{1: 2}, [1], None, "a", 3])
def test_a_state_that_is_no_table_is_refused_when_it_is_written(state: Any, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="Odd"):
        new_trainer().fit((X, X), epochs=1, callbacks=[Odd(state), Checkpoint(tmp_path / "run.safetensors")])
    assert not list(tmp_path.iterdir())


def _nested(around: Callable[[Layer], Layer], times: int, layer: Layer) -> Layer:
    for _ in range(times):
        layer = around(layer)
    return layer


MODELS: dict[str, Callable[[], Layer]] = {
    "2,000 parts": lambda: Sequential([Flatten() for _ in range(2_000)]),
    "10,001 parts": lambda: Sequential([Flatten() for _ in range(10_001)]),
    "one layer 21,000 times": lambda: Sequential([Flatten()] * 21_000),
    "2 to the 15 places": lambda: _nested(lambda layer: Sequential([layer, layer]), 15, Flatten()),
    "40 deep": lambda: _nested(Residual, 40, Sequential([Flatten()])),
    "70 deep": lambda: Sequential([_nested(Residual, 70, Flatten())]),
    "5,001 dense layers": lambda: Sequential([Dense(1) for _ in range(5_001)]),
}


@pytest.mark.parametrize("name", cases(MODELS, MODELS))
def test_a_model_is_refused_when_it_is_written_or_loads(name: str, tmp_path: Path) -> None:
    model = Sequential([MODELS[name]()]).initialize(1, seed=0)
    path = tmp_path / "model.safetensors"
    try:
        layerkit.save(model, path)
    except ModelFileError:
        assert not path.exists()
        if "5,001" not in name:
            # the count of arrays is known of the file alone
            with pytest.raises(ModelFileError, match="cannot be saved"):
                require_savable(model)
        return
    assert layerkit.load(path).predict(np.ones((1, 1))).shape == (1, 1)


def test_a_model_whose_arguments_are_not_its_own_any_more_is_refused_when_it_is_written(tmp_path: Path) -> None:
    model = Sequential([Dense(3)]).initialize(2, seed=0)
    vars(model[0])["units"] = 4
    with pytest.raises(ModelFileError, match=r"was not written.*'parameters/0"):
        layerkit.save(model, tmp_path / "model.safetensors")


def test_a_trainer_with_a_part_that_no_file_holds_is_refused_when_it_is_written(tmp_path: Path) -> None:
    trainer = new_trainer()
    trainer.fit((X, X), epochs=1)
    vars(trainer.optimizer)["beta1"] = 10**500
    with pytest.raises(ArgumentError, match="40 digits"):
        save_checkpoint(trainer, tmp_path / "run.safetensors")
    assert not list(tmp_path.iterdir())
