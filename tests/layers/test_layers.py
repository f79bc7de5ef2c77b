"""What holds for every layer, and for chains of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Identity,
    Layer,
    Normal,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from layerkit.types import Array
from tests.reference.gradients import assert_gradients


@st.composite
def networks(draw: st.DrawFn) -> tuple[Sequential, tuple[int, ...]]:
    """Chains of anything that fits, on inputs with one to three axes; without ReLU, whose kinks differences blur."""
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    layers: list[Layer] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["dense", "activation", "normalise", "dropout", "flatten", "residual", "rescale"]))
        activation = draw(st.sampled_from([Identity(), Sigmoid(), Tanh(), Softmax()])).copy()
        if kind == "dense":
            layers.append(Dense(draw(st.integers(1, 4)), activation=activation, initializer=Normal()))
        elif kind == "residual":
            layers.append(Residual(Sequential([activation, BatchNormalization(epsilon=1.0)])))
        else:
            layers.append(
                {
                    "activation": activation,
                    "normalise": BatchNormalization(epsilon=1.0),
                    "dropout": Dropout(0.3),
                    "flatten": Flatten(),
                    "rescale": Rescale(2.0, offset=0.5),
                }[kind]
            )
    return Sequential(layers), shape


@settings(max_examples=30, deadline=None)
@given(networks(), st.booleans(), st.integers(2, 5), st.integers(0, 100))
def test_gradients_of_random_networks(
    network: tuple[Sequential, tuple[int, ...]], training: bool, rows: int, seed: int
) -> None:
    model, shape = network
    assert_gradients(model, shape, training=training, rows=rows, seed=seed)


@pytest.mark.parametrize(
    "layer", [Dense(2), Flatten(), Dropout(0.5), BatchNormalization(), Rescale(), Residual(Dense(3))], ids=repr
)
def test_an_empty_batch_at_inference(layer: Layer) -> None:
    model = Sequential([layer]).initialize(3, seed=0)
    found: Array = model.predict(np.zeros((0, 3)))
    assert found.shape == (0, *model.output_shape)
    assert found.dtype == np.float32


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32"])
def test_layers_that_reshape_leave_values_alone(dtype: str) -> None:
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    model = Sequential([Flatten(), Rescale(1.0)]).initialize((3, 4))
    np.testing.assert_array_equal(model.predict(x), x.reshape(2, 12))
