"""Masks: steps that do not count have no influence, and gradients under any mask are those of central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerkit_sequence import (
    GRU,
    LSTM,
    Embedding,
    ExactMatch,
    Last,
    LayerNormalization,
    MeanOverTime,
    MultiHeadSelfAttention,
    PositionalEncoding,
    SimpleRNN,
)

from layerkit import (
    Accuracy,
    Add,
    Average,
    Batch,
    Bidirectional,
    Cost,
    CrossEntropy,
    Dense,
    GradientDescent,
    Layer,
    MeanSquaredError,
    Metric,
    Quadratic,
    Residual,
    Sequential,
    Sigmoid,
    TimeDistributed,
    Trainer,
)
from layerkit.errors import DataError, ShapeError
from layerkit.testing import step
from layerkit.types import Array

LAYERS: dict[str, Callable[[], Layer]] = {
    "simple rnn": lambda: SimpleRNN(3),
    "simple rnn, sigmoid": lambda: SimpleRNN(3, activation=Sigmoid()),
    "simple rnn, last": lambda: SimpleRNN(3, return_sequences=False),
    "gru": lambda: GRU(3),
    "gru, reverse": lambda: GRU(3, reverse=True),
    "gru, last": lambda: GRU(3, return_sequences=False),
    "lstm": lambda: LSTM(3),
    "lstm, reverse, last": lambda: LSTM(3, reverse=True, return_sequences=False),
    "two-way lstm": lambda: Bidirectional(LSTM(3)),
    "two-way gru, last": lambda: Bidirectional(GRU(2, return_sequences=False), join=Add()),
    "two-way attention": lambda: Bidirectional(MultiHeadSelfAttention(2, causal=True), join=Average()),
    "a layer for each step": lambda: TimeDistributed(Dense(3, activation=Sigmoid())),
    "attention": lambda: MultiHeadSelfAttention(2),
    "causal attention": lambda: MultiHeadSelfAttention(2, causal=True),
    "last": Last,
    "mean over time": MeanOverTime,
}
BATCH, TIME, FEATURES = 4, 5, 4


def built(layer: Layer, features: int = FEATURES) -> Sequential:
    model = Sequential([layer]).initialize((None, features), seed=0, dtype="float64")
    rng = np.random.default_rng(1)
    for array in model.parameters.values():
        array[...] += 0.3 * rng.normal(size=array.shape)
    return model


def difference(value: Callable[[], float], point: Array, direction: Array) -> float:
    """The derivative of ``value`` along ``direction``, by central differences; ``point`` is changed and put back."""
    start, found = point.copy(), []
    for distance in (1e-5, -1e-5):
        point[...] = start + distance * direction
        found.append(value())
    point[...] = start
    return (found[0] - found[1]) / 2e-5


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=6, deadline=None)
@given(st.lists(st.booleans(), min_size=BATCH * TIME, max_size=BATCH * TIME), st.integers(0, 1000))
def test_gradients_under_any_mask(name: str, places: list[bool], seed: int) -> None:
    mask = np.array(places).reshape(BATCH, TIME)
    rng = np.random.default_rng(seed)
    model = built(LAYERS[name]())
    x = rng.normal(size=(BATCH, TIME, FEATURES))
    grad = rng.normal(size=model.predict(x, mask=mask).shape)
    found = step(model, x, grad, mask=mask)
    points = {"input": (x, found.input_gradient)}
    points |= {path: (array, found.gradients[path]) for path, array in model.parameters.items()}
    for point, gradient in points.values():
        for _ in range(3):
            direction = rng.normal(size=point.shape)
            expected = difference(lambda: float((model.predict(x, mask=mask) * grad).sum()), point, direction)
            assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert not found.input_gradient[~mask].any()


@pytest.mark.parametrize("name", LAYERS)
def test_what_stands_in_the_padding_has_no_influence(name: str) -> None:
    rng = np.random.default_rng(2)
    model = built(LAYERS[name]())
    mask = rng.random((BATCH, TIME)) < 0.6
    x, other = rng.normal(size=(2, BATCH, TIME, FEATURES))
    other[mask] = x[mask]
    output = model.predict(x, mask=mask)
    np.testing.assert_array_equal(model.predict(other, mask=mask), output)
    if output.ndim == 3:
        assert not output[~mask].any()
        assert output[mask].all()


@pytest.mark.parametrize("name", LAYERS)
def test_a_mask_that_lets_everything_count_changes_nothing(name: str) -> None:
    model = built(LAYERS[name]())
    x = np.random.default_rng(3).normal(size=(BATCH, TIME, FEATURES))
    one, other = model.predict(x), model.predict(x, mask=np.ones((BATCH, TIME), bool))
    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", LAYERS)
def test_a_sequence_without_a_step_that_counts_gives_zeros(name: str) -> None:
    model = built(LAYERS[name]())
    x = np.random.default_rng(4).normal(size=(2, TIME, FEATURES))
    mask = np.array([[True] * TIME, [False] * TIME])
    output = model.predict(x, mask=mask)
    assert np.isfinite(output).all()
    assert not output[1].any()
    found = step(model, x, np.ones_like(output), mask=mask)
    assert all(np.isfinite(gradient).all() for gradient in found.gradients.values())
    assert not found.input_gradient[1].any()


def sequences(rng: np.random.Generator, lengths: list[int], tokens: int) -> list[Array]:
    return [rng.integers(0, tokens, length) for length in lengths]


def padded(parts: list[Array], rng: np.random.Generator, fill: int) -> tuple[Array, Array]:
    """The sequences in one array, anything below ``fill`` in the padding, and the mask."""
    time = max(map(len, parts))
    mask = np.arange(time) < np.array([len(part) for part in parts])[:, None]
    x = rng.integers(0, fill, mask.shape)
    for row, part in enumerate(parts):
        x[row, : len(part)] = part
    return x, mask


def whole_network() -> list[Layer]:
    return [
        Embedding(7, 6),
        PositionalEncoding(),
        Residual(MultiHeadSelfAttention(2)),
        LayerNormalization(),
        GRU(5),
        LSTM(4, reverse=True),
        Residual(MultiHeadSelfAttention(2, causal=True)),
        SimpleRNN(5),
    ]


NETWORKS: dict[str, tuple[Callable[[], list[Layer]], Cost, list[Metric]]] = {
    "each step": (lambda: [*whole_network(), Dense(3)], CrossEntropy(), [Accuracy(), ExactMatch()]),
    "each step, quadratic": (lambda: [*whole_network(), Dense(3)], Quadratic(), [Accuracy()]),
    "last state": (lambda: [*whole_network(), GRU(4, return_sequences=False), Dense(3)], CrossEntropy(), [Accuracy()]),
    "last step": (lambda: [*whole_network(), Last(), Dense(3)], CrossEntropy(), [Accuracy()]),
    "mean": (lambda: [*whole_network(), MeanOverTime(), Dense(3)], Quadratic(), [MeanSquaredError()]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_padded_batch_is_each_sequence_alone(name: str) -> None:
    """Predictions, a step of training, costs and metrics are those of the sequences one by one."""
    make, cost, metrics = NETWORKS[name]
    rng = np.random.default_rng(5)
    parts = sequences(rng, [3, 7, 1, 5, 4], 7)
    x, mask = padded(parts, rng, 7)
    models = [Sequential(make()).initialize((None,), seed=3, dtype="float64") for _ in range(2)]
    per_step = models[0].predict(x, mask=mask).ndim == 3
    labels: list[Array] = [rng.integers(0, 3, len(part)) if per_step else rng.integers(0, 3, ()) for part in parts]
    if per_step:
        y: Array = padded(labels, rng, 3)[0]
    elif isinstance(metrics[0], MeanSquaredError):
        labels = [np.eye(3)[label] for label in labels]
        y = np.array(labels)
    else:
        y = np.array(labels)

    def alone() -> Iterator[Batch]:
        for part, label in zip(parts, labels, strict=True):
            yield Batch(part[None], label[None])

    together, one_by_one = (
        Trainer(model, cost=cost, optimizer=GradientDescent(0.5), metrics=metrics, seed=0) for model in models
    )
    for _ in range(2):
        compare(together.evaluate((x, y), mask=mask), one_by_one.evaluate(alone), name)
        together.fit((x, y), mask=mask, epochs=1, batch_size=len(parts))
        one_by_one.fit(alone, epochs=1, accumulate=len(parts))
        for path, array in models[0].parameters.items():
            np.testing.assert_allclose(array, models[1].parameters[path], rtol=1e-9, atol=1e-12)
        outputs = models[0].predict(x, mask=mask)
        for output, part in zip(outputs, parts, strict=True):
            expected = models[1].predict(part[None])[0]
            np.testing.assert_allclose(output[: len(expected)] if per_step else output, expected, atol=1e-12)


def compare(found: dict[str, float], expected: dict[str, float], name: str) -> None:
    if name.startswith("each step"):
        # steps are what the mean is over, and a source of single sequences knows no other mean than that of batches
        assert found["accuracy"] == pytest.approx(expected["accuracy"])
    assert found["cost"] == pytest.approx(expected["cost"])
    assert found.keys() == expected.keys()
    for measure in found.keys() - {"accuracy", "cost"}:
        assert found[measure] == pytest.approx(expected[measure])


@pytest.mark.parametrize("name", LAYERS)
def test_a_mask_of_the_wrong_shape_is_refused(name: str) -> None:
    model = built(LAYERS[name]())
    kind = type(model[0]).__name__
    with pytest.raises(ShapeError, match=rf"layer 0 \({kind}\).*mask.*\(2, 5\).*\(2, 3\)"):
        model.predict(np.zeros((2, 5, FEATURES)), mask=np.ones((2, 3), bool))


def test_a_mask_of_numbers_is_refused() -> None:
    given_mask: Any = np.ones((2, 5), int)
    with pytest.raises(DataError, match=r"layer 0 \(GRU\).*int64.*astype\(bool\)"):
        built(GRU(3)).predict(np.zeros((2, 5, FEATURES)), mask=given_mask)
