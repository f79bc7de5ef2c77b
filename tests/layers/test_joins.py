"""The layers that make one array of several: Add, Average, Multiply, Concatenate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Add, Average, Concatenate, Dense, Layer, Multiply, Sequential
from layerkit.errors import ShapeError
from layerkit.testing import step
from layerkit.types import Shape
from tests.reference.values import assert_close, reference

JOINS: dict[str, Layer] = {
    "add": Add(),
    "average": Average(),
    "multiply": Multiply(),
    "concatenate": Concatenate(),
    "concatenate_first": Concatenate(axis=1),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", JOINS)
def test_it_is_pytorchs(name: str, dtype: str) -> None:
    values = {key: array.astype(dtype) for key, array in reference("containers", f"{name}/").items()}
    x = tuple(values[f"x{place}"] for place in range(3))
    model = Sequential([JOINS[name].copy()]).initialize(((4, 2),) * 3, dtype=dtype)
    found = step(model, x, values["grad"])
    tolerance = 1e-12 if dtype == "float64" else 1e-6
    assert_close(found.output, values["y"], tolerance)
    for place, gradient in enumerate(found.input_gradient):
        assert_close(gradient, values[f"input_gradient{place}"], tolerance)


def test_zeros_do_not_spoil_the_gradient_of_a_product() -> None:
    model = Sequential([Multiply()]).initialize(((2,), (2,), (2,)), dtype="float64")
    x = np.array([[0.0, 2.0]]), np.array([[3.0, 0.0]]), np.array([[5.0, 0.0]])
    found = step(model, x, np.ones((1, 2)))
    assert [gradient.tolist() for gradient in found.input_gradient] == [[[15.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]]


@pytest.mark.parametrize("join", [Add(), Average(), Multiply()], ids=repr)
def test_nothing_is_broadcast(join: Layer) -> None:
    told = r"all inputs must have one shape, got \(batch, 3\), \(batch, 1\): bring them to it first"
    with pytest.raises(ShapeError, match=told):
        Sequential([join.copy()]).initialize(((3,), (1,)))
    model = Sequential([join.copy()]).initialize(((None, 2), (None, 2)))
    with pytest.raises(ShapeError, match=r"all inputs of a batch must have one shape, got \(4, 3, 2\) and \(4, 1, 2\)"):
        model.predict((np.ones((4, 3, 2)), np.ones((4, 1, 2))))


@pytest.mark.parametrize(
    ("axis", "shapes", "joined"),
    [
        (-1, ((4,), (2,)), (6,)),
        (1, ((4,), (2,)), (6,)),
        (2, ((3, 4), (3, 2)), (3, 6)),
        (1, ((3, 4), (2, 4)), (5, 4)),
        (-2, ((3, 4), (2, 4)), (5, 4)),
        (1, ((None, 4), (2, 4)), (None, 4)),
        (-1, ((None, 4), (None, 2)), (None, 6)),
    ],
)
def test_concatenation_counts_axes_as_numpy_does(axis: int, shapes: Any, joined: Shape) -> None:
    model = Sequential([Concatenate(axis)]).initialize(shapes)
    assert model.output_shape == joined
    x = tuple(np.ones((5, *(7 if length is None else length for length in shape))) for shape in shapes)
    assert model.predict(x).shape == np.concatenate(x, axis=axis).shape


@pytest.mark.parametrize(
    ("axis", "shapes", "told"),
    [
        (2, ((4,), (2,)), r"axis 2 is none of an example's, for inputs of \(\(batch, 4\), \(batch, 2\)\)"),
        (-2, ((4,), (2,)), "axis -2 is none of an example's"),
        (1, ((3, 4), (3, 2)), "all inputs must be alike but for axis 1"),
        (-1, ((3, 4), (2,)), "all inputs must be alike but for axis -1"),
    ],
)
def test_what_cannot_be_put_behind_one_another_is_refused(axis: int, shapes: Any, told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        Sequential([Concatenate(axis)]).initialize(shapes)


def test_lengths_that_differ_in_a_batch_are_refused() -> None:
    model = Sequential([Concatenate()]).initialize(((None, 4), (None, 2)))
    with pytest.raises(ShapeError, match=r"all inputs of a batch must be alike but for axis -1"):
        model.predict((np.ones((2, 3, 4)), np.ones((2, 5, 2))))


@pytest.mark.parametrize("join", [Add(), Average(), Multiply(), Concatenate()], ids=repr)
def test_one_array_alone_is_refused(join: Layer) -> None:
    with pytest.raises(ShapeError, match=r"takes several inputs, as Parallel and Graph hand them on, got one array"):
        Sequential([Dense(3), join.copy()]).initialize(4)
