"""A stream's DataFrames are matched by name, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from layerkit import Accuracy, Adam, Batch, CrossEntropy, Dense, Sequential, Stream, Trainer
from layerkit.data.generated import Generated
from layerkit.errors import DataError
from layerkit.models.schema import Schema
from layerkit.steps.source import input_shape

pandas = pytest.importorskip("pandas")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
FRAME = pandas.DataFrame(X, columns=list("abcd"))
TURNED = FRAME[list("dcba")]


def new_trainer() -> Trainer:
    model = Sequential([Dense(2)]).initialize(4, seed=0)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.1), metrics=[Accuracy()], seed=0)


def trained() -> Trainer:
    own = new_trainer()
    own.fit((FRAME, Y), epochs=20)
    return own


def chunks(*parts: Any) -> Any:
    return lambda: iter(parts)


def test_columns_of_each_batch_are_matched() -> None:
    own = trained()
    wanted = own.evaluate((FRAME, Y))

    class Turned(Stream):
        def open(self, epoch: int, position: int) -> Iterator[Batch]:
            yield Batch(TURNED, Y)

    whole = TURNED.assign(kind=Y)
    for stream in (chunks((TURNED, Y)), chunks((whole, "kind")), chunks((TURNED, pandas.Series(Y))), Turned()):
        assert own.evaluate(stream) == wanted
    with pytest.raises(DataError, match="lacks 'd'"):
        own.evaluate(chunks((FRAME[["a", "b", "c"]], Y)))
    with pytest.raises(DataError, match="has, beside those, 'kind'"):
        own.evaluate(chunks((whole, Y)))


@pytest.mark.parametrize("once", [False, True])
def test_the_first_batch_tells_the_names(once: bool) -> None:
    own, other = new_trainer(), new_trainer()
    parts = [(FRAME[:30].assign(kind=Y[:30]), "kind"), (TURNED[30:].assign(kind=Y[30:]), "kind")]
    own.fit(iter(parts) if once else chunks(*parts), epochs=1)
    other.fit(chunks((X[:30], Y[:30]), (X[30:], Y[30:])), epochs=1)
    np.testing.assert_array_equal(own.model.structure.parameters, other.model.structure.parameters)
    assert own.model.schema == Schema(columns=("a", "b", "c", "d"), target="kind")
    np.testing.assert_array_equal(own.model.predict(TURNED), other.model.predict(X))


def test_validation_in_memory_tells_them_before() -> None:
    own = new_trainer()
    history = own.fit(chunks((FRAME, Y)), epochs=15, validation=(TURNED, Y))
    assert own.model.schema.columns == ("d", "c", "b", "a")
    assert history["validation_accuracy"][-1] > 0.9
    assert own.evaluate((FRAME, Y)) == own.evaluate((TURNED, Y))


def test_words_need_classes_that_are_known() -> None:
    words = pandas.Series(np.where(Y, "yes", "no"))
    own = new_trainer()
    with pytest.raises(DataError, match=r"model\.schema = Schema\(classes=\('no', 'yes'\)\)"):
        own.fit(chunks((FRAME, words)), epochs=1)
    own.model.schema = Schema(classes=("yes", "no"))
    own.fit(chunks((FRAME, words)), epochs=20)
    wanted = own.evaluate((FRAME, words))
    assert wanted["accuracy"] > 0.9
    assert own.evaluate(chunks((TURNED[Y == 1], words[Y == 1]), (FRAME[Y == 0], words[Y == 0]))) == pytest.approx(
        wanted
    )
    assert own.model.schema == Schema(columns=("a", "b", "c", "d"), classes=("yes", "no"))
    with pytest.raises(DataError, match="'perhaps', which is none of the classes"):
        own.evaluate(chunks((FRAME, words.replace("no", "perhaps"))))


def test_the_shape_of_an_input_is_that_without_the_target() -> None:
    assert input_shape(Generated(chunks((FRAME.assign(kind=Y), "kind")))) == (4,)
