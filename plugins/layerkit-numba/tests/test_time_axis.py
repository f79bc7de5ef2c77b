"""Containers along the axis of time give the results of the ``numpy`` engine, or are refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.testing import check_kernel

from layerkit import (
    BatchNormalization,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Engine,
    Examples,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    Sequential,
    Tanh,
    TimeDistributed,
    Trainer,
)
from layerkit.types import Array

RNG = np.random.default_rng(0)
TOKENS, TARGETS = RNG.integers(0, 5, (14, 3)), RNG.normal(size=(14, 3, 2))
RAGGED = np.arange(3) < RNG.integers(1, 4, (14, 1))


def trained(engine: Engine, inner: Layer, mask: Array | None) -> tuple[Array, Array, Array]:
    layers = [Bidirectional(Embedding(5, 2)), TimeDistributed(inner), Dense(2)]
    model = Sequential(layers).initialize(3, seed=3, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.05), engine=engine, seed=5)
    history = trainer.fit(Examples(TOKENS, TARGETS, mask=mask), epochs=2, batch_size=4)
    return model.structure.parameters, model.structure.states, np.array(history["cost"])


@pytest.mark.parametrize(
    "masked", [pytest.param(False, marks=pytest.mark.thorough, id="whole"), pytest.param(True, id="ragged")]
)
@pytest.mark.usefixtures("never_repeated")
def test_steps_are_examples_and_sequences_are_read_from_both_ends(masked: bool) -> None:
    def inner() -> Layer:
        # what couples rows is for the steps that count alone
        return Sequential([Dense(4, activation=Tanh()), *([] if masked else [BatchNormalization(), Dropout(0.3)])])

    mask = RAGGED if masked else None
    ours, theirs = (trained(engine, inner(), mask) for engine in (NumbaEngine(), NumpyEngine()))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layer", [BatchNormalization(), Dropout(0.3)], ids=["coupled", "random"])
def test_what_is_to_see_the_steps_that_count_alone_is_refused_under_masks(layer: Layer) -> None:
    report = check_kernel(TimeDistributed(Sequential([Dense(4), layer])), input_shapes=[(3, 2)], checks=["masks"])
    (failure,) = report.failures
    assert f"knows no masks around {type(layer).__name__}, its part inner.1, which" in failure.found
