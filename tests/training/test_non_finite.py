"""Numbers that stop being finite stop the fit, and the message names the layer and the step."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest

from layerkit import (
    Adam,
    Batch,
    Callback,
    Constant,
    Context,
    Cost,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    Layer,
    Quadratic,
    RandomAccess,
    Residual,
    Sequential,
    Sigmoid,
    Trainer,
    Transform,
    UpdateContext,
)
from layerkit.errors import DataError, NonFiniteError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array, Shape
from tests.models.custom import WeightedSum

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))


@final
class Rows(RandomAccess):
    def __init__(self, x: Array, y: Array) -> None:
        self._x, self._y = x, y

    def __len__(self) -> int:
        return len(self._x)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(self._x[rows], self._y[rows])


class Poison(Layer):
    """y = x, until an input is above 100: then the output, the input's gradient or a parameter's is not finite."""

    gain: Array

    def __init__(self, where: str, *, value: float = float("nan")) -> None:
        self.where = where
        self.value = value

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("gain", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.bad = bool((x > 100).any())
        return np.where(x > 100, self.value, x) if self.where == "output" else x * self.gain

    def backward(self, grad: Array, ctx: Context) -> Array:
        bad = ctx.saved.bad
        ctx.gradient("gain")[...] = self.value if bad and self.where == "parameter" else 0
        return np.full_like(grad, self.value) if bad and self.where == "gradient" else grad


def trained(layers: list[Layer], *, at: int = 7, value: float = 1e3, batch_size: int = 4, **given: Any) -> Trainer:
    """A trainer whose step ``at`` (counted from 0) meets an input of ``value``."""
    x = X.copy()
    x[at * batch_size + 1] = value
    model = Sequential(layers).initialize(3, seed=0, dtype=given.pop("dtype", "float32"))
    trainer = Trainer(model, cost=given.pop("cost", Quadratic()), optimizer=given.pop("optimizer", Adam(0.0)), seed=0)
    trainer.fit((x, Y), epochs=1, batch_size=batch_size, shuffle=False, **given)
    return trainer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    ("where", "what"), [("output", "output"), ("gradient", "gradient"), ("parameter", "gradient of 'gain'")]
)
@pytest.mark.parametrize("at", [0, 1, 7, 9])
def test_the_layer_and_the_step_are_named(where: str, what: str, value: float, at: int, dtype: str) -> None:
    layers = [Dense(3), Residual(Sequential([Dense(3), Poison(where, value=value)])), Dense(2)]
    model = Sequential([IdentityFirst(), *layers]).initialize(3, seed=0, dtype=dtype)
    for path in ("1.weight", "2.inner.0.weight"):
        model.parameters[path][...] = np.eye(3)
    x = X.copy()
    x[at * 4 + 1] = 1e3
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.0), seed=0)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit((x, Y), epochs=1, batch_size=4, shuffle=False)
    error = caught.value
    assert error.step == at
    assert trainer.state()["position"]["batch"] == at, "the position is that of the parameters"
    assert error.layer == "layer 2.inner.1 (Poison)"
    assert error.what == what
    assert f"step {at}" in str(error)
    assert f"the {what} of layer 2.inner.1 (Poison) is not finite" in str(error)
    assert "learning rate" in str(error), "the usual causes are told"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.step, again.layer, again.what) == (str(error), error.step, error.layer, error.what)


class IdentityFirst(Layer):
    """So that the layer in question is not the first."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Snapshot(Callback):
    """Keeps the parameters after each step."""

    every_steps = 1

    def __init__(self) -> None:
        self.kept: dict[int, Array] = {}

    def steps_ended(self, fit: FitView) -> None:
        self.kept[fit.step] = fit.model.structure.parameters.copy()


@pytest.mark.parametrize("at", [1, 3, 8])
@pytest.mark.parametrize("watched", [True, False])
def test_parameters_are_those_before_the_step(at: int, watched: bool) -> None:
    """Also where the engine looks for such numbers only now and then."""
    x = X.copy()
    x[at * 4 + 1] = 1e30
    good, bad = (Sequential([Dense(3), Dense(2)]).initialize(3, seed=0) for _ in range(2))
    snapshot = Snapshot()
    first = Trainer(good, cost=Quadratic(), optimizer=Adam(0.01), seed=0)
    first.fit((X, Y), epochs=1, batch_size=4, shuffle=False, callbacks=[snapshot])
    second = Trainer(bad, cost=Quadratic(), optimizer=Adam(0.01), seed=0)
    with pytest.raises(NonFiniteError) as caught:
        second.fit((x, Y), epochs=1, batch_size=4, shuffle=False, callbacks=[Snapshot()] if watched else [])
    assert caught.value.step == at
    np.testing.assert_array_equal(bad.structure.parameters, snapshot.kept[at])
    assert np.isfinite(second.state()["updates"][0]["flat"]["square"]).all()


def test_weights_that_are_not_finite() -> None:
    model = Sequential([Dense(3), Dense(3, activation=Sigmoid()), Dense(2)]).initialize(3, seed=0)
    model.parameters["1.weight"][0, 0] = np.nan
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(NonFiniteError, match=r"layer 1(\.function)? \((Dense|Sigmoid)\)") as caught:
        trainer.fit((X, Y), epochs=1)
    assert caught.value.step == 0
    assert caught.value.what == "output"


def test_a_learning_rate_that_is_too_high() -> None:
    model = Sequential([Dense(20), Dense(20), Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e3), seed=0)
    with pytest.raises(NonFiniteError, match="learning rate that is too high") as caught:
        trainer.fit((X, Y), epochs=50, batch_size=8)
    assert 0 < caught.value.step < 250
    assert np.isfinite(model.structure.parameters).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_inputs_in_memory_are_looked_at_before_training(value: float) -> None:
    x = X.copy()
    x[37, 1] = value
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="x must be finite, but row 37"):
        trainer.fit((x, Y), epochs=1)
    trainer = Trainer(Sequential([WeightedSum(), Dense(2)]), cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match=r"x\[1\] must be finite, but row 37"):
        trainer.fit(((X, x), Y), epochs=1)


def test_targets_are_looked_at_before_training() -> None:
    y = Y.copy()
    y[31, 0] = np.nan
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match="targets must be finite, but row 31"):
        trainer.fit((X, y), epochs=1)


def test_late_in_a_memory_mapped_array(tmp_path: Path) -> None:
    x = RNG.normal(size=(4000, 3)).astype(np.float32)
    x[3905, 2] = np.nan
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    y = RNG.normal(size=(4000, 2))
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), seed=0)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit((mapped, y), epochs=1, batch_size=10, shuffle=False)
    assert caught.value.step == 390
    assert caught.value.layer == "the data"
    assert np.isfinite(model.structure.parameters).all()


def test_a_batch_of_a_stream() -> None:
    bad = X.copy()
    bad[9] = np.inf
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(NonFiniteError, match=r"step 2 .*the data") as caught:
        trainer.fit([(X, Y), (X, Y), (bad, Y), (X, Y)], epochs=1)
    assert caught.value.step == 2


class BadCost(Cost):
    """Finite costs, or not; finite gradients, or not."""

    def __init__(self, where: str) -> None:
        self.where = where

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        value = np.nan if self.where == "cost" else 1.0
        return np.full(prediction.shape[0], value, prediction.dtype)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.full_like(prediction, np.inf if self.where == "gradient" else 0.0)


@pytest.mark.parametrize("where", ["cost", "gradient"])
def test_the_cost_itself(where: str) -> None:
    with pytest.raises(NonFiniteError) as caught:
        trained([Dense(2)], cost=BadCost(where))
    assert caught.value.layer == "the cost"
    assert caught.value.what == where
    assert caught.value.step == 0


def test_with_accumulated_gradients() -> None:
    with pytest.raises(NonFiniteError) as caught:
        trained([Poison("parameter"), Dense(2)], accumulate=3, at=7)
    assert caught.value.step == 2, "the eighth batch belongs to the third step"


class Explodes(Transform):
    """Makes parameters infinite in an update."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        if ctx.step == 4:
            parameters[0] = np.inf


def test_an_update_that_makes_parameters_infinite_is_told_by_its_own_step() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), transforms=[Explodes()], seed=0)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit((X, Y), epochs=1, batch_size=4)
    assert caught.value.step == trainer.state()["position"]["step"] == 4
    assert "training stopped at step 4 (epoch 1" in str(caught.value)
    assert np.isfinite(model.structure.parameters).all()


def test_infinite_costs_of_large_values_are_no_false_alarm() -> None:
    """Squares of the gradient overflow in float32 long before the gradient does."""
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(1e-30), silence=("scale",), seed=0)
    history = trainer.fit((1e25 * X, Y.argmax(axis=1)), epochs=2, batch_size=8)
    assert np.isfinite(history["cost"]).all()


def test_callbacks_hear_of_the_end() -> None:
    class Ends(Callback):
        ended = False

        def fit_ended(self, fit: FitView) -> None:
            self.ended = True

    callback = Ends()
    with pytest.raises(NonFiniteError):
        trained([Poison("output"), Dense(2)], callbacks=[callback])
    assert callback.ended


def test_warnings_of_numpy_stay_out_of_sight(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(NonFiniteError):
        trained([Poison("output", value=np.inf), Dense(2)])
    assert len(recwarn) == 0


def test_examples_given_as_an_object_are_checked_alike() -> None:
    x = X.copy()
    x[5] = np.nan
    with pytest.raises(DataError, match="row 5"):
        Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=Adam()).fit(Examples(x, Y), epochs=1)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("kind", ["stream", "generator", "memory map", "source"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_that_is_not_finite_is_told_with_its_row(kind: str, bad: float, accumulate: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)
    x[47, 2] = bad
    np.save(tmp_path / "x.npy", x)
    batches = [(x[start : start + 20], y[start : start + 20]) for start in (0, 20, 40)]
    data = {
        "stream": lambda: iter(batches),
        "generator": iter(batches),
        "memory map": (np.load(tmp_path / "x.npy", mmap_mode="r"), y),
        "source": Rows(x, y),
    }[kind]
    trainer = Trainer(
        Sequential([Dense(3)]).initialize(4, seed=0), cost=CrossEntropy(), optimizer=Adam(), metrics=[], seed=0
    )
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(data, epochs=1, batch_size=20, accumulate=accumulate)
    row = "row 7 of batch 2" if kind in ("stream", "generator") else "row 47 of the data"
    assert f"the data is not finite: {row} holds NaN or infinity" in str(caught.value)
    assert "Usual causes" not in str(caught.value)
