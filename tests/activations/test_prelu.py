from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Adam,
    AdamW,
    Constant,
    Dense,
    GradientDescent,
    L1Penalty,
    L2Penalty,
    Optimizer,
    PReLU,
    Quadratic,
    Sequential,
    Trainer,
    Transform,
    WeightDecay,
)
from layerkit.errors import ShapeError
from tests.reference.activations import assert_as_in_pytorch


@pytest.mark.parametrize(("shared", "name"), [(False, "prelu"), (True, "prelu_shared")])
def test_it_is_pytorchs(shared: bool, name: str) -> None:
    assert_as_in_pytorch(PReLU(shared=shared), name)


def test_at_its_kink_the_slope_is_the_left_one() -> None:
    prelu = PReLU()
    Sequential([prelu]).initialize(3, dtype="float64")
    np.testing.assert_array_equal(prelu.derivative(np.array([[-1.0, 0.0, 1.0]])), [[0.25, 0.25, 1.0]])


def test_there_is_a_slope_for_each_feature_or_one() -> None:
    for shared, shape in ((False, (3,)), (True, (1,))):
        model = Sequential([Dense(3, activation=PReLU(shared=shared, initializer=Constant(0.1)))]).initialize((2, 4))
        slope = model.parameters["0.function.slope"]
        assert slope.shape == shape
        np.testing.assert_array_equal(slope, np.float32(0.1))
    np.testing.assert_array_equal(Sequential([PReLU()]).initialize(2).parameters["0.slope"], 0.25)


def test_a_shared_slope_takes_any_shape_and_others_a_known_last_axis() -> None:
    Sequential([PReLU(shared=True)]).initialize((None,))
    for shape in ((), (None,)):
        with pytest.raises(ShapeError, match=r"PReLU\): the last axis must have a known length.*shared=True"):
            Sequential([PReLU()]).initialize(shape)


@pytest.mark.parametrize("shared", [False, True])
def test_the_slopes_of_the_data_are_learned(shared: bool) -> None:
    x = np.random.default_rng(0).normal(size=(200, 2))
    y = np.where(x > 0, x, [0.7, -0.4] * x if not shared else 0.7 * x)
    model = Sequential([PReLU(shared=shared)]).initialize(2)
    Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), seed=0).fit((x, y), epochs=30)
    np.testing.assert_allclose(model.parameters["0.slope"], [0.7] if shared else [0.7, -0.4], atol=1e-3)


def test_a_frozen_one_keeps_its_slope() -> None:
    x = np.random.default_rng(0).normal(size=(50, 2))
    model = Sequential([Dense(2), PReLU().freeze(), Dense(1)]).initialize(2, seed=0)
    Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), seed=0).fit((x, x[:, :1]), epochs=2)
    np.testing.assert_array_equal(model.parameters["1.slope"], 0.25)


@pytest.mark.parametrize(
    ("optimizer", "transforms"),
    [
        (GradientDescent(0.1), [WeightDecay(0.5)]),
        (GradientDescent(0.1), [L1Penalty(0.5)]),
        (GradientDescent(0.1), [L2Penalty(0.5)]),
        (AdamW(0.1, weight_decay=0.5), []),
    ],
    ids=repr,
)
def test_decay_and_penalties_leave_its_slopes_alone(optimizer: Optimizer, transforms: list[Transform]) -> None:
    model = Sequential([PReLU()]).initialize(2)
    trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, transforms=transforms, seed=0)
    # the gradient is zero: no input is below 0
    trainer.fit((np.ones((4, 2)), np.ones((4, 2))), epochs=3)
    np.testing.assert_array_equal(model.parameters["0.slope"], 0.25)
