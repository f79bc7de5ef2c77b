from __future__ import annotations

import numpy as np
import pytest

from layerkit import GroupNormalization, LayerNormalization, Sequential
from layerkit.errors import ShapeError
from layerkit.testing import step

RNG = np.random.default_rng(0)


def test_one_group_of_a_row_is_a_layer_normalisation() -> None:
    x = RNG.normal(3.0, 5.0, (7, 6))
    one, other = (
        Sequential([layer]).initialize(6, dtype="float64") for layer in (GroupNormalization(1), LayerNormalization())
    )
    np.testing.assert_allclose(one.predict(x), other.predict(x), rtol=1e-12, atol=1e-12)


def test_each_group_of_an_example_has_mean_0_and_variance_1() -> None:
    x = RNG.normal(3.0, 5.0, (5, 4, 4, 6))
    y = Sequential([GroupNormalization(2)]).initialize((4, 4, 6), dtype="float64").predict(x).reshape(5, 16, 2, 3)
    np.testing.assert_allclose(y.mean(axis=(1, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(1, 3)), 1, rtol=1e-5)


def test_under_a_mask_each_example_is_what_it_is_without_its_padding() -> None:
    lengths = [3, 5, 1]
    x, grad = RNG.normal(size=(3, 5, 4)), RNG.normal(size=(3, 5, 4))
    mask = np.arange(5) < np.array(lengths)[:, None]
    model = Sequential([GroupNormalization(2)]).initialize((None, 4), dtype="float64")
    for array in model.parameters.values():
        array[...] = RNG.normal(size=array.shape)
    found = step(model, np.where(mask[:, :, None], x, 1e3), grad, mask=mask)
    assert not found.output[~mask].any()
    assert not found.input_gradient[~mask].any()
    total = {path: np.zeros_like(array) for path, array in found.gradients.items()}
    for row, length in enumerate(lengths):
        alone = step(model, x[row : row + 1, :length], grad[row : row + 1, :length])
        np.testing.assert_allclose(found.output[row, :length], alone.output[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.input_gradient[row, :length], alone.input_gradient[0], rtol=1e-8, atol=1e-10)
        for path, gradient in alone.gradients.items():
            total[path] += gradient
    for path, gradient in total.items():
        np.testing.assert_allclose(found.gradients[path], gradient, rtol=1e-10, atol=1e-12)


def test_a_sequence_of_no_step_that_counts() -> None:
    model = Sequential([GroupNormalization(2)]).initialize((None, 4))
    assert not model.predict(np.ones((2, 3, 4)), mask=np.zeros((2, 3), bool)).any()
    assert model.predict(np.ones((0, 3, 4))).shape == (0, 3, 4)
    assert model.predict(np.ones((2, 0, 4))).shape == (2, 0, 4)


def test_features_that_cannot_be_cut_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"GroupNormalization\): 6 features cannot be cut into 4 groups of one size"):
        Sequential([GroupNormalization(4)]).initialize(6)
