"""Blocks of Transformers, attention to another sequence, and gated linear units: what is special about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_sequence import GatedLinearUnit, MultiHeadCrossAttention, PositionalEncoding, TransformerBlock

import layerkit
from layerkit import (
    Adam,
    CrossEntropy,
    Dense,
    Embedding,
    Graph,
    Multiply,
    Parallel,
    ReLU,
    Repeat,
    Sequential,
    Sigmoid,
    TiedDense,
    Trainer,
)
from layerkit.errors import ArgumentError, ShapeError
from layerkit.types import Shape

RNG = np.random.default_rng(0)


def test_a_causal_block_sees_no_later_step() -> None:
    model = Sequential([Repeat(TransformerBlock(8, 2, causal=True), 2)]).initialize((None, 8), seed=0)
    x = RNG.normal(size=(2, 6, 8))
    changed = x.copy()
    changed[:, 4:] += 1
    one, other = model.predict(x), model.predict(changed)
    np.testing.assert_allclose(one[:, :4], other[:, :4], rtol=1e-5, atol=1e-6)
    assert (np.abs(one[:, 4:] - other[:, 4:]).max(axis=-1) > 1e-3).all()


def test_a_padded_sequence_is_what_it_is_alone() -> None:
    model = Sequential([TransformerBlock(4, 2, activation=Sigmoid())]).initialize((None, 4), seed=0, dtype="float64")
    x, mask = RNG.normal(size=(2, 5, 4)), np.arange(5) < np.array([[3], [5]])
    found = model.predict(np.where(mask[:, :, None], x, 50), mask=mask)
    np.testing.assert_allclose(found[0, :3], model.predict(x[:1, :3])[0], rtol=1e-10)
    np.testing.assert_allclose(found[1], model.predict(x[1:])[0], rtol=1e-10)


def test_a_small_language_model_learns_what_comes_next() -> None:
    words = Embedding(5, 16)
    model = Sequential(
        [words, PositionalEncoding(), TransformerBlock(16, 2, causal=True, dropout=0.1), TiedDense(words)]
    )
    x = (np.arange(7)[None] + RNG.integers(0, 5, (64, 1))) % 5
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), silence=("all",), seed=0)
    trainer.fit((x[:, :-1], x[:, 1:]), epochs=30, batch_size=16)
    assert (model.predict(x[:, :-1]).argmax(axis=-1) == x[:, 1:]).mean() > 0.95


def test_a_decoder_reads_what_an_encoder_wrote(tmp_path: Path) -> None:
    model = Graph(
        {
            "encoded": (Sequential([Embedding(9, 8), TransformerBlock(8, 2)]), "question"),
            "decoded": (Sequential([Embedding(9, 8), TransformerBlock(8, 2, causal=True)]), "answer"),
            "read": (MultiHeadCrossAttention(2), "decoded", "encoded"),
            "next": (Dense(9), "read"),
        },
        inputs=("question", "answer"),
    ).initialize({"question": (None,), "answer": (None,)}, seed=0)
    question, answer = RNG.integers(0, 9, (3, 7)), RNG.integers(0, 9, (3, 4))
    # the mask is the question's, by its length
    mask = np.arange(7) < np.array([[7], [3], [5]])
    with pytest.raises(ShapeError, match="the mask must be"):
        model.predict({"question": question, "answer": answer}, mask=mask)
    layerkit.save(model, tmp_path / "model.safetensors")
    loaded = layerkit.load(tmp_path / "model.safetensors")
    x = {"answer": answer, "question": question}
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))


def test_the_mask_is_that_of_the_sequence_of_its_length() -> None:
    model = Sequential([MultiHeadCrossAttention(2)]).initialize(((None, 4), (None, 3)), seed=0, dtype="float64")
    x, source = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 3))
    mask = np.arange(5) < np.array([[2], [5]])
    found = model.predict((x, source), mask=mask)
    np.testing.assert_allclose(found[0], model.predict((x[:1], source[:1, :2]))[0], rtol=1e-10)
    of_queries = model.predict((x, source), mask=np.array([[True, False, True], [True, True, True]]))
    assert not of_queries[0, 1].any()
    np.testing.assert_allclose(of_queries[1], model.predict((x, source))[1], rtol=1e-12)
    with pytest.raises(
        ShapeError, match=r"the mask must be \(batch, time\) booleans of shape \(2, 5\), for the sequence"
    ):
        Sequential([MultiHeadCrossAttention(2), Dense(7)]).initialize(((None, 4), (None, 3))).predict(
            (x, source), mask=np.ones((2, 4), bool)
        )


@pytest.mark.parametrize("activation", [None, ReLU()])
def test_a_gated_linear_unit_is_two_layers_multiplied(activation: Any) -> None:
    one = Sequential([GatedLinearUnit(3, activation=activation)]).initialize(4, seed=0, dtype="float64")
    gates = Dense(3, activation=activation or Sigmoid())
    other = Sequential([Parallel([Dense(3), gates.copy()], join=Multiply())]).initialize(4, dtype="float64")
    for place, half in ((0, slice(None, 3)), (1, slice(3, None))):
        other.parameters[f"0.{place}.weight"][...] = one.parameters["0.weight"][:, half]
    x = RNG.normal(size=(5, 4))
    np.testing.assert_allclose(one.predict(x), other.predict(x), rtol=1e-12)


@pytest.mark.parametrize(
    ("layer", "shape", "told"),
    [
        (MultiHeadCrossAttention(2), (3, 4), r"takes two sequences \(batch, time, features\), features known"),
        (MultiHeadCrossAttention(2), ((3, 4), (3, None)), "takes two sequences"),
        (MultiHeadCrossAttention(3), ((3, 4), (3, 4)), r"the features must be a multiple of heads \(3\)"),
        (TransformerBlock(6, 2), (3, 4), "cannot be added to its input"),
        (GatedLinearUnit(2), (3, None), "the last axis must have a known length"),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_refused(layer: Any, shape: Shape, told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        Sequential([layer]).initialize(shape)


def test_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match="TransformerBlock: dropout must be a finite number at least 0 and below 1"):
        TransformerBlock(4, 2, dropout=1.0)
