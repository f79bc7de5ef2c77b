"""A state that is refused changes nothing; benchmarks/reliability/parts/forged_state.py tries every value of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.reliability.parts.forged_state import snapshot
from layerkit import Adam, BatchNormalization, Checkpoint, Dense, EarlyStopping, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError
from layerkit.training.resumption import restore_callbacks

X, Y = np.linspace(0, 1, 20)[:, None], np.linspace(1, 0, 20)[:, None]


def untrained(seed: int = 0) -> Trainer:
    return Trainer(Sequential([Dense(3), Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=seed)


def trained(epochs: int = 2) -> Trainer:
    trainer = untrained()
    trainer.fit((X, Y), epochs=epochs, batch_size=5)
    return trainer


def _set(state: dict[str, Any], *place: Any, value: Any) -> None:
    for key in place[:-1]:
        state = state[key]
    state[place[-1]] = value


def _fit(**data: Any) -> dict[str, Any]:
    settings = {"batch_size": 5, "accumulate": 1, "shuffle": True, "drop_last": False}
    return {"settings": settings, "data": data, "validation": None, "callbacks": [], "arguments": []}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda state: state.pop("history"), "lacks history"),
        (lambda state: _set(state, "position", "step", value=-1), r"position\.step must be a count, got -1"),
        (lambda state: _set(state, "position", "until", value=1), r"position\.until"),
        (lambda state: _set(state, "history", 0, "seconds", value="long"), r"history\[0\]"),
        (lambda state: _set(state, "streams", "kept", value={"layer:0": {"state": 3}}), r"streams\.kept"),
        (lambda state: _set(state, "updates", 0, "numbers", "steps", value=3.0), r"numbers\.steps"),
        (lambda state: _set(state, "updates", 0, "slices", 1, 1, value=5), r"behind the one before"),
        (lambda state: _set(state, "parameters", "0.bias", value=np.zeros(2, np.float32)), "0.bias"),
        (lambda state: _set(state, "parameters", "0.bias", value=np.zeros(3, np.int64)), "of the dtype float32"),
        (lambda state: state["updates"][0]["slice_numbers"]["count"].fill(-2), r"count must be at least 0, got -2\.0"),
        (lambda state: _set(state, "updates", 0, "slice_numbers", "count", value=np.ones(3)), "for each of the slices"),
        (lambda state: _set(state, "updates", 0, "slice_numbers", value=[]), r"slice_numbers must be a dictionary"),
        (lambda state: state["updates"][0]["flat"]["square"].fill(-1e-9), r"flat\.square must be at least 0"),
        (lambda state: _set(state, "frozen", value=["9"]), "paths of layers"),
        (lambda state: _set(state, "dtype", value="int8"), "float32, float64"),
        (lambda state: _set(state, "callbacks", value=[[]]), r"callbacks\[0\]"),
        (lambda state: _set(state, "fit", value=_fit(rows=[[]])), r"fit\.data\.rows must be a count"),
        (lambda state: _set(state, "fit", value=_fit(arrays={"x": 3})), r"fit\.data\.arrays\.x"),
        (lambda state: _set(state, "fit", value={**_fit(), "settings": {}}), r"fit\.settings lacks batch_size"),
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_a_state_that_is_refused_changes_nothing(change: Callable[[Any], Any], told: str, new: bool) -> None:
    state = copy.deepcopy(trained(3).state())
    change(state)
    trainer = untrained(seed=1) if new else trained()
    before = snapshot(trainer)
    with pytest.raises(ArgumentError, match=told):
        trainer.restore(state)
    assert snapshot(trainer) == before


def test_a_state_below_what_a_layer_can_have_is_refused() -> None:
    def trainer() -> Trainer:
        model = Sequential([BatchNormalization(), Dense(1)])
        return Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)

    first, other = trainer(), trainer()
    for each in (first, other):
        each.fit((X, Y), epochs=1, batch_size=5)
    state, before = first.state(), snapshot(other)
    state["states"]["0.variance"][0] = -0.5
    with pytest.raises(ArgumentError, match=r"states\.0\.variance must be at least 0, and one number is -0\.5"):
        other.restore(state)
    assert snapshot(other) == before


def test_numbers_of_another_length_are_refused_before_the_first_step() -> None:
    trainer = trained()
    context = trainer._standing.contexts[0]
    context.numbers("own", 2)
    with pytest.raises(ArgumentError, match="holds 2 numbers 'own', not 3"):
        context.numbers("own", 3)


def test_of_several_callbacks_all_are_as_they_were_when_one_is_refused() -> None:
    first, second = EarlyStopping("cost"), Checkpoint("run")
    before = first.state()
    good: dict[str, Any] = {"best": 1.0, "best_epoch": 2, "waited": 1, "values": None, "reason": None}
    kinds = [f"{type(each).__module__}.{type(each).__qualname__}" for each in (first, second)]
    with pytest.raises(ArgumentError, match="Checkpoint cannot take back what it remembered: Checkpoint: best"):
        restore_callbacks([first, second], kinds, [good, {"best": "low", "stopped": None}])
    assert first.state() == before


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("best", "x"), ("best_epoch", None), ("waited", -1), ("reason", 3)]
    + [("values", wrong) for wrong in (5, {"parameters": 1}, {"parameters": {}, "states": {"0.mean": [1.0]}})],
)
def test_early_stopping_takes_back_only_what_it_gives(name: str, wrong: Any) -> None:
    stopping = EarlyStopping("cost")
    state = {"best": 1.0, "best_epoch": 2, "waited": 1, "values": None, "reason": None, name: wrong}
    kind = f"{type(stopping).__module__}.{type(stopping).__qualname__}"
    with pytest.raises(ArgumentError, match=f"EarlyStopping cannot take back .*: EarlyStopping: {name}"):
        restore_callbacks([stopping], [kind], [state])
    assert stopping.state()["best"] is None


def test_best_values_of_another_model_are_refused_before_the_first_step() -> None:
    stopping = EarlyStopping("cost", restore_best=True)
    values = {"parameters": {"0.weight": np.zeros((9, 9))}, "states": {}}
    stopping.restore({"best": 1.0, "best_epoch": 2, "waited": 1, "values": values, "reason": None})
    with pytest.raises(ArgumentError, match="of another model"):
        trained().fit((X, Y), epochs=1, callbacks=[stopping])


def test_memory_of_another_dtype_is_turned_into_the_model_s() -> None:
    trainer = trained()
    trainer.model.astype("float64")
    other = untrained()
    other.restore(trainer.state())
    for each in (trainer, other):
        each.fit((X, Y), epochs=1, batch_size=5)
    assert trainer.model.structure.parameters.tobytes() == other.model.structure.parameters.tobytes()
    assert {array.dtype.name for array in other.state()["updates"][0]["flat"].values()} == {"float64"}
