"""Decision regions: the classes that are predicted, and the examples over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from layerkit import Dense, Examples, Sequential, Sigmoid, Softmax
from layerkit.errors import ArgumentError, DataError
from layerkit.plots import decision_regions

pytestmark = pytest.mark.extra
X = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])


def halves() -> Sequential:
    """Class 1 right of 0."""
    model = Sequential([Dense(2, activation=Softmax())]).initialize(2, seed=0, dtype="float64")
    model.parameters["0.weight"][...] = [[-1, 1], [0, 0]]
    return model


def reach(area: Any) -> list[float]:
    """From where to where an area goes, across."""
    corners = np.concatenate([path.vertices for path in area.get_paths()])
    return [float(corners[:, 0].min()), float(corners[:, 0].max())]


def test_each_class_has_its_part_of_the_plane() -> None:
    ax = decision_regions(halves(), X, resolution=101)
    left, right = ax.collections
    assert reach(left) == pytest.approx([-1.16, 0.0], abs=0.03)
    assert reach(right) == pytest.approx([0.0, 1.16], abs=0.03)
    assert left.hatches != right.hatches


def test_examples_have_a_marker_and_the_colour_of_their_class() -> None:
    ax = decision_regions(halves(), Examples(X, ["no", "yes", "yes"], names=["a", "b"]), resolution=20)
    points = {one.get_gid(): one for one in ax.collections if one.get_gid()}
    assert points["class 0"].get_offsets().tolist() == [[-1, 0]]
    assert points["class 1"].get_offsets().tolist() == [[1, 0], [0, 2]]
    shapes = [one.get_paths()[0].vertices.shape for one in points.values()]
    assert shapes[0] != shapes[1]
    areas = [one for one in ax.collections if not one.get_gid()]
    for area, one in zip(areas, points.values(), strict=True):
        assert to_rgb(area.get_facecolor()[0]) == to_rgb(one.get_facecolor()[0])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")


def test_a_single_output_is_a_probability() -> None:
    model = Sequential([Dense(1, activation=Sigmoid())]).initialize(2, seed=0)
    model.parameters["0.weight"][...] = [[1], [0]]
    ax = decision_regions(model, X, [0, 1, 1], resolution=50)
    assert reach(ax.collections[0])[1] == pytest.approx(0, abs=0.03)
    with pytest.raises(ArgumentError, match="no probability"):
        decision_regions(Sequential([Dense(1)]).initialize(2, seed=0), X)


@pytest.mark.parametrize("x", [np.ones((2, 3)), np.ones((0, 2)), [[np.nan, 1.0]], [[1.0]]])
def test_data_of_another_form_is_refused(x: Any) -> None:
    with pytest.raises(DataError, match="finite numbers"):
        decision_regions(halves(), x)


def test_models_of_other_inputs_are_refused() -> None:
    with pytest.raises(ArgumentError, match="must take 2 features"):
        decision_regions(Sequential([Dense(2)]).initialize(3), X)
