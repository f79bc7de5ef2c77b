"""Statistics of each layer: those of a pass by hand, and no bit of the training changes."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    Dense,
    Dropout,
    GradientDescent,
    LayerStatistics,
    Quadratic,
    ReLU,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))


def new_trainer(*layers: object) -> Trainer:
    model = Sequential(list(layers) or [Dense(6, activation=ReLU()), Dense(2)])  # type: ignore[arg-type]
    model.initialize(3, seed=1, dtype="float64")
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), silence=("all",), seed=0)


def test_the_numbers_are_those_of_a_pass_by_hand() -> None:
    trainer, statistics = new_trainer(), LayerStatistics(rows=100)
    trainer.fit((X, Y), epochs=2, batch_size=8, callbacks=[statistics])
    first, second = trainer.model.layers
    record = statistics.records[-1]
    hidden = np.maximum(X @ first.weight + first.bias, 0)
    output = hidden @ second.weight + second.bias
    by_hand = (output - Y) / len(X)
    assert record["cost"] == pytest.approx(np.square(output - Y).sum(axis=1).mean() / 2)
    assert record["0.mean"] == record["0.function.mean"] == pytest.approx(hidden.mean())
    assert record["1.deviation"] == pytest.approx(output.std())
    assert record["0.function.zeros"] == pytest.approx(np.mean(hidden == 0))
    gradient = np.append(hidden.T @ by_hand, by_hand.sum(axis=0))
    assert record["1.gradient"] == pytest.approx(np.linalg.norm(gradient))
    assert record["1.parameters"] == pytest.approx(np.linalg.norm(np.append(second.weight, second.bias)))
    assert "0.function.gradient" not in record
    assert (record["epoch"], record["step"]) == (2, 10)


@pytest.mark.parametrize("every_steps", [None, 3])
def test_no_bit_of_the_training_changes(every_steps: int | None) -> None:
    layers = [Dense(6), BatchNormalization(), ReLU(), Dropout(0.5), Dense(2)]
    alone, watched = (new_trainer(*[layer.copy() for layer in layers]) for _ in range(2))
    alone.fit((X, Y), epochs=3, batch_size=8)
    statistics = LayerStatistics(every_steps=every_steps)
    watched.fit((X, Y), epochs=3, batch_size=8, callbacks=[statistics])
    assert len(statistics.records) == (3 if every_steps is None else 5)
    for vector in ("parameters", "states"):
        one, other = (getattr(trainer.model.structure, vector) for trainer in (alone, watched))
        np.testing.assert_array_equal(one, other)


def test_a_frozen_layer_has_outputs_and_no_gradient() -> None:
    trainer, statistics = new_trainer(), LayerStatistics()
    trainer.model.layers[0].freeze()
    trainer.fit((X, Y), epochs=1, callbacks=[statistics])
    assert "0.mean" in statistics.records[0]
    assert "0.gradient" not in statistics.records[0]
    assert "1.gradient" in statistics.records[0]


def test_data_that_does_not_come_in_arrays_is_refused() -> None:
    trainer = new_trainer()
    with pytest.raises(ArgumentError, match=r"LayerStatistics: .* must come in arrays"):
        trainer.fit(lambda: iter([(X, Y)]), epochs=1, callbacks=[LayerStatistics()])
    assert len(trainer.history) == 0
