"""A pass lives on its context: passes interleave, scratch memory is reused, and authors get what they were promised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    Callback,
    Dense,
    Dropout,
    GradientDescent,
    Quadratic,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)
from layerkit.errors import LayerkitError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from layerkit.memory import aligned
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Shape
from tests.models.custom import Branches, Scale


def network() -> Sequential:
    inner = Sequential([Dense(4, activation=Tanh()), Dropout(0.3), Dense(4)])
    return Sequential(
        [Dense(4, activation=Sigmoid()), Residual(inner), BatchNormalization(), Branches(Dense(3), Dense(3)), Softmax()]
    )


def new_pass(model: Sequential, *, training: bool = True, seed: int = 0) -> tuple[Pass, Array]:
    structure = model.structure
    gradient = np.zeros_like(structure.gradient)
    tree = Pass(
        structure, structure.node, RandomStreams(seed), training=training, gradient=gradient, needs_input_gradient=True
    )
    return tree, gradient


def test_interleaved_passes_do_not_disturb_each_other() -> None:
    model = network().initialize(5, seed=0, dtype="float64")
    rng = np.random.default_rng(0)
    x, y, grad = rng.normal(size=(6, 5)), rng.normal(size=(3, 5)), rng.normal(size=(6, 3))

    alone, expected = new_pass(model)
    output = alone.forward(x, 6.0).copy()
    below = alone.backward(grad).copy()  # type: ignore[union-attr]

    one, gradient = new_pass(model)
    other, other_gradient = new_pass(model, seed=1)
    first = one.forward(x, 6.0)
    second = other.forward(y, 3.0)
    model.predict(y)
    kept = second.copy()
    found = one.backward(grad)
    np.testing.assert_array_equal(first, output)
    np.testing.assert_array_equal(found, below)
    np.testing.assert_array_equal(gradient, expected)
    np.testing.assert_array_equal(second, kept)
    other.backward(grad[:3])
    np.testing.assert_array_equal(gradient, expected)
    assert other_gradient.any()


def test_backward_overwrites_and_can_be_repeated() -> None:
    model = network().initialize(5, seed=0, dtype="float64")
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(6, 5)), rng.normal(size=(6, 3))
    tree, gradient = new_pass(model)
    gradient[...] = 1e6
    tree.forward(x, 6.0)
    tree.backward(grad)
    first = gradient.copy()
    assert np.abs(first).max() < 1e3
    tree.backward(grad)
    np.testing.assert_array_equal(gradient, first)
    tree.backward(2 * grad)
    np.testing.assert_allclose(gradient, 2 * first, rtol=1e-12, atol=1e-15)


def test_reused_scratch_memory_changes_nothing() -> None:
    model = network().initialize(5, seed=0, dtype="float64")
    rng = np.random.default_rng(0)
    used, gradient = new_pass(model)
    for rows in (6, 2, 6, 9, 1, 6):
        x, grad = rng.normal(size=(rows, 5)), rng.normal(size=(rows, 3))
        fresh, expected = new_pass(model)
        for place in ("1.inner.1",):
            for tree in (used, fresh):
                find(tree.context, place).rng = np.random.default_rng(rows)
        np.testing.assert_array_equal(used.forward(x, rows), fresh.forward(x, rows))
        np.testing.assert_array_equal(used.backward(grad), fresh.backward(grad))
        np.testing.assert_array_equal(gradient, expected)


def find(context: Context, path: str) -> Context:
    if context.path == path:
        return context
    return next(find(part, path) for part in context.parts if path.startswith(part.path))


def test_a_pass_changes_neither_parameters_nor_state_nor_input() -> None:
    model = network().initialize(5, seed=0, dtype="float64")
    structure = model.structure
    before = structure.parameters.copy(), structure.states.copy()
    x, grad = np.random.default_rng(0).normal(size=(6, 5)), np.ones((6, 3))
    for array in (x, grad, structure.parameters, structure.states):
        array.flags.writeable = False
    try:
        tree, _ = new_pass(model)
        tree.forward(x, 6.0)
        tree.backward(grad)
    finally:
        structure.parameters.flags.writeable = structure.states.flags.writeable = True
    np.testing.assert_array_equal(structure.parameters, before[0])
    np.testing.assert_array_equal(structure.states, before[1])


def test_the_batch_gradient_is_the_sum_of_the_rows() -> None:
    model = Sequential([Dense(4, activation=Tanh()), Residual(Dense(4)), Scale()]).initialize(
        3, seed=0, dtype="float64"
    )
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    tree, gradient = new_pass(model)
    tree.forward(x, 5.0)
    tree.backward(grad)
    whole, total = gradient.copy(), np.zeros_like(gradient)
    for row in range(5):
        tree.forward(x[row : row + 1], 1.0)
        tree.backward(grad[row : row + 1])
        total += gradient
    np.testing.assert_allclose(total, whole, rtol=1e-12, atol=1e-14)


class Asks(Layer):
    """Asks its context for what it has not."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        SEEN.append(ctx)
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("weight")
        return grad


SEEN: list[Context] = []


def test_what_a_context_knows() -> None:
    model = Sequential([Dense(2), Residual(Asks())]).initialize((2, 2))
    mask = np.ones((3, 2), bool)
    SEEN.clear()
    model.predict(np.zeros((3, 2, 2)), mask=mask)
    (ctx,) = SEEN
    assert ctx.path == "1.inner"
    assert not ctx.training
    assert not ctx.trainable
    assert ctx.mask is mask
    assert ctx.parts == ()
    tree, _ = new_pass(model)
    tree.forward(np.zeros((3, 2, 2), np.float32), 3.0)
    assert SEEN[-1].training
    with pytest.raises(LayerkitError, match=r"layer '1\.inner' has no gradient 'weight'"):
        tree.backward(np.zeros((3, 2), np.float32))
    assert tree.context.part("0").trainable


def test_generators_differ_by_place_and_come_from_the_seed() -> None:
    model = Sequential([Dropout(0.5), Dropout(0.5)]).initialize(200)
    x = np.ones((1, 200), np.float32)

    def masks(seed: int) -> tuple[Array, Array]:
        tree, _ = new_pass(model, seed=seed)
        tree.forward(x, 1.0)
        return tuple(part.rng.random(5) for part in tree.context.parts)  # type: ignore[return-value]

    one, other = masks(0)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(masks(0), (one, other))
    assert not np.array_equal(masks(1)[0], one)


def test_scratch_is_the_same_memory_until_shape_or_dtype_change() -> None:
    scratch = Scratch(np.dtype(np.float32))
    first = scratch("a", (2, 3))
    assert first.dtype == np.float32
    assert scratch("a", (2, 3)) is first
    assert scratch("b", (2, 3)) is not first
    assert scratch("a", (2, 4)).shape == (2, 4)
    assert scratch("a", (2, 4), np.dtype(bool)).dtype == bool
    ones = scratch.ones(4)
    np.testing.assert_array_equal(ones, np.ones(4, np.float32))
    assert scratch.ones(4) is ones
    assert not ones.flags.writeable
    half = scratch.scalar("half", 0.5)
    assert half.shape == ()
    assert half.dtype == np.float32
    assert scratch.scalar("half", 0.5) is half
    assert scratch.scalar("half", 0.25) == 0.25


def test_a_custom_container_connects_and_names_its_parts() -> None:
    model = Sequential([Branches(Dense(2), Scale())]).initialize(2, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, 2))
    expected = x @ model.parameters["0.left_branch.weight"] + x
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-12)
    tree, gradient = new_pass(model)
    tree.forward(x, 4.0)
    below: Any = tree.backward(np.ones((4, 2)))
    np.testing.assert_allclose(below, model.parameters["0.left_branch.weight"].sum(axis=1) + np.ones((4, 2)))
    assert gradient.all()


def test_vectors_and_scratch_memory_begin_at_cache_lines() -> None:
    model = network().initialize(5, seed=0)
    optimizer = GradientDescent(0.1, momentum=0.9)
    trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, seed=0)
    taken: list[Array] = []

    class Take(Callback):
        def steps_ended(self, fit: Any) -> None:
            taken.extend(fit.job.contexts[0].arrays())

    taking = Take()
    taking.every_steps = 1
    trainer.fit((np.ones((4, 5)), np.ones((4, 3))), epochs=1, callbacks=[taking])
    structure, scratch = model.structure, Scratch(np.dtype(np.float32))
    vectors = [structure.parameters, structure.gradient, structure.states, *taken]
    for array in (*vectors, scratch("one", (3, 5)), scratch("two", (7,)), scratch.ones(9)):
        assert array.ctypes.data % 64 == 0
    assert taken


def test_blocks_of_a_large_update_begin_at_cache_lines_and_leave_nothing_out() -> None:
    slices = (ParameterSlice("w", 0, 100_003, (100_003,), ()),)
    context = UpdateContext(slices, np.dtype(np.float32), rng=np.random.default_rng(0))
    vector = aligned((100_003,), np.dtype(np.float32))
    blocks = context.blocks(vector, work=1)
    assert len(blocks) > 1
    assert all(part.ctypes.data % 64 == 0 for block in blocks for part in block)
    assert sum(part.size for part, _ in blocks) == vector.size


def test_a_container_may_give_its_parts_another_mask() -> None:
    tree, _ = new_pass(network().initialize(5, seed=0))
    context, mask = tree.context, np.ones((2, 3), bool)
    tree.shared.mask = mask
    other = np.zeros((2, 5), bool)
    with context.masked(other):
        assert context.parts[0].mask is other
        with context.masked(None):
            assert context.parts[0].mask is None
        assert context.parts[0].mask is other
    assert context.parts[0].mask is mask
    with pytest.raises(LayerkitError), context.masked(None):
        raise LayerkitError("a part fails")
    assert context.mask is mask
