from __future__ import annotations

import numpy as np
import pytest

from layerkit import Dense, Dropout, Flatten, Identity, Layer, Rescale, Sequential, Sigmoid, Tanh
from layerkit.errors import ArgumentError
from tests.reference.gradients import assert_all_gradients


def one_layer_twice() -> Sequential:
    shared = Dense(4, activation=Tanh())
    return Sequential([shared, Dense(4), shared])


@pytest.mark.parametrize(
    "layer",
    [Sequential([Dense(5, activation=Sigmoid()), Dropout(0.2), Dense(3)]), one_layer_twice()],
    ids=["chain", "one layer twice"],
)
def test_gradients(layer: Layer) -> None:
    assert_all_gradients(layer, (4,))


def test_it_is_a_sequence_of_its_layers() -> None:
    layers = [Dense(3), Tanh(), Dense(2)]
    model = Sequential(layers)
    assert len(model) == 3
    assert list(model) == layers
    assert model[-1] is layers[2]


def test_each_layer_takes_what_the_one_before_it_gives() -> None:
    first, second = Dense(3, activation=Tanh()), Dense(2)
    model = Sequential([first, second]).initialize(4, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(5, 4))
    w1, b1, w2, b2 = model.parameters.values()
    np.testing.assert_allclose(model.predict(x), np.tanh(x @ w1 + b1) @ w2 + b2, rtol=1e-12)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ([Flatten(), Identity()], "keep"),
        ([Flatten(), Rescale(), Dense(2)], "accept"),
        ([Flatten(), Dense(2), Rescale()], "cast"),
    ],
)
def test_what_becomes_of_integers_is_up_to_the_first_layer_that_reads_them(layers: list[Layer], kind: str) -> None:
    assert Sequential(layers).integer_input == kind


@pytest.mark.parametrize("layers", [[], (), None, {Dense(2)}])
def test_something_else_than_a_list_of_layers_is_refused(layers: object) -> None:
    with pytest.raises(ArgumentError, match="Sequential: layers must be a list of at least one layer"):
        Sequential(layers)  # type: ignore[arg-type]


def test_what_is_no_layer_is_named_by_its_place() -> None:
    with pytest.raises(ArgumentError, match=r"Sequential: layers\[1\] must be a Layer object.*: write Dense\(…\)"):
        Sequential([Dense(2), Dense])  # type: ignore[list-item]
