"""A recorded step gives the bits of the passes that it was recorded from, or is not used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np
import pytest

from layerkit import (
    Adam,
    Add,
    Average,
    BatchNormalization,
    Bias,
    Bidirectional,
    Concatenate,
    Constant,
    Context,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Graph,
    GroupNormalization,
    Highway,
    Identity,
    Layer,
    LayerNormalization,
    Maxout,
    Multiply,
    Parallel,
    Quadratic,
    ReLU,
    Repeat,
    Rescale,
    Reshape,
    Residual,
    RMSNormalization,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    TiedDense,
    TimeDistributed,
    Trainer,
)
from layerkit.engines import numpy_engine, recorded_step
from layerkit.engines.recorded_step import Recording
from layerkit.errors import NonFiniteError
from layerkit.models.tape import Tape
from layerkit.types import Array, Shape


def shared_layer() -> Sequential:
    inner = Dense(6, activation=Tanh())
    return Sequential([Dense(6), inner, ReLU(), inner, Dense(3)])


def autoencoder() -> list[Layer]:
    encoder = Dense(4, activation=Tanh())
    return [encoder, TiedDense(encoder, units=8)]


def graph() -> Sequential:
    inner = Dense(6, activation=Tanh())
    nodes = {
        "first": (Dense(6), "input"),
        "one": (inner, "first"),
        "other": (inner, "one"),
        "product": (Multiply(), "one", "first", "other"),
        "sum": (Add(), "product", "first"),
        "mean": (Average(), "sum", "other"),
        "joined": (Concatenate(), "mean", "one"),
    }
    return Sequential([Graph(nodes), Dense(3)])


MODELS: dict[str, Callable[[], Sequential]] = {
    "dense": lambda: Sequential([Dense(7, activation=Sigmoid()), Dense(3, activation=Sigmoid())]),
    "activations": lambda: Sequential([Dense(5), Tanh(), Dense(5, activation=ReLU()), Identity(), Dense(3), Softmax()]),
    "residual": lambda: Sequential([Residual(Sequential([Dense(8, activation=Tanh())])), Dense(3)]),
    "bytes": lambda: Sequential([Rescale(0.5, offset=-1.0), Dense(3)]),
    "one layer twice": shared_layer,
    "parallel": lambda: Sequential([Parallel([Dense(4), Sequential([Dense(3), Tanh()])]), Dense(3)]),
    "graph": graph,
    "repeat": lambda: Sequential([Repeat(Dense(5, activation=Tanh()), 3), Dense(3)]),
    "tied": lambda: Sequential([*autoencoder(), Dense(3)]),
    "normalised": lambda: Sequential(
        [Dense(6), LayerNormalization(), GroupNormalization(2), RMSNormalization(), Dense(3)]
    ),
    "gates and pieces": lambda: Sequential(
        [Maxout(6, pieces=3), Scale(), Bias(), Highway(Dense(6, activation=Tanh())), Dense(3)]
    ),
    "over time": lambda: Sequential(
        [Reshape((2, 4)), TimeDistributed(Dense(3)), Bidirectional(Dense(2, activation=Tanh())), Flatten(), Dense(3)]
    ),
}


def train(model: Sequential, *, cost: Any = None, dtype: str = "float32", epochs: int = 3, data: Any = None) -> Trainer:
    rng = np.random.default_rng(0)
    x, y = data if data is not None else (rng.random((43, 8)), rng.integers(0, 3, 43))
    trainer = Trainer(
        model.astype(dtype), cost=cost or Quadratic(), optimizer=GradientDescent(0.03), silence=("all",), seed=1
    )
    trainer.fit((x, y), epochs=epochs, batch_size=5)
    return trainer


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each recording that was tried was usable."""
    seen: list[bool] = []

    class Watched(Recording):  # type: ignore[misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            seen.append(self.valid)

    monkeypatch.setattr(recorded_step, "Recording", Watched)
    return seen


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()], ids=repr)
def test_a_recorded_run_gives_the_same_bits(
    name: str, dtype: str, cost: Any, recorded: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = train(MODELS[name](), dtype=dtype, cost=cost)
    assert recorded == [True]
    monkeypatch.setattr(numpy_engine, "recordable", lambda job: False)
    plain = train(MODELS[name](), dtype=dtype, cost=cost)
    assert recorded == [True]
    np.testing.assert_array_equal(fast.model.structure.parameters, plain.model.structure.parameters)
    assert fast.history["cost"] == plain.history["cost"]


def test_layers_that_draw_or_couple_are_not_recorded(recorded: list[bool]) -> None:
    train(Sequential([Dense(4), Dropout(0.5), Dense(3)]))
    train(Sequential([Dense(4), BatchNormalization(), Dense(3)]))
    assert recorded == []


@final
class Liar(Layer):
    """Declares that it may be recorded, and draws numbers, or reads them, all the same."""

    recordable = True

    def __init__(self, how: str) -> None:
        self.how = how

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        y = np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))
        if self.how == "draws":
            y += ctx.rng.random(x.shape).astype(x.dtype)
        elif self.how == "reads":
            y += float(x.max())
        elif self.how == "branches":
            y += 1 if x[0, 0] > 0 else 2
        elif self.how == "asks once in a while":
            # as if nobody recorded: an array without its recorder
            plain = y.view(np.ndarray)
            plain += plain.max()
        ctx.saved.x = x
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum()
        return grad * self.factor


@pytest.mark.parametrize("how", ["draws", "reads", "branches", "asks once in a while", "behaves"])
def test_a_layer_that_declares_wrongly_is_found_out(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = train(Sequential([Liar(how), Dense(3)]))
    monkeypatch.setattr(numpy_engine, "recordable", lambda job: False)
    plain = train(Sequential([Liar(how), Dense(3)]))
    np.testing.assert_array_equal(fast.model.structure.parameters, plain.model.structure.parameters)


def test_memory_of_the_step_without_its_recorder_makes_a_tape_invalid() -> None:
    tape = Tape()
    memory = np.arange(3.0)
    doubled = tape.wrap(memory) * 2
    assert tape.valid
    _ = doubled + memory[::-1]
    assert not tape.valid
    assert "without its recorder" in str(tape.reason)


def test_other_arrays_are_constants_as_numbers_are() -> None:
    tape = Tape()
    memory, constant = np.arange(3.0), np.array([1.0, 10.0, 100.0])
    total = tape.wrap(memory) + constant
    constant *= 2
    memory += 1
    tape.run()
    assert tape.valid
    np.testing.assert_array_equal(total.memory, [2, 12, 103])


def test_the_layers_of_a_model_are_left_alone(recorded: list[bool]) -> None:
    model = MODELS["residual"]()
    trainer = train(model)
    assert recorded == [True]
    for inner in trainer.model.structure.node.walk():
        assert all(type(inner.layer.__dict__[name]) is np.ndarray for name in inner.parameters)


def test_operations_are_repeated_on_new_numbers() -> None:
    tape = Tape()
    memory = np.arange(4.0)
    x = tape.wrap(memory)
    result = np.sqrt(x.reshape(2, 2).sum(axis=0) * 2).T
    assert tape.valid
    memory[:] = [1, 2, 1, 6]
    tape.run()
    assert tape.valid
    np.testing.assert_array_equal(np.asarray(result), [2, 4])


@pytest.mark.parametrize("after", [2, 5, 9])
def test_what_is_not_finite_is_found_at_its_step(after: int) -> None:
    x = np.ones((60, 2))
    y = np.zeros((60, 1))
    # the cost's gradient overflows in float32 at this row alone, while everything before it is finite
    y[5 * after] = 3e38
    model = Sequential([Dense(4, initializer=Constant(9.0)), Dense(1, initializer=Constant(9.0))])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.0), seed=0)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit((x, y), epochs=1, batch_size=5, shuffle=False)
    assert caught.value.step == after


def test_an_operation_that_fails_on_recorded_arrays_leaves_it_to_the_passes() -> None:
    tape = Tape()
    x = tape.wrap(np.arange(3.0))
    with pytest.raises(TypeError):
        memoryview(x)
    with pytest.raises(TypeError):
        np.ndarray.dot(x, x)


def test_assignments_are_repeated_on_new_numbers() -> None:
    tape = Tape()
    memory = np.arange(4.0)
    x = tape.wrap(memory)
    copy = tape.wrap(np.empty((2, 2)))
    copy[:, 0] = x[:2]
    copy[..., 1] = x[2:]
    assert tape.valid
    memory[:] = [5, 6, 7, 8]
    tape.run()
    np.testing.assert_array_equal(np.asarray(copy), [[5, 7], [6, 8]])
