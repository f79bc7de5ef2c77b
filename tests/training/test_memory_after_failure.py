"""A step that was not finite leaves no trace in what the optimizer remembers, even if it was the first."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Adam,
    Constant,
    Context,
    Dense,
    Dropout,
    GradientDescent,
    Layer,
    Optimizer,
    Quadratic,
    Sequential,
    Trainer,
)
from layerkit.errors import NonFiniteError
from layerkit.types import Array, Shape


class PoisonedGradient(Layer):
    """y = gain · x, whose gradient is not a number in a batch with an input above 100."""

    gain: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("gain", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.gain

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        ctx.gradient("gain")[...] = np.nan if (x > 100).any() else (grad * x).sum()
        return grad * self.gain


@pytest.mark.parametrize("at", [0, 1, 5])
@pytest.mark.parametrize("optimizer", [Adam(0.01), GradientDescent(0.01, momentum=0.9)], ids=repr)
def test_training_goes_on_as_if_the_step_had_never_been_tried(optimizer: Optimizer, at: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 3)), rng.normal(size=(32, 2))
    poisoned = x.copy()
    poisoned[4 * at] = 1000

    def new_trainer() -> Trainer:
        model = Sequential([PoisonedGradient(), Dense(2)]).initialize(3, seed=0)
        return Trainer(model, cost=Quadratic(), optimizer=optimizer, seed=0)

    stopped, whole = new_trainer(), new_trainer()
    with pytest.raises(NonFiniteError) as caught:
        stopped.fit((poisoned, y), epochs=1, batch_size=4, shuffle=False)
    assert caught.value.step == at
    if at:
        whole.fit((x[: 4 * at], y[: 4 * at]), epochs=1, batch_size=4, shuffle=False)
    for trainer in (stopped, whole):
        trainer.fit((x, y), epochs=1, batch_size=4, shuffle=False)
    for path, array in whole.model.parameters.items():
        np.testing.assert_array_equal(stopped.model.parameters[path], array, err_msg=path)


@pytest.mark.parametrize("at", [2, 5, 6])
def test_random_draws_of_steps_that_are_run_again_are_the_same(at: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 8)), rng.normal(size=(32, 2))
    poisoned = x.copy()
    poisoned[4 * at] = 1000

    def new_trainer() -> Trainer:
        model = Sequential([PoisonedGradient(), Dropout(0.5), Dense(2)]).initialize(8, seed=0)
        return Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=0)

    stopped, whole = new_trainer(), new_trainer()
    with pytest.raises(NonFiniteError):
        stopped.fit((poisoned, y), epochs=1, batch_size=4, shuffle=False)
    whole.fit((x[: 4 * at], y[: 4 * at]), epochs=1, batch_size=4, shuffle=False)
    for path, array in whole.model.parameters.items():
        np.testing.assert_array_equal(stopped.model.parameters[path], array, err_msg=path)
