"""What is special about each layer, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from layerkit_sequence import (
    GRU,
    LSTM,
    Embedding,
    Last,
    LayerNormalization,
    MeanOverTime,
    MultiHeadSelfAttention,
    PositionalEncoding,
    SimpleRNN,
)

from layerkit import Activation, Adam, Constant, Dense, GradientDescent, Layer, Quadratic, Sequential, Softmax, Trainer
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.testing import step

RECURRENT: list[Callable[..., Layer]] = [SimpleRNN, GRU, LSTM]
ON_SEQUENCES: list[Layer] = [
    SimpleRNN(2),
    GRU(2),
    LSTM(2),
    MultiHeadSelfAttention(1),
    PositionalEncoding(),
    Last(),
    MeanOverTime(),
]


@pytest.mark.parametrize("layer", ON_SEQUENCES, ids=repr)
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (3, None), ((2, 3), (2, 3))])
def test_inputs_are_sequences_of_known_width(layer: Layer, shape: tuple[int, ...]) -> None:
    kind = type(layer).__name__
    with pytest.raises(ShapeError, match=rf"layer 0 \({kind}\).*\(batch, time, features\)"):
        Sequential([layer.copy()]).initialize(shape)


def test_heads_divide_the_features() -> None:
    with pytest.raises(ShapeError, match=r"MultiHeadSelfAttention.*multiple of heads \(4\).*\(batch, 7, 6\)"):
        Sequential([MultiHeadSelfAttention(4)]).initialize((7, 6))


@pytest.mark.parametrize(("token", "told"), [(-1, "got -1"), (5, "got 5")])
def test_tokens_out_of_range_are_refused(token: int, told: str) -> None:
    model = Sequential([Embedding(5, 2)]).initialize(3)
    x = np.array([[0, 4, 1], [2, token, 0]])
    with pytest.raises(DataError, match=rf"layer 0 \(Embedding\): tokens must be 0 to 4, {told} at \(1, 1\)"):
        model.predict(x)
    with pytest.raises(DataError, match="tokens must be 0 to 4"):
        Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1)).fit((x, np.zeros((2, 3, 2))), epochs=1)


def test_tokens_are_integers() -> None:
    with pytest.raises(DataError, match=r"Embedding.*integer tokens.*float32"):
        Sequential([Embedding(5, 2)]).initialize(3).predict(np.zeros((2, 3)))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "uint64"])
def test_tokens_may_be_of_any_integer_dtype(dtype: str) -> None:
    model = Sequential([Embedding(5, 2)]).initialize(3, seed=0)
    x = np.array([[0, 4, 1]], dtype)
    np.testing.assert_array_equal(model.predict(x)[0], model.parameters["0.table"][[0, 4, 1]])


def test_the_gradient_of_a_table_adds_up_each_token() -> None:
    rng = np.random.default_rng(0)
    model = Sequential([Embedding(50, 3)]).initialize((None,), dtype="float64")
    x = rng.integers(0, 40, (6, 30))
    grad = rng.normal(size=(6, 30, 3))
    expected = np.zeros((50, 3))
    np.add.at(expected, x, grad)
    found = step(model, x, grad)
    np.testing.assert_allclose(found.gradients["0.table"], expected, rtol=1e-12, atol=1e-12)
    assert found.input_gradient is None
    np.testing.assert_array_equal(step(model, x, grad).gradients["0.table"], found.gradients["0.table"])


@pytest.mark.parametrize("kind", RECURRENT)
def test_backwards_in_time_is_forwards_on_turned_sequences(kind: Callable[..., Layer]) -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 2))
    there = Sequential([kind(4)]).initialize((None, 2), seed=1, dtype="float64")
    back = Sequential([kind(4, reverse=True)]).initialize((None, 2), seed=1, dtype="float64")
    np.testing.assert_allclose(back.predict(x), there.predict(x[:, ::-1])[:, ::-1], rtol=1e-12)


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_last_state_is_the_last_output(kind: Callable[..., Layer], reverse: bool) -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 2))
    every, last = (
        Sequential([kind(4, reverse=reverse, return_sequences=sequences)]).initialize((None, 2), seed=1)
        for sequences in (True, False)
    )
    np.testing.assert_array_equal(last.predict(x), every.predict(x)[:, 0 if reverse else -1])


@pytest.mark.parametrize("kind", RECURRENT)
def test_batches_of_other_shapes_may_alternate(kind: Callable[..., Layer]) -> None:
    rng = np.random.default_rng(0)
    model = Sequential([kind(4), kind(3)]).initialize((None, 2), seed=1)
    batches = [rng.normal(size=shape) for shape in ((3, 6, 2), (5, 2, 2), (3, 6, 2), (1, 9, 2))]
    fresh = [model.copy().predict(x) for x in batches]
    for x, expected in zip(batches, fresh, strict=True):
        np.testing.assert_array_equal(model.predict(x), expected)


@pytest.mark.parametrize("kind", RECURRENT)
def test_huge_inputs_saturate_without_a_warning(kind: Callable[..., Layer]) -> None:
    x = np.array([[[1e30], [-1e30], [1e30]]], np.float32)
    model = Sequential([kind(3)]).initialize((3, 1), seed=0)
    assert np.isfinite(model.predict(x)).all()


def test_attention_of_huge_scores_is_finite() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32") * 1e6
    model = Sequential([MultiHeadSelfAttention(2, causal=True)]).initialize((5, 4), seed=0)
    assert np.isfinite(model.predict(x)).all()


def test_causal_attention_reads_no_later_step() -> None:
    rng = np.random.default_rng(0)
    x, other = rng.normal(size=(2, 3, 6, 4))
    other[:, :4] = x[:, :4]
    model = Sequential([MultiHeadSelfAttention(2, causal=True)]).initialize((6, 4), seed=0, dtype="float64")
    one, two = model.predict(x), model.predict(other)
    np.testing.assert_allclose(one[:, :4], two[:, :4], rtol=1e-12)
    assert not np.isclose(one[:, 4:], two[:, 4:]).any()


def test_attention_knows_no_order_of_steps() -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 4))
    order = [4, 1, 0, 5, 2, 3]
    model = Sequential([MultiHeadSelfAttention(2)]).initialize((6, 4), seed=0, dtype="float64")
    np.testing.assert_allclose(model.predict(x[:, order]), model.predict(x)[:, order], rtol=1e-9)


@pytest.mark.parametrize("features", [4, 5])
def test_positions_are_sines_and_cosines(features: int) -> None:
    model = Sequential([PositionalEncoding(base=100.0)]).initialize((7, features), dtype="float64")
    found = model.predict(np.zeros((1, 7, features)))[0]
    for t in range(7):
        for place in range(features):
            angle = t / 100.0 ** (2 * (place // 2) / features)
            assert found[t, place] == pytest.approx(np.cos(angle) if place % 2 else np.sin(angle))


def test_layer_normalization_gives_mean_0_and_variance_1() -> None:
    x = 3 + 5 * np.random.default_rng(0).normal(size=(4, 6, 50))
    y = Sequential([LayerNormalization()]).initialize((6, 50), dtype="float64").predict(x)
    np.testing.assert_allclose(y.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=-1), 1, rtol=1e-5)


def test_the_forget_gate_begins_open() -> None:
    model = Sequential([LSTM(2, forget_bias=3.0)]).initialize((None, 1))
    np.testing.assert_array_equal(model.parameters["0.bias"], [0, 0, 0, 0, 3, 3, 0, 0])


def test_an_activation_of_a_simple_rnn_is_elementwise() -> None:
    with pytest.raises(ArgumentError, match="elementwise"):
        SimpleRNN(3, activation=Softmax())


def test_an_activation_of_a_simple_rnn_has_no_parameters() -> None:
    model = Sequential([SimpleRNN(3, activation=Sloped())]).initialize((4, 2))
    with pytest.raises(ArgumentError, match=r"layer 0 \(SimpleRNN\).*without parameters.*Sloped"):
        step(model, np.zeros((1, 4, 2), "float32"), np.zeros((1, 4, 3), "float32"))


class Sloped(Activation):
    """A learned slope."""

    elementwise = True

    def declare(self, input_shape: tuple[int, ...]) -> None:
        self.parameter("slope", (), Constant(1.0))

    def forward(self, x: object, ctx: object) -> object:
        return x

    def backward(self, grad: object, ctx: object) -> object:
        return grad


@pytest.mark.parametrize("kind", RECURRENT)
def test_a_recurrent_layer_remembers(kind: Callable[..., Layer]) -> None:
    """Twelve steps after it was seen, the first number is still told."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 12, 1))
    y = np.sign(x[:, 0])
    model = Sequential([kind(16, return_sequences=False), Dense(1)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=0)
    trainer.fit((x, y), epochs=40, batch_size=32)
    assert (np.sign(model.predict(x)) == y).mean() > 0.95
