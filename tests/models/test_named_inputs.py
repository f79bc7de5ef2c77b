"""Several inputs by name: in training, prediction and evaluation, out of arrays, DataFrames, streams and sources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Adam,
    Batch,
    Concatenate,
    Dense,
    Examples,
    Flatten,
    Graph,
    Model,
    Parallel,
    Quadratic,
    RandomAccess,
    Sequential,
    Stream,
    Tanh,
    Trainer,
)
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array
from tests.models.custom import Lookup

RNG = np.random.default_rng(0)
WORDS, AGE = RNG.integers(0, 9, (23, 4)), RNG.normal(size=(23, 2))
Y = RNG.normal(size=(23, 1))
BY_NAME = {"words": WORDS, "age": AGE}
OTHER_ORDER = {"age": AGE, "words": WORDS}


def graph() -> Graph:
    return Graph(
        {
            "vectors": (Lookup(9, 3), "words"),
            "flat": (Flatten(), "vectors"),
            "known": (Dense(3, activation=Tanh()), "age"),
            "both": (Concatenate(), "flat", "known"),
            "price": (Dense(1), "both"),
        },
        inputs=("words", "age"),
    )


def parallel() -> Sequential:
    return Sequential([Parallel({"words": Sequential([Lookup(9, 3), Flatten()]), "age": Dense(3)}), Dense(1)])


def trained(model: Model, data: Any, **options: Any) -> Trainer:
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), silence=("all",), seed=3)
    trainer.fit(data, **{"epochs": 2, "batch_size": 5} | options)
    return trainer


@pytest.mark.parametrize("make", [graph, parallel])
@pytest.mark.parametrize("data", [((WORDS, AGE), Y), (OTHER_ORDER, Y), Examples(OTHER_ORDER, Y)], ids=["a", "b", "c"])
def test_the_order_of_a_dictionary_does_not_matter(make: Any, data: Any) -> None:
    expected = trained(make(), (BY_NAME, Y))
    found = trained(make(), data, validation=(BY_NAME, Y))
    np.testing.assert_array_equal(found.model.structure.parameters, expected.model.structure.parameters)
    assert found.evaluate((OTHER_ORDER, Y)) == expected.evaluate(((WORDS, AGE), Y))
    predicted = found.model.predict(OTHER_ORDER)
    np.testing.assert_array_equal(predicted, found.model.predict((WORDS, AGE)))
    np.testing.assert_array_equal(found.model.predictor(23).predict(OTHER_ORDER), predicted)
    assert found.model.input_shape == ((4,), (2,))


def test_integers_stay_integers_for_the_input_whose_layer_takes_them() -> None:
    model = trained(graph(), (BY_NAME, Y)).model
    assert model.integer_input == ("accept", "cast")
    whole = np.ones((23, 2), np.int64)
    np.testing.assert_array_equal(
        model.predict({"words": WORDS, "age": whole}), model.predict({"words": WORDS, "age": whole.astype("float32")})
    )


def test_batches_of_streams_come_by_name() -> None:
    class Batches(Stream):
        def open(self, epoch: int, position: int) -> Iterator[Batch]:
            pieces = range(position * 5, 20, 5)
            return (Batch({name: x[at : at + 5] for name, x in OTHER_ORDER.items()}, Y[at : at + 5]) for at in pieces)

    def generated() -> Iterator[Any]:
        return (({name: x[at : at + 5] for name, x in OTHER_ORDER.items()}, Y[at : at + 5]) for at in range(0, 20, 5))

    def model() -> Graph:
        return graph().initialize({"words": 4, "age": 2}, seed=0)

    expected = trained(model(), ((WORDS[:20], AGE[:20]), Y[:20]), shuffle=False).model.structure.parameters
    for source in (Batches(), generated):
        found = trained(model(), source).model.structure.parameters
        np.testing.assert_array_equal(found, expected)


def test_a_source_of_ones_own_gives_inputs_by_name() -> None:
    class Rows(RandomAccess):
        def __len__(self) -> int:
            return 23

        def batch(self, rows: Array, scratch: Any) -> Batch:
            return Batch({name: x[rows] for name, x in OTHER_ORDER.items()}, Y[rows])

    expected = trained(graph(), (BY_NAME, Y)).model.structure.parameters
    np.testing.assert_array_equal(trained(graph(), Rows()).model.structure.parameters, expected)


def test_one_of_the_inputs_may_be_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(AGE, columns=["years", "months"])
    expected = trained(graph(), (BY_NAME, Y)).model
    found = trained(graph(), ({"age": frame, "words": WORDS}, Y)).model
    np.testing.assert_array_equal(found.structure.parameters, expected.structure.parameters)
    np.testing.assert_array_equal(found.predict({"age": frame, "words": WORDS}), expected.predict(BY_NAME))


def test_a_saved_model_knows_its_inputs(tmp_path: Path) -> None:
    for make in (graph, parallel):
        model = make().initialize({"words": 4, "age": 2}, seed=0)
        model.predict(BY_NAME)
    model = Sequential([Parallel({"words": Dense(3), "age": Dense(2)})]).initialize({"age": 2, "words": 4}, seed=0)
    layerkit.save(model, tmp_path / "model.safetensors")
    loaded = layerkit.load(tmp_path / "model.safetensors")
    assert loaded.input_names == ("words", "age")
    x = {"words": WORDS.astype(float), "age": AGE}
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))


def test_parts_of_data_keep_the_names() -> None:
    train, test = layerkit.split((OTHER_ORDER, Y), stratify=False)
    assert train.input_names == test.input_names == ("age", "words")
    assert trained(graph(), train).evaluate(test)["cost"] > 0


@pytest.mark.parametrize(
    ("x", "told"),
    [
        ({"words": WORDS}, "the model reads inputs by name, 'words', 'age': 'age' is missing"),
        ({}, "'words', 'age' are missing"),
        ({**BY_NAME, "size": AGE}, "it knows no 'size'"),
        ({"words": WORDS, "aeg": AGE}, "'age' is missing, and it knows no 'aeg'. Did you mean 'age'"),
    ],
)
def test_other_names_are_refused_before_the_first_step(x: Any, told: str) -> None:
    model = graph().initialize({"words": 4, "age": 2}, seed=0)
    before = model.structure.parameters.copy()
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), silence=("all",))
    with pytest.raises(DataError, match=told):
        model.predict(x)
    for call in (trainer.evaluate, partial(trainer.fit, epochs=1), partial(trained, graph())) if x else ():
        with pytest.raises(DataError, match=told):
            call((x, Y))
    np.testing.assert_array_equal(model.structure.parameters, before)


def test_a_model_without_names_takes_none() -> None:
    model = Sequential([Dense(1)]).initialize(2)
    told = "the model's inputs have no names, and the data came by name, 'age'"
    with pytest.raises(DataError, match=told):
        model.predict({"age": AGE})
    with pytest.raises(DataError, match=told):
        trained(model, ({"age": AGE}, Y))
    with pytest.raises(DataError, match=told):
        Sequential([Dense(1)]).initialize({"age": 2})


def test_a_dictionary_alone_is_no_data() -> None:
    with pytest.raises(DataError, match=r"a dict is no data: .*\(\{\"image\": …, \"age\": …\}, y\)"):
        trained(graph(), BY_NAME)


def test_arrays_of_other_lengths_are_told_by_name() -> None:
    with pytest.raises(DataError, match=r"x\['words'\] has 23, x\['age'\] has 20, y has 23"):
        trained(graph(), ({"words": WORDS, "age": AGE[:20]}, Y))
    with pytest.raises(DataError, match=r"x\['age'\] must be finite, but row 3 holds NaN"):
        trained(graph(), ({"words": WORDS, "age": np.where(np.arange(23)[:, None] == 3, np.nan, AGE)}, Y))


def test_names_that_do_not_fit_a_tuple_are_refused() -> None:
    with pytest.raises(DataError, match="input_names must name each of 2 inputs, got words"):
        Examples((WORDS, AGE), Y, input_names=["words"])
    with pytest.raises(DataError, match="input_names are those of the arrays of a tuple"):
        Examples(AGE, Y, input_names=["words"])


def test_shapes_by_name_are_put_in_order() -> None:
    with pytest.raises(DataError, match="'age' is missing"):
        graph().initialize({"words": 4})
    with pytest.raises(ShapeError, match="takes 2 inputs"):
        graph().initialize(4)
