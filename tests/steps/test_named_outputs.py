"""The names of classes and the outputs of a network agree, or are told before the first step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, BinaryCrossEntropy, CrossEntropy, Dense, Examples, Schema, Sequential, Trainer
from layerkit.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = RNG.integers(0, 3, 60)
WORDS = np.array(["ant", "bee", "cat"])[Y]


def fit(outputs: int, data: Any, *, schema: Schema | None = None, cost: Any = None) -> Trainer:
    model = Sequential([Dense(outputs)]).initialize(4, seed=0)
    if schema is not None:
        model.schema = schema
    trainer = Trainer(model, cost=cost or CrossEntropy(), optimizer=Adam(), seed=0)
    trainer.fit(data, epochs=1)
    return trainer


@pytest.mark.parametrize(
    ("outputs", "data", "schema"),
    [
        (3, Examples(X, Y, classes=("ant", "bee", "cat", "dog")), None),
        (4, Examples(X, Y, classes=("ant", "bee", "cat")), None),
        (4, (X, WORDS), None),
        (3, (X, Y), Schema(classes=("ant", "bee", "cat", "dog"))),
        (4, (X, Y), Schema(classes=("ant", "bee", "cat"))),
        (4, lambda: iter([(X, Y)]), Schema(classes=("ant", "bee", "cat"))),
    ],
)
def test_another_number_of_names_than_of_outputs_is_refused(outputs: int, data: Any, schema: Schema | None) -> None:
    names = 7 - outputs
    message = rf"{names} classes \('ant', .* but the model has {outputs} outputs, one each: give the last layer {names}"
    with pytest.raises(DataError, match=message):
        fit(outputs, data, schema=schema)


def test_one_output_has_two_names() -> None:
    y = np.minimum(Y, 1)
    assert fit(1, Examples(X, y, classes=("no", "yes")), cost=BinaryCrossEntropy()).model.schema.classes
    with pytest.raises(DataError, match=r"3 classes .* the model has 1 output, which tells 2: give .* 3"):
        fit(1, Examples(X, y, classes=("no", "yes", "perhaps")), cost=BinaryCrossEntropy())


def test_as_many_names_as_outputs_train() -> None:
    trainer = fit(4, Examples(X, Y, classes=("ant", "bee", "cat", "dog")))
    assert trainer.model.schema.classes == ("ant", "bee", "cat", "dog")
    trainer.fit((X, WORDS), epochs=1)
    assert len(trainer.history) == 2
