"""Whatever reads a whole model, or all of training, while other threads change it, reads one moment of it."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import Checkpoint, Constant, Dense, EarlyStopping, Quadratic, Sequential, Trainer
from layerkit.config.codec import Encoder
from layerkit.errors import LayerkitError, ResumeWarning
from layerkit.interfaces.callback import Callback, FitView
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.update_context import UpdateContext
from layerkit.models import gate
from layerkit.models.structure import Structure
from layerkit.types import Array

X = np.ones((8, 3), np.float32)
LONG = 20.0
"""Seconds after which a test gives up on a thread; none is waited for so long."""


class Counting(Optimizer):
    """Adds 1 to every parameter: first to one half, then to the other, and calls ``BETWEEN`` in between."""

    def __init__(self, learning_rate: float = 1.0) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        half, count = parameters.size // 2, ctx.state("count")
        parameters[:half] += 1
        count[:half] += 1
        for action in BETWEEN:
            action()
        parameters[half:] += 1
        count[half:] += 1


BETWEEN: list[Callable[[], None]] = []


def network(trainer: Trainer) -> Sequential:
    assert isinstance(trainer.model, Sequential)
    return trainer.model


def trained() -> Trainer:
    model = Sequential([Dense(4, initializer=Constant(0.0)), Dense(2, initializer=Constant(0.0))])
    return Trainer(model.initialize(3), cost=Quadratic(), optimizer=Counting(), silence=("all",), seed=0)


def fit(trainer: Trainer, *, epochs: int = 3, **settings: Any) -> None:
    trainer.fit((X, np.zeros((8, 2), np.float32)), epochs=epochs, batch_size=4, **settings)


class Meanwhile:
    """Does something once, in a thread of its own; ``begin`` waits a moment for it, as long as it may be held up."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self._thread = threading.Thread(target=self._run, args=(action,), daemon=True)
        self._begun = False
        self.error: BaseException | None = None
        self.result: Any = None

    def _run(self, action: Callable[[], Any]) -> None:
        try:
            self.result = action()
        except BaseException as error:
            self.error = error

    def begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._thread.start()
            self._thread.join(0.1)

    def end(self) -> Any:
        self._thread.join(LONG)
        assert not self._thread.is_alive(), "it waits for ever"
        if self.error is not None:
            raise self.error
        return self.result


def values(model: Any) -> set[float]:
    return {float(number) for array in model.parameters.values() for number in np.unique(array)}


def by_file(trainer: Trainer, folder: Path) -> set[float]:
    layerkit.save(trainer.model, folder / "model.safetensors")
    return values(layerkit.load(folder / "model.safetensors"))


def by_pickle(trainer: Trainer, folder: Path) -> set[float]:
    return values(pickle.loads(pickle.dumps(trainer.model)))


def by_copy(trainer: Trainer, folder: Path) -> set[float]:
    return values(copy.deepcopy(trainer.model))


def by_part(trainer: Trainer, folder: Path) -> set[float]:
    part = Sequential([network(trainer)[0].copy(), network(trainer)[1].copy()][:1])
    return values(part.initialize(3))


def by_predictor(trainer: Trainer, folder: Path) -> set[float]:
    # where all parameters are c, four units of 3 c + c each give 4 · 4 c · c + c
    predicted = trainer.model.predictor(1).predict(X[:1]).astype(np.float64)
    return {float((np.sqrt(1 + 64 * each) - 1) / 32) for each in np.unique(predicted)}


def by_checkpoint(trainer: Trainer, folder: Path) -> set[float]:
    layerkit.save_checkpoint(trainer, folder / "checkpoint.safetensors")
    resumed = trained()
    with warnings.catch_warnings():
        # a fit has BLAS threads of its own, and another thread's checkpoint tells those of that moment
        warnings.filterwarnings("ignore", message=".*blas threads", category=ResumeWarning)
        layerkit.resume(resumed, folder / "checkpoint.safetensors")
    return values(resumed.model) | {float(resumed.state()["position"]["step"])} | counts(resumed.state())


def by_state(trainer: Trainer, folder: Path) -> set[float]:
    state = trainer.state()
    found = {float(number) for array in state["parameters"].values() for number in np.unique(array)}
    return found | {float(state["position"]["step"])} | counts(state)


def by_trainers_pickle(trainer: Trainer, folder: Path) -> set[float]:
    return by_state(pickle.loads(pickle.dumps(trainer)), folder)


def by_trainers_copy(trainer: Trainer, folder: Path) -> set[float]:
    return by_state(copy.deepcopy(trainer), folder)


def counts(state: dict[str, Any]) -> set[float]:
    return {float(number) for array in state["updates"][0]["flat"].values() for number in np.unique(array)}


OF_MODELS = [by_file, by_pickle, by_copy, by_part, by_predictor]
OF_TRAINERS = [by_checkpoint, by_state, by_trainers_pickle, by_trainers_copy]


@pytest.mark.parametrize("read", [*OF_MODELS, *OF_TRAINERS])
def test_what_is_read_in_the_middle_of_an_update_is_of_one_step(
    read: Callable[[Trainer, Path], set[float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trained()
    meanwhile = Meanwhile(lambda: read(trainer, tmp_path))
    monkeypatch.setitem(globals(), "BETWEEN", [meanwhile.begin])
    fit(trainer)
    found = meanwhile.end()
    assert len(found) == 1, f"a mixture of steps: {sorted(found)}"
    assert found < {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0}


@pytest.mark.parametrize("read", [*OF_MODELS, *OF_TRAINERS])
def test_what_is_read_at_random_moments_is_of_one_step(
    read: Callable[[Trainer, Path], set[float]], tmp_path: Path
) -> None:
    trainer = trained()
    over, found = threading.Event(), []

    def reading() -> None:
        while not over.is_set():
            found.append(read(trainer, tmp_path))

    meanwhile = Meanwhile(reading)
    meanwhile.begin()
    for _ in range(6):
        fit(trainer, epochs=20)
        trainer.model.astype("float64").astype("float32")
    over.set()
    meanwhile.end()
    assert found
    assert all(len(each) == 1 and each.pop().is_integer() for each in found)


@pytest.mark.parametrize("change", ["astype", "freeze"])
def test_a_file_is_of_one_layout(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(trained())
    changing = Meanwhile(lambda: model.astype("float64") if change == "astype" else model[0].freeze())
    encode = Encoder.encode

    def slowly(self: Encoder, value: Any) -> Any:
        changing.begin()
        return encode(self, value)

    monkeypatch.setattr(Encoder, "encode", slowly)
    layerkit.save(model, tmp_path / "model.safetensors")
    changing.end()
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert loaded.dtype == np.float32
    assert model.dtype == np.float64 or model[0].frozen


class Acting(Callback):
    """Calls a function once, after an epoch."""

    changes_training = False

    def __init__(self, action: Callable[[], Any]) -> None:
        self.action = action

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] == 2:
            self.action()


@pytest.mark.parametrize("read", [*OF_MODELS, *OF_TRAINERS])
def test_a_callback_reads_in_its_own_thread(read: Callable[[Trainer, Path], set[float]], tmp_path: Path) -> None:
    trainer, found = trained(), []
    fit(trainer, callbacks=[Acting(lambda: found.append(read(trainer, tmp_path)))])
    assert found == [{4.0}]


@pytest.mark.parametrize("read", OF_MODELS)
def test_a_callback_waits_for_a_thread_that_reads_the_model(
    read: Callable[[Trainer, Path], set[float]], tmp_path: Path
) -> None:
    trainer, found = trained(), []

    def in_another_thread() -> None:
        meanwhile = Meanwhile(lambda: read(trainer, tmp_path))
        meanwhile.begin()
        found.append(meanwhile.end())

    fit(trainer, callbacks=[Acting(in_another_thread)])
    assert found == [{4.0}]


def test_a_callback_that_waits_for_a_checkpoint_of_another_thread_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, told = trained(), []
    monkeypatch.setattr(gate, "_PATIENCE_SECONDS", 0.05)

    def in_another_thread() -> None:
        meanwhile = Meanwhile(lambda: layerkit.save_checkpoint(trainer, tmp_path / "one.safetensors"))
        meanwhile.begin()
        with pytest.raises(LayerkitError, match="has not come to an end within") as error:
            meanwhile.end()
        told.append(str(error.value))

    fit(trainer, callbacks=[Acting(in_another_thread)])
    assert len(told) == 1
    layerkit.save_checkpoint(trainer, tmp_path / "one.safetensors")


def test_a_checkpoint_of_another_thread_has_what_all_callbacks_remember(tmp_path: Path) -> None:
    trainer = trained()
    meanwhile = Meanwhile(trainer.state)
    stopping = EarlyStopping("cost", patience=9)
    fit(trainer, epochs=4, callbacks=[Acting(meanwhile.begin), stopping])
    state = meanwhile.end()
    assert len(state["history"]) >= 2
    assert state["callbacks"][1]["best_epoch"] + state["callbacks"][1]["waited"] == len(state["history"])


def test_data_that_waits_for_a_thread_that_copies_the_model() -> None:
    trainer, copies = trained(), []

    def batches() -> Iterator[tuple[Array, Array]]:
        for _ in range(3):
            meanwhile = Meanwhile(lambda: values(trainer.model.copy()))
            meanwhile.begin()
            copies.append(meanwhile.end())
            yield X, np.zeros((8, 2), np.float32)

    trainer.fit(batches, epochs=2)
    assert [sorted(each) for each in copies] == [[float(count)] for count in range(6)]


def test_data_that_saves_and_resumes_in_the_middle_of_a_step(tmp_path: Path) -> None:
    trainer = trained()

    def batches() -> Iterator[tuple[Array, Array]]:
        layerkit.save(trainer.model, tmp_path / "model.safetensors")
        with pytest.raises(LayerkitError, match="in the middle of a step"):
            layerkit.save_checkpoint(trainer, tmp_path / "checkpoint.safetensors")
        yield X, np.zeros((8, 2), np.float32)

    trainer.fit(batches, epochs=1)
    assert values(layerkit.load(tmp_path / "model.safetensors")) == {0.0}


def test_a_step_that_fails_is_taken_back_before_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained()
    meanwhile = Meanwhile(lambda: by_copy(trainer, Path()))

    def failing() -> None:
        meanwhile.begin()
        raise RuntimeError("in the middle")

    monkeypatch.setitem(globals(), "BETWEEN", [failing])
    with pytest.raises(RuntimeError, match="in the middle"):
        fit(trainer)
    assert meanwhile.end() == {0.0}


def test_best_values_are_given_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained()
    stopping = EarlyStopping("cost", patience=1, restore_best=True)
    found: list[set[float]] = []
    over = threading.Event()

    def reading() -> None:
        while not over.is_set():
            found.append(by_copy(trainer, Path()))

    meanwhile = Meanwhile(reading)
    meanwhile.begin()
    for _ in range(20):
        fit(trainer, epochs=5, callbacks=[stopping])
    over.set()
    meanwhile.end()
    assert all(len(each) == 1 for each in found)


def test_a_model_that_a_trainer_resumes_has_none_but_the_resumed_values(monkeypatch: pytest.MonkeyPatch) -> None:
    source, found, install = trained(), [], Structure.install
    fit(source)
    model = Sequential([Dense(4, initializer=Constant(0.0)), Dense(2, initializer=Constant(0.0))])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Counting(), seed=0)

    def seen(structure: Structure) -> Structure:
        install(structure)
        found.append(values(model))
        return structure

    monkeypatch.setattr(Structure, "install", seen)
    trainer.restore(source.state())
    assert found == [{6.0}]


def test_a_model_is_read_while_a_trainer_resumes_again_and_again(tmp_path: Path) -> None:
    trainer, over = trained(), threading.Event()
    states = [trainer.state()]
    fit(trainer)
    states.append(trainer.state())
    found: list[set[float]] = []

    def reading() -> None:
        while not over.is_set():
            found.append(by_file(trainer, tmp_path))

    meanwhile = Meanwhile(reading)
    meanwhile.begin()
    for turn in range(200):
        trainer.restore(states[turn % 2])
    over.set()
    meanwhile.end()
    assert {tuple(each) for each in found} <= {(0.0,), (6.0,)}


def test_two_pickles_at_once_and_a_part_after_them() -> None:
    trainer = trained()
    threads = [Meanwhile(lambda: by_pickle(trainer, Path())) for _ in range(4)]
    for each in threads:
        each.begin()
    fit(trainer)
    for each in threads:
        assert len(each.end()) == 1
    model, part = copy.deepcopy((network(trainer), network(trainer)[0]))
    assert model[0] is part
    trainer.model.structure.parameters[...] = 9
    assert (network(trainer)[0].copy().weight == 9).all()


def test_checkpoints_from_a_callback_and_from_a_thread_at_once(tmp_path: Path) -> None:
    trainer, over = trained(), threading.Event()

    def writing() -> None:
        while not over.is_set():
            layerkit.save_checkpoint(trainer, tmp_path / "other.safetensors")

    meanwhile = Meanwhile(writing)
    meanwhile.begin()
    fit(trainer, epochs=20, callbacks=[Checkpoint(tmp_path / "own.safetensors", every_steps=3)])
    over.set()
    meanwhile.end()
    for name in ("own", "other"):
        resumed = trained()
        layerkit.resume(resumed, tmp_path / f"{name}.safetensors")
        assert values(resumed.model) == {float(resumed.state()["position"]["step"])}
