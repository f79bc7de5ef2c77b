"""What makes every prediction the same, whatever the input, is told before the first step."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from layerkit import (
    Activation,
    BatchNormalization,
    BinaryCrossEntropy,
    Cost,
    Dense,
    Diagnosis,
    Flatten,
    GradientDescent,
    Graph,
    GroupNormalization,
    Huber,
    Identity,
    Layer,
    LayerNormalization,
    LogSoftmax,
    Multiply,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    RMSNormalization,
    Sequential,
    Sigmoid,
    Softmax,
    Standardize,
    Tanh,
    TimeDistributed,
    Trainer,
    Zeros,
)
from layerkit.diagnosis.constant_output import about_constant_output
from layerkit.errors import LayerkitWarning
from tests.testing.drawn import ANY_ACTIVATION

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > -0.8).astype(int)


def told(
    layers: list[Layer], cost: Cost | None = None, x: Any = X, y: Any = Y, **options: Any
) -> list[LayerkitWarning]:
    trainer = Trainer(Sequential(layers), cost=cost or Quadratic(), optimizer=GradientDescent(1e-3), seed=0, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit((x, y), epochs=6, callbacks=[Diagnosis()])
    return [one.message for one in caught if isinstance(one.message, LayerkitWarning)]


@pytest.mark.parametrize("cost", [Quadratic(), Huber(), BinaryCrossEntropy()], ids=repr)
@pytest.mark.parametrize(("activation", "value"), [(Softmax, "1"), (LogSoftmax, "0")])
def test_a_softmax_over_one_output_is_told_under_any_cost(cost: Cost, activation: type[Activation], value: str) -> None:
    [warning] = told([Dense(8, activation=ReLU()), Dense(1, activation=activation())], cost)
    assert warning.name == "constant-output"
    assert f"layer 1.function ({activation.__name__}) is over one output, and so always {value}" in str(warning)
    cure = "Leave" if cost.readout() is not None else "Sigmoid is meant"
    assert cure in str(warning)


SICK: dict[str, Callable[[], list[Layer]]] = {
    "alone": lambda: [Dense(1), Softmax()],
    "inside": lambda: [Dense(1, activation=Softmax()), Dense(1)],
    "of one feature": lambda: [Dense(1), LayerNormalization(), Dense(1)],
    "at the end": lambda: [Dense(1), LayerNormalization()],
    "of groups of one": lambda: [GroupNormalization(4), Dense(1)],
    "a factor of 0": lambda: [Dense(3), Rescale(0.0, offset=0.5), Dense(1)],
    "a part": lambda: [Sequential([Dense(4), Sequential([Dense(1), LogSoftmax()])]), Dense(1)],
}
HEALTHY: dict[str, Callable[[], list[Layer]]] = {
    "a sigmoid": lambda: [Dense(1, activation=Sigmoid())],
    "a softmax over several": lambda: [Dense(2, activation=Softmax()), Dense(1)],
    "normalised over rows": lambda: [Dense(1), BatchNormalization(), Dense(1)],
    "standardised": lambda: [Standardize(), Dense(1)],
    "of several features": lambda: [LayerNormalization(), Dense(1)],
    "only the sign is left": lambda: [Dense(1), RMSNormalization(), Dense(1)],
    "first values of 0": lambda: [Dense(4, activation=Tanh()), Dense(1, initializer=Zeros())],
    "something beside it": lambda: [
        Residual(LayerNormalization()),
        Residual(Sequential([Dense(1), Softmax(), Dense(4)])),
        Dense(1),
    ],
    "a factor of 1": lambda: [Rescale(1.0), Dense(1)],
}


@pytest.mark.parametrize("name", SICK)
def test_what_gives_the_same_whatever_it_is_given_is_told(name: str) -> None:
    [warning] = told(SICK[name]())
    assert warning.name == "constant-output"
    assert "whatever the input" in str(warning)


@pytest.mark.parametrize("name", HEALTHY)
def test_what_goes_by_its_input_is_not(name: str) -> None:
    assert "constant-output" not in [warning.name for warning in told(HEALTHY[name]())]


@settings(max_examples=150, deadline=None)
@given(ANY_ACTIVATION)
def test_no_other_activation_of_one_output_is(activation: Activation) -> None:
    names = [warning.name for warning in told([Dense(1, activation=activation)], silence=["scale"])]
    assert ("constant-output" in names) == isinstance(activation, (Softmax, LogSoftmax))


def test_each_position_by_itself_is_as_one() -> None:
    x, y = RNG.normal(size=(20, 5, 3)), RNG.random((20, 5, 1))
    [warning] = told([TimeDistributed(Dense(1, activation=Softmax()))], x=x, y=y)
    assert warning.name == "constant-output"


def test_what_is_beside_it_in_a_graph_counts() -> None:
    def fixed() -> Layer:
        return Sequential([Dense(4), Rescale(0.0, offset=0.5)])

    both = Graph({"weight": (fixed(), "x"), "both": (Multiply(), "weight", "x")}, inputs=("x",))
    assert "constant-output" not in [warning.name for warning in told([both, Dense(1)])]
    alone = Graph({"weight": (fixed(), "x")}, inputs=("x",))
    assert [warning.name for warning in told([alone, Dense(1)])] == ["constant-output"]


def test_a_stream_is_told_too_and_the_name_silences_it_and_what_follows() -> None:
    model = Sequential([Dense(1, activation=Softmax())]).initialize(4)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-3), seed=0)
    with pytest.warns(LayerkitWarning, match="constant-output"):
        trainer.fit(lambda: iter([(X, Y)]), epochs=1)
    assert told([Dense(1, activation=Softmax())], silence=["constant-output"]) == []


def test_layers_that_keep_values_are_looked_through() -> None:
    [warning] = told([Dense(1, activation=Softmax()), Identity(), Flatten()])
    assert warning.name == "constant-output"


def test_large_images_cost_no_pass() -> None:
    conv = pytest.importorskip("layerkit_conv")
    model = Sequential([LayerNormalization(), conv.Conv2D(1, 3, activation=Softmax())])
    model.initialize((256, 256, 3), seed=0)
    began = time.process_time()
    assert about_constant_output(model, Quadratic()) is not None
    assert time.process_time() - began < 0.05
