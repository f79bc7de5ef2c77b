"""What a kernel's function raises reaches whoever trains, and leaves the processor as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba import Call, LayerKernel, NumbaEngine, compiled, kernel

from layerkit import Context, Dense, GradientDescent, Layer, Quadratic, Sequential, Trainer
from layerkit.types import Array


class Strict(Layer):
    """y = x, for numbers below 100."""

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


@compiled
def strict(x: Any, y: Any) -> None:
    for place in range(x.size):
        if x[place] >= 100:
            raise ValueError("a number is too large")
        if x[place] < 0:
            print("below zero:", x[place])
        y[place] = x[place]


@compiled
def copy(source: Any, target: Any) -> None:
    target[:] = source


@kernel(Strict)
def _strict(part: Any) -> LayerKernel:
    back = (Call(copy, "dy:flat", "dx:flat"),)
    return LayerKernel(forward=(Call(strict, "x:flat", "y:flat"),), input_gradient=back, reads_output=False)


def test_an_exception_of_a_kernel_is_raised_and_what_it_prints_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    model = Sequential([Strict(), Dense(1)]).initialize(1, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    x = np.ones((8, 1))
    trainer.fit((x, x), epochs=1, batch_size=2)
    x[5] = 100
    with pytest.raises(ValueError, match="a number is too large"):
        trainer.fit((x, x), epochs=1, batch_size=2)
    assert np.array([1.5e-38], np.float32)[0] * np.float32(0.5) != 0
    x[5] = -1
    trainer.fit((x, x), epochs=1, batch_size=2)
    assert "below zero: -1.0" in capfd.readouterr().out
