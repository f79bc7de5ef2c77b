"""Inputs and networks just beyond what is allowed."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Constant, Context, Dense, Flatten, Layer, Sequential
from layerkit.errors import ArgumentError, ShapeError
from layerkit.models.plan import plan
from layerkit.types import Array, Shape


def test_a_number_by_itself_has_no_batch_axis() -> None:
    model = Sequential([Flatten()]).initialize(())
    assert model.predict(np.zeros(3, np.float32)).shape == (3, 1)
    with pytest.raises(ShapeError, match=r"takes inputs of shape \(batch\), got \(\): .*x\[None\]"):
        model.predict(np.zeros((), np.float32))


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_predictor_takes_batches_of_one_size_alone(rows: int) -> None:
    predictor = Sequential([Dense(2)]).initialize(4).predictor(2)
    for _ in range(2):
        with pytest.raises(ShapeError, match=f"made for batches of 2 rows, got {rows}"):
            predictor.predict(np.zeros((rows, 4), np.float32))
        predictor.predict(np.zeros((2, 4), np.float32))


def test_places_parameters_and_parts_count_toward_the_limit_of_a_network() -> None:
    # the chain, its part, the layer in it, a weight and a bias
    assert plan(Sequential([Dense(2)]), (3,), limit=5).output_shape == (2,)
    with pytest.raises(ArgumentError, match="more places, parameters and states than are allowed"):
        plan(Sequential([Dense(2)]), (3,), limit=4)


class Twice(Layer):
    """Declares two things by one name."""

    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second

    def build(self, input_shape: Shape) -> Shape:
        for kind in (self.first, self.second):
            if kind == "parameter":
                self.parameter("same", (), Constant(1.0))
            elif kind == "state":
                self.state("same", (), Constant(1.0))
            else:
                self.part("same", Flatten(), input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


@pytest.mark.parametrize("second", ["parameter", "state", "part"])
@pytest.mark.parametrize("first", ["parameter", "state", "part"])
def test_nothing_is_declared_twice_by_one_name(first: str, second: str) -> None:
    with pytest.raises(ArgumentError, match=r"layer 0 \(Twice\): 'same' is declared twice"):
        Sequential([Twice(first, second)]).initialize(3)
