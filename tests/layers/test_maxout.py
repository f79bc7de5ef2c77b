from __future__ import annotations

import numpy as np

from layerkit import Constant, Maxout, Sequential
from layerkit.testing import step


def test_the_gradient_goes_to_the_first_of_equal_pieces() -> None:
    model = Sequential([Maxout(1, pieces=3, initializer=Constant(1.0))]).initialize(2, dtype="float64")
    found = step(model, np.array([[2.0, 3.0]]), np.array([[4.0]]))
    assert found.output.tolist() == [[5.0]]
    assert found.gradients["0.weight"].tolist() == [[8.0, 0.0, 0.0], [12.0, 0.0, 0.0]]
    assert found.gradients["0.bias"].tolist() == [4.0, 0.0, 0.0]
    assert found.input_gradient.tolist() == [[4.0, 4.0]]


def test_two_pieces_make_the_absolute_value() -> None:
    model = Sequential([Maxout(1, use_bias=False)]).initialize(1)
    model.parameters["0.weight"][...] = [[1.0, -1.0]]
    assert model.predict(np.array([[-3.0], [0.5]])).tolist() == [[3.0], [0.5]]


def test_one_piece_is_linear() -> None:
    model = Sequential([Maxout(3, pieces=1)]).initialize(2, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, 2))
    np.testing.assert_allclose(model.predict(x), x @ model.parameters["0.weight"], rtol=1e-12)
