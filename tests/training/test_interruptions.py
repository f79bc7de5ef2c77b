"""Whatever ends a fit, and wherever: what goes on from there is what would have been."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import numpy as np
import pytest

from benchmarks.reliability.fragile import FAULT, FRAGILE, FaultError, fit
from benchmarks.reliability.training import fingerprint
from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    CosineDecay,
    Dense,
    Dropout,
    GradientDescent,
    Quadratic,
    Sequential,
    StepDecay,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, LayerkitWarning, ShapeError
from layerkit.interfaces.callback import FitView
from layerkit.registry.host import default_host
from layerkit.steps.evaluation import evaluate
from layerkit.steps.intake import take_in

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)).astype(np.float32), RNG.normal(size=(40, 2)).astype(np.float32)


def new_trainer(optimizer: Any = None, *layers: Any) -> Trainer:
    model = Sequential([*layers, Dense(2)]).initialize(3, seed=1)
    return Trainer(model, cost=Quadratic(), optimizer=optimizer or Adam(0.05), seed=0)


@pytest.mark.parametrize("at", [0, 2, 5, 13])
@pytest.mark.parametrize("place", ["source", "forward", "backward", "update", "epoch_ended", "progress"])
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.thorough] if name == "compiled" else []) for name in sorted(FRAGILE)],
)
def test_a_fault_loses_and_repeats_nothing(name: str, place: str, at: int) -> None:
    FAULT.disarm()
    whole, settings, callbacks = FRAGILE[name]()
    fit(whole, settings, callbacks())
    if FAULT.counts[place] <= at:
        return
    broken, settings, callbacks = FRAGILE[name]()
    FAULT.arm(place, at, FaultError)
    with suppress(FaultError):
        fit(broken, settings, callbacks())
        # how often a fit tells of its progress depends on how long its steps take
        # and layers of one's own are tried before the first step, where an error that goes away ends nothing
        assert place == "progress" or (place, at) == ("forward", 0)
    while len(broken.history) < len(whole.history):
        fit(broken, settings, callbacks())
    assert fingerprint(broken) == fingerprint(whole)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_after_an_error_the_position_is_that_of_the_parameters(error: type[BaseException]) -> None:
    seen: list[dict[str, Any]] = []

    class Keeps(Callback):
        every_steps = 1

        def steps_ended(self, fit: FitView) -> None:
            seen.append(fit.trainer.state())
            if fit.step == 7:
                raise error

    trainer = new_trainer(Adam(0.05), Dense(4), Dropout(0.2))
    with pytest.raises(error):
        trainer.fit((X, Y), epochs=3, batch_size=4, callbacks=[Keeps()])
    state = trainer.state()
    assert state["position"] == {**seen[-1]["position"], "until": None}
    assert state["streams"] == seen[-1]["streams"]
    for path, array in seen[-1]["parameters"].items():
        np.testing.assert_array_equal(state["parameters"][path], array)


def test_an_epoch_whose_validation_failed_is_not_run_again() -> None:
    fail = [True, False, False]

    def held_out() -> Iterator[Any]:
        if fail.pop(0):
            raise RuntimeError("unreadable")
        yield X, Y

    whole, broken = new_trainer(), new_trainer()
    whole.fit((X, Y), epochs=2, batch_size=8, validation=(X, Y))
    with pytest.raises(RuntimeError):
        broken.fit((X, Y), epochs=2, batch_size=8, validation=held_out)
    assert (broken.state()["position"]["step"], len(broken.history)) == (5, 0)
    broken.fit((X, Y), epochs=2, batch_size=8, validation=held_out)
    assert broken.state()["position"]["step"] == 10
    assert fingerprint(broken) == fingerprint(whole)


def test_how_a_fit_ended_is_known_to_its_callbacks() -> None:
    class Ends(Callback):
        def __init__(self, way: str) -> None:
            self.way = way
            self.outcomes: list[Any] = []

        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            self.outcomes.append(fit.outcome)
            if self.way == "failed":
                raise RuntimeError
            if self.way != "finished":
                fit.stop("enough", now=self.way == "interrupted")

        def fit_ended(self, fit: FitView) -> None:
            self.outcomes.append(fit.outcome)

    for way in ("finished", "stopped", "interrupted", "failed"):
        ends = Ends(way)
        try:
            new_trainer().fit((X, Y), epochs=1, callbacks=[ends])
        except RuntimeError:
            assert way == "failed"
        assert ends.outcomes == [None, way]


def test_every_callback_hears_of_the_end_though_another_one_raises() -> None:
    heard = []

    class Raises(Callback):
        def fit_ended(self, fit: FitView) -> None:
            heard.append("raises")
            raise RuntimeError("closing failed")

    class Hears(Callback):
        def fit_ended(self, fit: FitView) -> None:
            heard.append("hears")

    with pytest.raises(RuntimeError, match="closing failed"):
        new_trainer().fit((X, Y), epochs=1, callbacks=[Raises(), Hears()])
    assert heard == ["raises", "hears"]


def test_a_fit_inside_a_fit_is_refused() -> None:
    class Again(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            fit.trainer.fit((X, Y), epochs=1)

    trainer = new_trainer()
    with pytest.raises(ArgumentError, match="fitting already"):
        trainer.fit((X, Y), epochs=1, callbacks=[Again()])
    assert len(trainer.fit((X, Y), epochs=1)) == 1


def test_a_layout_may_change_while_others_predict_and_fit() -> None:
    model = Sequential([Dense(16), BatchNormalization(), Dense(2)]).initialize(3, seed=1)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=0)
    over, errors = threading.Event(), []

    def work(action: Any) -> None:
        try:
            while not over.is_set():
                action()
        except Exception as error:
            errors.append(error)

    actions = [
        lambda: model.predict(X[:3]),
        lambda: model.predict(X),
        lambda: trainer.fit((X, Y), epochs=1, batch_size=8),
        lambda: trainer.evaluate((X, Y)),
    ]
    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for turn in range(60):
        model[turn % 2].freeze()
        model.astype("float64" if turn % 2 else "float32")
        model[turn % 2].unfreeze()
        if turn % 20 == 0:
            model.initialize(3, seed=turn, rebuild=True)
    over.set()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_model_that_changes_after_the_data_was_taken_in_is_evaluated_as_it_is() -> None:
    model, cost = Sequential([Dense(2)]).initialize(3, seed=1), Quadratic()
    taken = take_in((X, Y), model, cost, split="test")
    model.astype("float64")
    again = take_in((X, Y), model, cost, split="test")
    found, expected = (evaluate(model, data, cost=cost, metrics=[]) for data in (taken, again))
    assert found == expected
    model.initialize(4, seed=1, rebuild=True)
    with pytest.raises(ShapeError, match="batch, 4"):
        evaluate(model, taken, cost=cost, metrics=[])


@pytest.mark.parametrize("name", ["numpy", "numba/jit"])
def test_a_callback_that_builds_the_model_for_other_data_ends_the_fit_with_one_error(name: str) -> None:
    class Rebuilds(Callback):
        every_steps = 3

        def steps_ended(self, fit: FitView) -> None:
            fit.model.initialize(4, seed=3, rebuild=True)

    if name != "numpy":
        pytest.importorskip("layerkit_numba")
    trainer = new_trainer(None, Dense(5))
    trainer.engine = default_host().create("engines", name)
    with pytest.raises(ShapeError, match="batch, 4"):
        trainer.fit((X, Y), epochs=2, batch_size=8, callbacks=[Rebuilds()])


def test_a_trainer_that_is_fitting_takes_no_state() -> None:
    class Restores(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            fit.trainer.restore(fit.trainer.state())

    with pytest.raises(ArgumentError, match=r"Trainer\.restore: this trainer is fitting"):
        new_trainer().fit((X, Y), epochs=1, callbacks=[Restores()])


def test_an_iterator_without_end_has_epochs_of_a_given_length() -> None:
    drawn: list[int] = []

    def batches() -> Iterator[Any]:
        while True:
            drawn.append(len(drawn))
            yield X[:8], Y[:8]

    trainer = new_trainer(GradientDescent(CosineDecay(0.1, length=3)))
    history = trainer.fit(batches(), epochs=3, steps_per_epoch=4, accumulate=2)
    assert (len(history), len(drawn), trainer.state()["position"]["step"]) == (3, 24, 12)
    assert len(trainer.fit(batches, epochs=2, steps_per_epoch=4)) == 2


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (DataError, {"data": "generator"}, ["one epoch", "function", "steps_per_epoch"]),
        (DataError, {"data": (X, Y), "validation": "generator"}, ["validation", "one epoch"]),
        (ArgumentError, {"data": (X, Y), "steps_per_epoch": 3}, ["steps_per_epoch", "streams", "40 rows"]),
    ],
)
def test_data_that_does_not_last_is_told_before_the_first_step(
    kind: type[Exception], given: dict[str, Any], words: list[str]
) -> None:
    given = {name: iter([(X, Y)]) if isinstance(value, str) else value for name, value in given.items()}
    trainer = new_trainer()
    with pytest.raises(kind) as caught:
        trainer.fit(**given, epochs=2)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert trainer.state()["position"]["step"] == 0


def test_a_generator_that_an_error_ended_cannot_go_on() -> None:
    def batches() -> Iterator[Any]:
        yield X[:8], Y[:8]
        raise OSError("gone")

    given = batches()
    trainer = new_trainer()
    with pytest.raises(OSError, match="gone"):
        trainer.fit(given, epochs=1)
    with pytest.raises(DataError, match="ended by an error"):
        trainer.fit(given, epochs=1)


def test_batches_are_as_large_as_the_data_allows() -> None:
    one, other = new_trainer(), new_trainer()
    one.fit((X, Y), epochs=3, batch_size=40)
    other.fit((X, Y), epochs=3, batch_size=10**15)
    assert fingerprint(one) == fingerprint(other)


class Changes(Callback):
    """Sets something of the optimizer after an epoch."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] == 2:
            setattr(fit.trainer.optimizer, self.name, self.value)


def engines() -> list[Any]:
    try:
        from layerkit_numba import NumbaEngine
    except ImportError:
        return [None]
    return [None, NumbaEngine()]


@pytest.mark.parametrize("engine", engines(), ids=repr)
@pytest.mark.parametrize(
    ("first", "name", "value"),
    [
        (0.05, "learning_rate", 0.0),
        (0.05, "learning_rate", StepDecay(0.0, every=1)),
        (StepDecay(0.05, every=1), "learning_rate", 0.0),
    ],
)
def test_a_rate_that_a_callback_gives_is_obeyed_from_the_next_step(
    first: Any, name: str, value: Any, engine: Any
) -> None:
    trainer, short = (
        Trainer(
            Sequential([Dense(2)]).initialize(3, seed=1),
            cost=Quadratic(),
            optimizer=GradientDescent(first),
            engine=engine,
            seed=0,
        )
        for _ in range(2)
    )
    trainer.fit((X, Y), epochs=5, batch_size=8, callbacks=[Changes(name, value)])
    short.fit((X, Y), epochs=2, batch_size=8)
    np.testing.assert_array_equal(trainer.model.structure.parameters, short.model.structure.parameters)


@pytest.mark.parametrize("engine", engines(), ids=repr)
def test_other_arguments_too(engine: Any) -> None:
    def trained(momentum: float, *callbacks: Callback) -> Trainer:
        model = Sequential([Dense(2)]).initialize(3, seed=1)
        optimizer = GradientDescent(0.05, momentum=momentum)
        trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, engine=engine, seed=0)
        trainer.fit((X, Y), epochs=4, batch_size=8, callbacks=callbacks)
        return trainer

    changed, kept = trained(0.9, Changes("momentum", 0.1)), trained(0.9)
    assert changed.history["cost"][:2] == kept.history["cost"][:2]
    assert changed.history["cost"][3] != kept.history["cost"][3]


@pytest.mark.parametrize(
    ("rows", "given", "words"),
    [
        (40, {"batch_size": 1}, "every batch has one row"),
        (41, {"batch_size": 8}, "the last batch of an epoch has one row"),
        (41, {"batch_size": 8, "drop_last": True}, None),
        (40, {"batch_size": 8}, None),
    ],
)
def test_batches_of_one_row_are_warned_of_where_batches_are_normalised(
    rows: int, given: dict[str, Any], words: str | None
) -> None:
    trainer = new_trainer(Adam(0.01), BatchNormalization())
    data = np.resize(X, (rows, 3)), np.resize(Y, (rows, 2))
    with nullcontext() if words is None else pytest.warns(LayerkitWarning, match=f"layer 0.*{words}"):
        trainer.fit(data, epochs=1, **given)


def test_the_order_of_parameters_does_not_depend_on_what_was_frozen_before() -> None:
    trainer = new_trainer(Adam(0.05), Dense(4), Dense(3))
    model = trainer.model
    before = [entry.path for entry in model.structure.entries]
    layers = [part.layer for part in model.structure.node.parts.values()]
    for layer in layers:
        layer.freeze()
    for place in (2, 0, 1):
        layers[place].unfreeze()
    assert [entry.path for entry in model.structure.entries] == before
