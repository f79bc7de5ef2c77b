"""What a seed draws for a parameter depends on its path."""

from __future__ import annotations

import numpy as np

from layerkit import Dense, Dropout, Layer, Sequential
from layerkit.types import Array


def values(*layers: Layer) -> list[Array]:
    """The first weights of the dense layers, in order."""
    model = Sequential(list(layers)).initialize(4, seed=0)
    return [array.copy() for path, array in model.parameters.items() if path.endswith("weight")]


def test_what_is_in_front_of_a_new_layer_keeps_its_first_values() -> None:
    first, second = values(Dense(4), Dense(4))
    np.testing.assert_array_equal(values(Dense(4), Dense(4), Dropout(0.5)), [first, second])
    np.testing.assert_array_equal(values(Dense(4), Dropout(0.5), Dense(4))[0], first)


def test_what_is_behind_it_draws_what_its_new_place_draws() -> None:
    moved = values(Dense(4), Dropout(0.5), Dense(4))[1]
    assert not np.array_equal(moved, values(Dense(4), Dense(4))[1])
    np.testing.assert_array_equal(moved, values(Dense(4), Dense(4), Dense(4))[2])
