"""Weights as images, and the images that are most wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Dense, Digits, Examples, Flatten, ReLU, Sequential
from layerkit.errors import ArgumentError, DataError, NotBuiltError
from layerkit.models.model import Model
from layerkit.plots import most_wrong, weights

pytestmark = pytest.mark.extra


def dense_model() -> Sequential:
    return Sequential([Flatten(), Dense(5, activation=ReLU()), Dense(3)]).initialize((4, 6), seed=0)


def arrays(ax: Any) -> list[Any]:
    return [np.asarray(image.get_array()) for image in ax.images]


def test_a_unit_s_weights_have_the_shape_of_the_input() -> None:
    model = dense_model()
    ax = weights(model)
    for unit, image in enumerate(arrays(ax)):
        np.testing.assert_array_equal(image, model.parameters["1.weight"][:, unit].reshape(4, 6))
    assert len(ax.images) == 5
    # one scale, symmetric around 0
    limit = float(np.abs(model.parameters["1.weight"]).max())
    assert {image.get_clim() for image in ax.images} == {(-limit, limit)}


def test_weights_that_are_no_images_are_one_matrix() -> None:
    model = dense_model()
    [image] = arrays(weights(model, layer=2))
    np.testing.assert_array_equal(image, model.parameters["2.weight"].T)


def test_a_shape_makes_images_of_what_the_input_does_not_tell() -> None:
    model = Sequential([Dense(2)]).initialize(12, seed=0)
    assert [image.shape for image in arrays(weights(model, shape=(3, 4)))] == [(3, 4), (3, 4)]
    with pytest.raises(ArgumentError, match=r"of the 12 pixels that there are, got \(3, 5\)"):
        weights(model, shape=(3, 5))


def test_each_filter_is_drawn_for_each_channel() -> None:
    conv = pytest.importorskip("layerkit_conv")
    model: Model = Sequential([conv.Conv2D(2, (3, 4))]).initialize((8, 8, 3), seed=0)
    found = arrays(weights(model))
    assert len(found) == 6
    for place, image in enumerate(found):
        unit, channel = divmod(place, 3)
        np.testing.assert_array_equal(image, model.parameters["0.weight"][:, :, channel, unit])
    assert len(weights(model, count=4).images) == 4


def test_layers_without_such_weights_are_told() -> None:
    with pytest.raises(ArgumentError, match=r"layer '0' has no such weights; .*: '1', '2'"):
        weights(dense_model(), layer=0)
    with pytest.raises(ArgumentError, match="layer '9' does not exist"):
        weights(dense_model(), layer="9")
    with pytest.raises(ArgumentError, match="no layer with a weight"):
        weights(Sequential([Flatten()]).initialize((2, 2)))
    with pytest.raises(NotBuiltError):
        weights(Sequential([Dense(2)]))


def constant_model() -> Sequential:
    """Class 1 of whatever it is shown, the more certain the brighter the first pixel."""
    model = Sequential([Flatten(), Dense(3)]).initialize((2, 2), seed=0)
    model.parameters["1.weight"][...] = 0
    model.parameters["1.weight"][0, 1] = 1
    model.parameters["1.bias"][...] = [0, 1, 0]
    return model


def test_the_most_certain_mistake_comes_first() -> None:
    x = np.zeros((4, 2, 2))
    x[:, 0, 0] = [1, 4, 3, 2]
    x[:, 1, 1] = 8
    ax = most_wrong(constant_model(), x, [0, 1, 2, 0], classes=["ant", "bee", "cow"])
    assert [text.get_text() for text in ax.texts] == ["cow, not bee (4)", "ant, not bee (3)", "ant, not bee (2)"]
    np.testing.assert_array_equal(arrays(ax)[0], [[3 / 8, 0], [0, 1]])
    assert ax.get_title().startswith("3 of 4 are wrong")
    assert len(most_wrong(constant_model(), x, [0, 1, 2, 0], count=2).images) == 2


def test_rows_of_pixels_and_colours_are_images_too() -> None:
    model = Sequential([Dense(3)]).initialize(6, seed=0)
    model.parameters["0.weight"][...] = 0
    [image] = arrays(most_wrong(model, np.arange(6.0)[None], [2], shape=(2, 3)))
    np.testing.assert_allclose(image, np.arange(6).reshape(2, 3) / 5)
    with pytest.raises(ArgumentError, match="say shape="):
        most_wrong(model, np.arange(6.0)[None], [2])
    colours = Sequential([Flatten(), Dense(3)]).initialize((2, 2, 3), seed=0)
    colours.parameters["1.weight"][...] = 0
    assert arrays(most_wrong(colours, np.ones((1, 2, 2, 3)), [2]))[0].shape == (2, 2, 3)


def test_where_nothing_is_wrong_it_says_so() -> None:
    ax = most_wrong(constant_model(), np.ones((3, 2, 2)), [1, 1, 1])
    assert [text.get_text() for text in ax.texts] == ["none of 3 is wrong"]


def test_examples_bring_their_targets_and_names() -> None:
    test = Digits().load("test")
    model = Sequential([Flatten(), Dense(10)]).initialize((8, 8), seed=0)
    assert isinstance(test, Examples)
    ax = most_wrong(model, test, count=9, columns=3)
    assert len(ax.images) == 9
    with pytest.raises(ArgumentError, match="leave y out"):
        most_wrong(model, test, test.y)
    with pytest.raises(ArgumentError, match="y is missing"):
        most_wrong(model, test.x)


def test_data_without_one_class_each_is_refused() -> None:
    with pytest.raises(DataError, match="one class for each"):
        most_wrong(constant_model(), np.ones((2, 2, 2)), [[0.2, 0.5, 0.1], [0.5, 0.5, 0.1]])
    with pytest.raises(DataError, match="no examples"):
        most_wrong(constant_model(), np.ones((0, 2, 2)), np.ones(0, int))
