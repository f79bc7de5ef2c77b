"""A resumed fit that is asked for more epochs, or fewer, than the first."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, CosineDecay, Dense, GradientDescent, Quadratic, Sequential, Tanh, Trainer
from layerkit.errors import ArgumentError, ResumeWarning

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(23, 4)), RNG.normal(size=(23, 2))


def new(optimizer: Any = None) -> Trainer:
    model = Sequential([Dense(5, activation=Tanh()), Dense(2)])
    return Trainer(model, cost=Quadratic(), optimizer=optimizer or Adam(0.01), seed=3)


class States(Callback):
    """Takes the trainer's state at every step and every epoch."""

    every_steps = 1

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []

    def steps_ended(self, fit: Any) -> None:
        self.states.append(fit.trainer.state())

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.states.append(fit.trainer.state())


def fit(trainer: Trainer, epochs: int, callback: Callback | None = None) -> Trainer:
    trainer.fit((X, Y), epochs=epochs, batch_size=5, callbacks=[callback or States()])
    return trainer


def costs(trainer: Trainer) -> list[float]:
    return [record["cost"] for record in trainer.history]


@pytest.mark.parametrize("earlier", [0, 2])
def test_any_length_equals_the_fit_that_was_asked_for_from_the_start(earlier: int) -> None:
    taken = States()
    first = new()
    if earlier:
        fit(first, earlier)
    fit(first, 3, taken)
    # a finished one, and all before
    for asked in (1, 2, 3, 6):
        whole = new()
        if earlier:
            fit(whole, earlier)
        fit(whole, asked)
        for state in taken.states:
            resumed = new()
            resumed.restore(state)
            done = state["position"]["epoch"] + (state["position"]["batch"] > 0)
            if done <= earlier + asked:
                fit(resumed, asked)
                assert costs(resumed) == costs(whole)
                assert (resumed.model.structure.parameters == whole.model.structure.parameters).all()
            else:
                with pytest.warns(ResumeWarning, match=f"{earlier + asked} epochs are asked for: nothing is trained"):
                    fit(resumed, asked)
                assert len(resumed.history) == state["position"]["epoch"]
                assert (resumed.state()["parameters"]["0.weight"] == state["parameters"]["0.weight"]).all()


def test_a_lengthened_fit_that_is_stopped_again_keeps_its_own_length() -> None:
    taken = States()
    fit(new(), 2, taken)
    again = States()
    second = new()
    second.restore(taken.states[-1])
    fit(second, 5, again)
    third = new()
    third.restore(again.states[3])
    fit(third, 5)
    assert costs(third) == costs(fit(new(), 5))


def test_a_state_of_an_earlier_version_goes_on_to_the_end_that_it_tells() -> None:
    taken = States()
    fit(new(), 3, taken)
    state = taken.states[4]
    del state["fit"]["epochs"]
    resumed = new()
    resumed.restore(state)
    fit(resumed, 3)
    assert costs(resumed) == costs(fit(new(), 3))


@pytest.mark.parametrize("epochs", [-1, 4, "3", None, 1.0, True])
def test_a_forged_length_is_refused(epochs: object) -> None:
    taken = States()
    fit(new(), 3, taken)
    taken.states[4]["fit"]["epochs"] = epochs
    with pytest.raises(ArgumentError, match=r"fit\.epochs"):
        new().restore(taken.states[4])


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        (CosineDecay(0.1, length=3), True),
        (CosineDecay(0.1, length=15, unit="step"), True),
        (CosineDecay(0.1, length=6), False),
        (0.1, False),
    ],
)
def test_a_schedule_as_long_as_the_fit_is_told_of(schedule: Any, told: bool) -> None:
    taken = States()
    fit(new(GradientDescent(schedule)), 3, taken)
    resumed = new(GradientDescent(schedule))
    resumed.restore(taken.states[-1])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(resumed, 6)
    assert [warning.category for warning in caught] == [ResumeWarning] * told
    assert len(resumed.history) == 6


def test_parameters_in_another_order_are_told() -> None:
    trained = fit(new(), 1)
    state = trained.state()
    assert [place[0] for place in state["updates"][0]["slices"]] == [*trained.model.parameters]
    # as an earlier version laid them out once a layer had been frozen and unfrozen
    sizes = {path: array.size for path, array in trained.model.parameters.items()}
    rows = {row[0]: row for row in state["updates"][0]["slices"]}
    start, moved = 0, []
    for path in ("1.weight", "1.bias", *(path for path in sizes if path.startswith("0"))):
        _, _, _, shape, tags = rows[path]
        moved.append([path, start, start + sizes[path], shape, tags])
        start += sizes[path]
    for memory in state["updates"]:
        memory["slices"] = moved
    with pytest.warns(ResumeWarning, match="lie in another order now"):
        new().restore(state)


def test_a_warning_made_an_error_leaves_the_run_to_be_resumed() -> None:
    """Whatever is told before the first step: the next fit resumes as if this one had not been asked for."""
    schedule = CosineDecay(0.1, length=3)
    taken = States()
    whole = fit(new(GradientDescent(schedule)), 3, taken)
    resumed = new(GradientDescent(schedule))
    resumed.restore(taken.states[4])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResumeWarning)
        with pytest.raises(ResumeWarning, match="is as long as it was"):
            fit(resumed, 6)
    fit(resumed, 3)
    assert len(resumed.history) == 3
    assert resumed.model.structure.parameters.tobytes() == whole.model.structure.parameters.tobytes()
