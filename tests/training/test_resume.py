"""A state taken at any step, put into new objects, goes on to the same bits as a run that never stopped."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    Accuracy,
    Adam,
    BatchNormalization,
    Callback,
    ClipNorm,
    CosineDecay,
    CrossEntropy,
    Dense,
    Dropout,
    EarlyStopping,
    GradientDescent,
    Layer,
    Optimizer,
    Sequential,
    StepDecay,
    Tanh,
    Trainer,
    Transform,
    UpdateContext,
    WeightDecay,
)
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView
from layerkit.training.resumption import restore_callbacks
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(43, 4)), RNG.integers(0, 3, 43)

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "gradient descent": lambda: GradientDescent(0.1),
    "momentum": lambda: GradientDescent(StepDecay(0.1, every=1, factor=0.7), momentum=0.9),
    "nesterov": lambda: GradientDescent(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(CosineDecay(0.05, length=3)),
}


class Noise(Transform):
    """Adds noise to the parameters, and remembers how often it did."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        count = ctx.numbers("count", 1)
        count += 1
        parameters += 1e-3 * ctx.rng.normal(size=parameters.shape) / count[0]


def new_trainer(optimizer: str = "adam", *, seed: int = 0, dtype: str = "float32") -> Trainer:
    model = Sequential([Dense(6, activation=Tanh()), BatchNormalization(), Dropout(0.3), Dense(3)]).astype(dtype)
    transforms = [ClipNorm(1.0), WeightDecay(0.01), Noise()]
    return Trainer(
        model, cost=CrossEntropy(), optimizer=OPTIMIZERS[optimizer](), metrics=[Accuracy()], transforms=transforms,
        seed=seed,
    )  # fmt: skip


def first_layer(trainer: Trainer) -> Layer:
    assert isinstance(trainer.model, Sequential)
    return trainer.model[0]


class TakeState(Callback):
    """Takes the trainer's state at one step."""

    every_steps = 1

    def __init__(self, step: int) -> None:
        self.step = step
        self.taken: Any = None

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            self.taken = fit.trainer.state()


def run(trainer: Trainer, callbacks: list[Callback], accumulate: int = 1) -> None:
    trainer.fit((X, Y), epochs=3, batch_size=8, accumulate=accumulate, validation=(X, Y), callbacks=callbacks)


def outcome(trainer: Trainer) -> Any:
    history = [{key: value for key, value in record.items() if key != "seconds"} for record in trainer.history]
    return (
        trainer.model.structure.parameters.tobytes(),
        trainer.model.structure.states.tobytes(),
        history,
        {name: array.tobytes() for name, array in trainer.state()["updates"][0]["flat"].items()},
        trainer.state()["streams"],
    )


def json_safe(state: Any) -> Any:
    """The state with its arrays taken out: the rest must be JSON."""
    if isinstance(state, dict):
        return {key: json_safe(value) for key, value in state.items()}
    if isinstance(state, list):
        return [json_safe(value) for value in state]
    return "array" if isinstance(state, np.ndarray) else state


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("step", [1, 4, 6, 11, 18])
def test_the_same_bits_from_inside_an_epoch_and_between_epochs(optimizer: str, step: int) -> None:
    taking = TakeState(step)
    uninterrupted = new_trainer(optimizer)
    run(uninterrupted, [taking])
    state = pickle.loads(pickle.dumps(taking.taken))
    json.dumps(json_safe(state), allow_nan=False)

    resumed = new_trainer(optimizer, seed=99)
    resumed.restore(state)
    assert resumed.seed == 0
    run(resumed, [TakeState(-1)])
    assert outcome(resumed) == outcome(uninterrupted)


@settings(max_examples=10, deadline=None)
@given(step=st.integers(1, 8), dtype=st.sampled_from(["float32", "float64"]))
def test_the_same_bits_with_accumulated_gradients(step: int, dtype: str) -> None:
    taking = TakeState(step)
    uninterrupted = new_trainer(dtype=dtype)
    run(uninterrupted, [taking], accumulate=2)
    resumed = new_trainer()
    resumed.restore(taking.taken)
    run(resumed, [TakeState(-1)], accumulate=2)
    assert outcome(resumed) == outcome(uninterrupted)
    assert resumed.model.dtype == dtype


def batches() -> Iterator[tuple[Array, Array]]:
    """A stream in an order of its own."""
    for start in range(0, 43, 6):
        yield X[start : start + 6], Y[start : start + 6]


@pytest.mark.parametrize("step", [1, 3, 8, 11])
def test_the_same_bits_from_inside_a_stream(step: int) -> None:
    taking, steps = TakeState(step), []
    uninterrupted, resumed = new_trainer("momentum"), new_trainer("momentum", seed=99)
    for trainer, callback in ((uninterrupted, taking), (resumed, TakeState(-1))):
        trainer.optimizer = GradientDescent(0.1, momentum=0.9)
        if trainer is resumed:
            trainer.restore(taking.taken)
        else:
            trainer.model.initialize(4, seed=0)
        trainer.fit(batches, epochs=2, callbacks=[callback])
        steps.append(trainer.state()["position"]["step"])
    assert steps == [16, 16]
    assert outcome(resumed) == outcome(uninterrupted)


def test_a_trainer_can_go_back() -> None:
    taking = TakeState(7)
    trainer = new_trainer()
    run(trainer, [taking])
    first = outcome(trainer)
    trainer.restore(taking.taken)
    run(trainer, [TakeState(-1)])
    assert outcome(trainer) == first


def test_back_to_before_the_first_step() -> None:
    trainer = new_trainer()
    trainer.model.initialize(4, seed=0)
    start = trainer.state()
    run(trainer, [])
    first = outcome(trainer)
    trainer.restore(start)
    run(trainer, [])
    assert outcome(trainer) == first


def test_between_two_fits() -> None:
    one, other = new_trainer(), new_trainer()
    for _ in range(2):
        run(one, [])
    run(other, [])
    resumed = new_trainer()
    resumed.restore(other.state())
    run(resumed, [])
    assert outcome(resumed) == outcome(one)
    assert len(resumed.history) == 6


def test_a_state_is_a_copy() -> None:
    trainer = new_trainer()
    run(trainer, [])
    state = trainer.state()
    kept = pickle.dumps(state)
    run(trainer, [])
    assert pickle.dumps(state) == kept


def test_frozen_layers_are_part_of_the_state() -> None:
    trainer = new_trainer()
    first_layer(trainer).freeze()
    run(trainer, [])
    resumed = new_trainer()
    resumed.restore(trainer.state())
    assert first_layer(resumed).frozen
    for each in (trainer, resumed):
        run(each, [])
    assert outcome(resumed) == outcome(trainer)


@pytest.mark.parametrize("stateful", [True, False])
def test_callbacks_go_on(stateful: bool) -> None:
    class Counts(Callback):
        every_steps = 1

        def __init__(self) -> None:
            self.count = 0

        def steps_ended(self, fit: FitView) -> None:
            self.count += 1

        def state(self) -> dict[str, Any]:
            return {"count": self.count} if stateful else {}

        def restore(self, state: dict[str, Any]) -> None:
            self.count = state.get("count", 0)

    taking = TakeState(5)
    run(new_trainer(), [Counts(), taking])
    counts, resumed = Counts(), new_trainer()
    resumed.restore(taking.taken)
    run(resumed, [counts, TakeState(-1)])
    assert counts.count == (18 if stateful else 13)


def test_the_state_of_another_model_is_refused() -> None:
    trainer = new_trainer()
    run(trainer, [])
    state = trainer.state()
    other = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(), transforms=[Noise()] * 3)
    with pytest.raises(ArgumentError, match=r"another model.*0\.bias"):
        other.restore(state)
    with pytest.raises(ArgumentError, match="3 transforms, this one has 0"):
        Trainer(new_trainer().model, cost=CrossEntropy(), optimizer=Adam()).restore(state)


def test_resuming_with_other_settings_is_refused() -> None:
    taking = TakeState(5)
    run(new_trainer(), [taking])
    resumed = new_trainer()
    resumed.restore(taking.taken)
    with pytest.raises(ArgumentError, match=r"batch_size=8.*9"):
        resumed.fit((X, Y), epochs=3, batch_size=9, validation=(X, Y))


def test_a_callback_is_given_its_state_also_from_before_its_module_moved() -> None:
    stopping, other = EarlyStopping("cost"), EarlyStopping("cost")
    state = {"best": 0.5, "best_epoch": 3, "waited": 1, "values": None, "reason": None}
    restore_callbacks([stopping], ["layerkit.elsewhere.EarlyStopping"], [state])
    assert (stopping.best, stopping.best_epoch) == (0.5, 3)
    restore_callbacks([other], ["acme.callbacks.EarlyStopping"], [state])
    assert other.best is None
