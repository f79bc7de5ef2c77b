"""Every built-in layer's gradients are those of central differences, in training and at inference."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Identity,
    Layer,
    Normal,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from tests.reference.bench import Bench
from tests.reference.differences import assert_gradient, differences

ACTIVATIONS: list[Activation] = [Identity(), Sigmoid(), Tanh(), ReLU(), Softmax()]


def check(layer: Layer, shape: tuple[int, ...], *, training: bool, rows: int = 3, seed: int = 0) -> None:
    """Compare all gradients of ``layer`` with differences, the upstream gradient being uneven."""
    bench = Bench(layer, shape, training=training)
    rng = np.random.default_rng(seed)
    for array in bench.model.parameters.values():
        array[...] = rng.normal(size=array.shape)
    for array in bench.model.states.values():
        array[...] = rng.uniform(0.5, 1.5, array.shape)
    x = rng.normal(size=(rows, *shape))
    upstream = rng.normal(size=(rows, *bench.model.output_shape))

    def value() -> float:
        bench.renew()  # so that dropout draws the same numbers again
        return float((bench.forward(x) * upstream).sum())

    bench.renew()
    rounding = 1e-11 * float(np.abs(bench.forward(x) * upstream).sum())
    input_gradient = bench.backward(upstream)
    gradients = bench.gradients
    assert_gradient(input_gradient, differences(value, x), "input", rounding=rounding)
    for path, array in bench.model.parameters.items():
        assert_gradient(gradients[path.removeprefix("0.")], differences(value, array), path, rounding=rounding)


LAYERS: dict[str, tuple[Callable[[], Layer], tuple[int, ...]]] = {
    "dense": (lambda: Dense(3), (4,)),
    "dense 3d": (lambda: Dense(3), (2, 4)),
    "dense without bias": (lambda: Dense(3, use_bias=False), (4,)),
    "flatten": (Flatten, (2, 3)),
    "reshape": (lambda: Reshape((3, 2)), (2, 3)),
    "dropout": (lambda: Dropout(0.4), (6,)),
    "dropout 3d": (lambda: Dropout(0.4), (2, 3)),
    "batch normalisation": (BatchNormalization, (4,)),
    "batch normalisation 3d": (lambda: BatchNormalization(momentum=0.5, epsilon=1e-2), (2, 3)),
    "rescale": (lambda: Rescale(0.5, offset=-1.0), (4,)),
    "rescale 3d": (Rescale, (2, 3)),
    "residual": (lambda: Residual(Dense(4, activation=Tanh())), (4,)),
    "residual 3d": (lambda: Residual(Sequential([Dense(5, activation=Sigmoid()), Dense(3)])), (2, 3)),
    "sequential": (lambda: Sequential([Dense(5, activation=Sigmoid()), Dropout(0.2), Dense(3)]), (4,)),
    "one layer twice": (lambda: Sequential([shared := Dense(4, activation=Tanh()), Dense(4), shared]), (4,)),
}
for each in ACTIVATIONS:
    LAYERS[f"dense with {each}"] = partial(Dense, 3, activation=each), (4,)
    LAYERS[f"{each} alone"] = each.copy, (4,)
    LAYERS[f"{each} 3d"] = each.copy, (2, 3)


@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients(name: str, training: bool) -> None:
    make, shape = LAYERS[name]
    check(make().copy(), shape, training=training)


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
def test_random_networks(network: tuple[Sequential, tuple[int, ...]], training: bool, rows: int, seed: int) -> None:
    model, shape = network
    check(model, shape, training=training, rows=rows, seed=seed)
