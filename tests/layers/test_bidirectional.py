from __future__ import annotations

import numpy as np
import pytest

from layerkit import Add, Bidirectional, Context, Dense, Flatten, Layer, Multiply, Sequential, Tanh, TimeDistributed
from layerkit.errors import ShapeError
from layerkit.testing import step
from layerkit.types import Array, Shape
from tests.reference.gradients import assert_all_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5, 2))
MASK = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)


class Running(Layer):
    """y = the sum of all steps so far that count; zeros where a step does not."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        counts = ctx.mask_over(x)
        ctx.saved.counts = 1.0 if counts is None else counts
        return np.cumsum(x * ctx.saved.counts, axis=1) * ctx.saved.counts

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.cumsum((grad * ctx.saved.counts)[:, ::-1], axis=1)[:, ::-1] * ctx.saved.counts


@pytest.mark.parametrize(
    "layer",
    [
        Bidirectional(Dense(3, activation=Tanh())),
        Bidirectional(Running(), join=Multiply()),
        Bidirectional(Sequential([Flatten(), Dense(3)]), join=Add()),
    ],
    ids=repr,
)
def test_gradients(layer: Layer) -> None:
    assert_all_gradients(layer, (3, 2))


def test_one_reads_from_the_front_and_one_from_the_back() -> None:
    model = Sequential([Bidirectional(Running())]).initialize((None, 2), dtype="float64")
    y = model.predict(X)
    np.testing.assert_allclose(y[..., :2], np.cumsum(X, axis=1), rtol=1e-12)
    np.testing.assert_allclose(y[..., 2:], np.cumsum(X[:, ::-1], axis=1)[:, ::-1], rtol=1e-12)


def test_the_steps_that_count_alone_change_places() -> None:
    model = Sequential([Bidirectional(Running())]).initialize((None, 2), dtype="float64")
    found = step(model, np.where(MASK[:, :, None], X, 1e6), np.ones((4, 5, 4)), mask=MASK)
    expected = np.zeros((4, 5, 4))
    below = np.zeros((4, 5, 2))
    for row, counts in enumerate(MASK):
        steps = X[row, counts]
        expected[row, counts] = np.hstack([np.cumsum(steps, axis=0), np.cumsum(steps[::-1], axis=0)[::-1]])
        # each step is in as many sums as there are steps from it on, and up to it
        below[row, counts] = len(steps) + 1
    np.testing.assert_allclose(found.output, expected, rtol=1e-9)
    np.testing.assert_allclose(found.input_gradient, below, rtol=1e-9)


@pytest.mark.parametrize("mask", [None, MASK])
def test_it_is_what_two_layers_give(mask: Array | None) -> None:
    frames = TimeDistributed(Sequential([Dense(4, activation=Tanh()), Dense(3)]))
    model = Sequential([Bidirectional(frames, join=Add())]).initialize((5, 2), seed=0, dtype="float64")
    grad = RNG.normal(size=(4, 5, 3))
    found = step(model, X, grad, mask=mask)
    sides = []
    for side in ("ahead", "back"):
        # what looks at each step by itself gives the same in any order
        alone = Sequential([frames.copy()]).initialize((5, 2), dtype="float64")
        for path, array in alone.parameters.items():
            array[...] = model.parameters[path.replace("0.", f"0.{side}.", 1)]
        sides.append(step(alone, X, grad, mask=mask))
    np.testing.assert_allclose(found.output, sides[0].output + sides[1].output, rtol=1e-12)
    np.testing.assert_allclose(
        found.input_gradient, sides[0].input_gradient + sides[1].input_gradient, rtol=1e-10, atol=1e-13
    )
    for side, own in zip(("ahead", "back"), sides, strict=True):
        for path, gradient in own.gradients.items():
            np.testing.assert_allclose(
                found.gradients[path.replace("0.", f"0.{side}.", 1)], gradient, rtol=1e-10, atol=1e-13
            )


def test_a_layer_that_sums_a_sequence_up_is_joined_as_it_is() -> None:
    model = Sequential([Bidirectional(Sequential([Flatten(), Dense(3)]))]).initialize((5, 2), seed=0, dtype="float64")
    y = model.predict(X)
    ahead, back = (model.parameters[f"0.{side}.1.weight"] for side in ("ahead", "back"))
    np.testing.assert_allclose(y[:, :3], X.reshape(4, 10) @ ahead, rtol=1e-12)
    np.testing.assert_allclose(y[:, 3:], X[:, ::-1].reshape(4, 10) @ back, rtol=1e-12)


def test_one_side_may_be_frozen() -> None:
    model = Sequential([Dense(2), Bidirectional(Dense(3))]).initialize((5, 2), seed=0)
    model.structure.node.parts["1"].parts["back"].layer.freeze()
    assert model.structure.trainable == 6 + 9
    found = step(model, X.astype("float32"), np.ones((4, 5, 6), "float32"))
    assert found.gradients["0.weight"].any()


class Halved(Layer):
    """y = every other step."""

    def build(self, input_shape: Shape) -> Shape:
        return (input_shape[0] // 2, *input_shape[1:])

    def forward(self, x: Array, ctx: Context) -> Array:
        return x[:, 1::2]

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.repeat(grad, 2, axis=1)


def test_another_axis_of_time_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"with the same axis of time, or \(batch, features\), and turns"):
        Sequential([Bidirectional(Halved())]).initialize((4, 2))
    with pytest.raises(ShapeError, match=r"takes one array \(batch, time, …\)"):
        Sequential([Bidirectional(Dense(3))]).initialize(((4, 2), (4, 2)))


def test_the_mask_of_other_sequences_is_refused() -> None:
    model = Sequential([Bidirectional(Dense(3))]).initialize((None, 2))
    with pytest.raises(ShapeError, match=r"the mask must be \(batch, time\) booleans"):
        model.predict(X, mask=np.ones((4, 6), bool))
