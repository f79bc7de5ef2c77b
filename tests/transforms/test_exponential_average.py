"""The average of weights: by hand, beside PyTorch's, and wherever the model is used while it is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    Checkpoint,
    Dense,
    Dropout,
    EarlyStopping,
    ExponentialAverage,
    GradientDescent,
    Lookahead,
    MaxNorm,
    MeanSquaredError,
    Quadratic,
    Sequential,
    Tanh,
    Trainer,
    Transform,
)
from layerkit.errors import ArgumentError, NonFiniteError
from layerkit.types import Array
from tests.callbacks.scripted import Scripted
from tests.reference.updates import WEIGHT_AND_BIAS, new_context
from tests.reference.values import assert_close, reference

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = RNG.normal(size=(40, 2))
DECAY = 0.9


class Steps(Callback):
    """The model's parameters after each step."""

    every_steps = 1

    def __init__(self) -> None:
        self.parameters: list[Array] = []

    def steps_ended(self, fit: Any) -> None:
        self.parameters.append(fit.model.structure.parameters.copy())


def new_trainer(*transforms: Transform, dtype: str = "float64", **more: Any) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), BatchNormalization(), Dropout(0.2), Dense(2)])
    model.initialize(3, seed=1, dtype=dtype)
    return Trainer(
        model,
        cost=Quadratic(),
        optimizer=Adam(0.01),
        metrics=[MeanSquaredError()],
        transforms=transforms,
        silence=("all",),
        seed=2,
        **more,
    )


def fit(trainer: Trainer, epochs: int = 4, callbacks: Any = (), **more: Any) -> Any:
    return trainer.fit((X, Y), epochs=epochs, batch_size=8, callbacks=callbacks, **more)


def parameters(trainer: Trainer) -> Array:
    return trainer.model.structure.parameters.copy()


def trained(trainer: Trainer) -> Array:
    """What the optimizer moves."""
    found: Array = trainer.state()["updates"][-1]["flat"]["trained"]
    return found


def averaged(steps: list[Array], *, warm_up: bool = False, decay: float = DECAY) -> list[Array]:
    found = [steps[0]]
    for count, each in enumerate(steps[1:], start=2):
        kept = min(decay, (1 + count) / (10 + count)) if warm_up else decay
        found.append(kept * found[-1] + (1 - kept) * each)
    return found


@pytest.mark.parametrize("warm_up", [False, True])
def test_it_is_the_average_by_hand_over_a_hundred_steps(warm_up: bool) -> None:
    plain, average = Steps(), Steps()
    fit(new_trainer(), epochs=20, callbacks=[plain])
    trainer = new_trainer(ExponentialAverage(decay=DECAY, warm_up=warm_up))
    fit(trainer, epochs=20, callbacks=[average])
    assert len(plain.parameters) == 100
    for found, wanted in zip(average.parameters, averaged(plain.parameters, warm_up=warm_up), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)
    # the optimizer goes its way as without it, to the bit
    np.testing.assert_array_equal(trained(trainer), plain.parameters[-1])


def test_it_is_pytorchs() -> None:
    given, wanted = reference("optimizers"), reference("average")
    weights = np.concatenate([given["weight"].ravel(), given["bias"]])
    transform, optimizer = ExponentialAverage(decay=0.95), GradientDescent(0.1)
    ctx, around = (new_context(WEIGHT_AND_BIAS, dtype="float32") for _ in range(2))
    for step in range(len(wanted["bias"])):
        gradient = np.concatenate([given["weight_gradients"][step].ravel(), given["bias_gradients"][step]])
        optimizer.update(weights, gradient, ctx)
        transform.after(weights, around)
        average = around.state("average")
        assert_close(average[:12].reshape(4, 3), wanted["weight"][step], 2e-6)
        assert_close(average[12:], wanted["bias"][step], 2e-6)


def test_validation_and_predictions_are_the_averages() -> None:
    trainer, steps = new_trainer(ExponentialAverage(decay=DECAY)), Steps()
    history = fit(trainer, callbacks=[steps], validation=(X, Y))
    np.testing.assert_array_equal(parameters(trainer), steps.parameters[-1])
    assert history["validation_cost"][-1] == trainer.evaluate((X, Y))["cost"]
    hidden = np.tanh(X @ trainer.model.parameters["0.weight"] + trainer.model.parameters["0.bias"])
    assert not np.array_equal(parameters(trainer), trained(trainer))
    assert trainer.model.predict(X).shape == (len(hidden), 2)


def test_untrained_states_are_those_of_the_trained_weights() -> None:
    plain, trainer = new_trainer(), new_trainer(ExponentialAverage(decay=DECAY))
    fit(plain)
    fit(trainer)
    np.testing.assert_array_equal(plain.model.structure.states, trainer.model.structure.states)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_how_a_fit_is_cut_changes_no_bit(dtype: str) -> None:
    one, stepwise, parts = (new_trainer(ExponentialAverage(decay=DECAY), dtype=dtype) for _ in range(3))
    fit(one)
    fit(stepwise, callbacks=[Steps()])
    for _ in range(4):
        fit(parts, epochs=1)
    for other in (stepwise, parts):
        np.testing.assert_array_equal(parameters(one), parameters(other))
        np.testing.assert_array_equal(trained(one), trained(other))


@pytest.mark.parametrize("step", [3, 5, 12])
def test_a_checkpoint_holds_both_and_resumes_to_the_same_bits(tmp_path: Path, step: int) -> None:
    whole, steps = new_trainer(ExponentialAverage(decay=DECAY)), Steps()
    fit(whole, callbacks=[steps, Checkpoint(tmp_path, every_steps=1, keep=100)])
    path = tmp_path / f"step-{step:09}.safetensors"
    # as a model it is the average
    np.testing.assert_array_equal(kit.load(path).structure.parameters, steps.parameters[step - 1])
    resumed = new_trainer(ExponentialAverage(decay=DECAY))
    kit.resume(resumed, path)
    fit(resumed, callbacks=[Steps()])
    np.testing.assert_array_equal(parameters(resumed), parameters(whole))
    np.testing.assert_array_equal(trained(resumed), trained(whole))
    assert [record["cost"] for record in resumed.history] == [record["cost"] for record in whole.history]


def test_the_saved_model_is_the_average(tmp_path: Path) -> None:
    trainer = new_trainer(ExponentialAverage(decay=DECAY))
    fit(trainer)
    kit.save(trainer.model, tmp_path / "model.safetensors")
    loaded = kit.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.predict(X), trainer.model.predict(X))


@pytest.mark.parametrize("kind", ["callback", "not finite"])
def test_what_ends_a_fit_leaves_the_average_and_it_goes_on(kind: str) -> None:
    class Raise(Callback):
        every_steps = 7

        def steps_ended(self, fit: Any) -> None:
            if kind == "callback":
                raise RuntimeError("enough")
            fit.model.parameters["3.weight"][...] = 1e200

    trainer, steps = new_trainer(ExponentialAverage(decay=DECAY)), Steps()
    with pytest.raises((RuntimeError, NonFiniteError)):
        fit(trainer, callbacks=[steps, Raise()])
    if kind == "callback":
        whole = new_trainer(ExponentialAverage(decay=DECAY))
        fit(whole)
        np.testing.assert_array_equal(parameters(trainer), steps.parameters[-1])
        fit(trainer, epochs=3)
        np.testing.assert_array_equal(parameters(trainer), parameters(whole))
    else:
        # as before the step that could not be made, with what was put there by hand
        assert (trainer.model.parameters["3.weight"] == 1e200).all()
        np.testing.assert_array_equal(trainer.model.parameters["0.weight"].ravel(), steps.parameters[-1][:12])


def test_what_is_frozen_stays_and_what_is_thawed_begins_where_it_is() -> None:
    trainer = new_trainer(ExponentialAverage(decay=DECAY))
    model = trainer.model
    fit(trainer, epochs=1)
    frozen = model.layers[0].weight.copy()
    model.layers[0].freeze()
    before = model.layers[3].weight.copy()
    fit(trainer, epochs=2)
    np.testing.assert_array_equal(model.layers[0].weight, frozen)
    assert not np.array_equal(model.layers[3].weight, before)
    model.layers[0].unfreeze()
    steps = Steps()
    fit(trainer, epochs=1, callbacks=[steps])
    assert 0 < np.abs(model.layers[0].weight - frozen).max() < 0.1


def test_the_average_of_what_is_thawed_late_is_warmed_up() -> None:
    trainer = new_trainer(ExponentialAverage(decay=0.999, warm_up=True))
    first, steps, path = trainer.model.layers[0], Steps(), []
    first.freeze()
    fit(trainer, epochs=30)
    first.unfreeze()

    class Looks(Callback):
        every_steps = 1

        def steps_ended(self, fit: Any) -> None:
            path.append(trained(trainer)[: first.weight.size].copy())

    fit(trainer, epochs=20, callbacks=[steps, Looks()])
    assert len(path) == 100
    for found, wanted in zip(steps.parameters, averaged(path, warm_up=True, decay=0.999), strict=True):
        np.testing.assert_allclose(found[: first.weight.size], wanted, rtol=1e-12, atol=1e-15)


def test_values_that_are_changed_by_hand_are_trained_on() -> None:
    trainer = new_trainer(ExponentialAverage(decay=DECAY))
    fit(trainer)
    other = trained(trainer)[:12].copy()
    trainer.model.parameters["0.weight"][...] = 5.0
    fit(trainer, epochs=1)
    assert np.abs(trainer.model.parameters["0.weight"] - 5).max() < 0.2
    assert np.abs(trained(trainer)[:12] - other).max() > 1


def test_a_second_fit_goes_on_from_the_best_values() -> None:
    trainer, script = new_trainer(ExponentialAverage(decay=DECAY)), Scripted("cost", [1.0, 3.0, 3.0, 3.0])
    stopping, steps = EarlyStopping("cost", patience=2, restore_best=True), Steps()
    fit(trainer, callbacks=[script, steps, stopping])
    np.testing.assert_array_equal(parameters(trainer), steps.parameters[4])
    fit(trainer, epochs=1, callbacks=[steps])
    assert np.abs(trained(trainer) - steps.parameters[4]).max() < 0.1


def test_the_dtype_may_change_between_two_fits() -> None:
    trainer = new_trainer(ExponentialAverage(decay=DECAY))
    fit(trainer)
    apart = trained(trainer) - parameters(trainer)
    trainer.model.astype("float32")
    fit(trainer, epochs=1)
    found = trained(trainer) - parameters(trainer)
    assert found.dtype == np.float32
    # a trained vector that began anew at the average would lie far nearer to it
    assert np.linalg.norm(found) > 0.3 * np.linalg.norm(apart)


def test_behind_lookahead_it_averages_the_slow_weights() -> None:
    plain, average = Steps(), Steps()
    fit(new_trainer(Lookahead(period=3)), callbacks=[plain])
    fit(new_trainer(Lookahead(period=3), ExponentialAverage(decay=DECAY)), callbacks=[average])
    for found, wanted in zip(average.parameters, averaged(plain.parameters), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


def test_two_averages_are_refused() -> None:
    new_trainer(MaxNorm(limit=1.0), ExponentialAverage())
    with pytest.raises(ArgumentError, match="ExponentialAverage and ExponentialAverage, and one alone"):
        new_trainer(ExponentialAverage(), ExponentialAverage(decay=0.5))


@pytest.mark.parametrize("argument", [{"decay": 1.0}, {"decay": -0.1}, {"warm_up": 1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"ExponentialAverage: {next(iter(argument))}"):
        ExponentialAverage(**argument)
