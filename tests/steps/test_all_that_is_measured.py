"""Whatever is measured of whatever targets: a number, or one clear error, and the same at each door."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layerkit
from layerkit import (
    AbsoluteError,
    Accuracy,
    Activation,
    BinaryCrossEntropy,
    CategoricalHinge,
    Cost,
    CrossEntropy,
    Dense,
    GradientDescent,
    Hinge,
    LogSoftmax,
    Metric,
    Poisson,
    Quadratic,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    TopKAccuracy,
    Trainer,
)
from layerkit.errors import LayerkitError
from layerkit.metrics.confusion import Confusion
from layerkit.metrics.table import TABLE
from layerkit.types import Array
from tests.testing.drawn import METRICS

ROWS, STEPS = 12, 3
COSTS: list[type[Cost]] = [Quadratic, AbsoluteError, BinaryCrossEntropy, CrossEntropy, Hinge, CategoricalHinge, Poisson]
ENDS: list[type[Activation] | None] = [None, Sigmoid, Softmax, LogSoftmax, ReLU]
FORMS: dict[str, Callable[[np.random.Generator, tuple[int, ...], int], Array]] = {
    "labels": lambda rng, shape, outputs: rng.integers(0, max(outputs, 2), shape),
    "labels that are booleans": lambda rng, shape, outputs: rng.random(shape) < 0.5,
    "labels that are numbers": lambda rng, shape, outputs: rng.integers(0, 2, shape) * 1.0,
    "labels in a column": lambda rng, shape, outputs: rng.integers(0, max(outputs, 2), (*shape, 1)),
    "one-hot": lambda rng, shape, outputs: np.eye(outputs)[rng.integers(0, outputs, shape)],
    "several": lambda rng, shape, outputs: rng.integers(0, 2, (*shape, outputs)),
    "probabilities": lambda rng, shape, outputs: rng.dirichlet(np.ones(max(outputs, 2)), shape)[..., :outputs],
    "numbers": lambda rng, shape, outputs: rng.normal(size=(*shape, outputs)) * 5 + [20, 1000, 3][:outputs],
    "small numbers": lambda rng, shape, outputs: rng.normal(size=(*shape, outputs)) / 10,
    "counts": lambda rng, shape, outputs: rng.integers(2, 9, (*shape, outputs)),
    "a number": lambda rng, shape, outputs: rng.normal(size=shape),
}
OF_NUMBERS = {"MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "R2"}


def new(metric: Metric, outputs: int, end: type[Activation] | None, cost: type[Cost], metrics: list[Metric]) -> Trainer:
    model = Sequential([Dense(outputs, activation=None if end is None else end())])
    return Trainer(model, cost=cost(), optimizer=GradientDescent(1e-3), metrics=metrics, silence=["all"], seed=0)


def told(call: Callable[[], Any]) -> Any:
    """What comes of a call: its value, or the words of an error that is raised on purpose."""
    try:
        return call()
    except LayerkitError as error:
        return error


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1, 2, 3]),
    st.sampled_from(ENDS),
    st.sampled_from(COSTS),
    st.sampled_from(sorted(FORMS)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**16),
    st.data(),
)
@pytest.mark.parametrize("name", [component.target.split(":")[1] for component in TABLE])
def test_it_is_a_number_or_one_clear_error(
    name: str,
    outputs: int,
    end: type[Activation] | None,
    cost: type[Cost],
    form: str,
    sequences: bool,
    masked: bool,
    weighted: bool,
    seed: int,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    metric: Metric = getattr(layerkit, name)(**data.draw(METRICS[name]))
    shape = (ROWS, STEPS) if sequences else (ROWS,)
    x, y = rng.normal(size=(*shape, 2)), FORMS[form](rng, shape, outputs)
    extra: dict[str, Any] = {}
    if masked and sequences:
        extra["mask"] = rng.random(shape) < 0.7
        extra["mask"][0] = True
    if weighted:
        extra["weights"] = rng.random(ROWS) + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = new(metric, outputs, end, cost, [])
        if isinstance(told(lambda: plain.fit((x, y), epochs=1, batch_size=5, **extra)), LayerkitError):
            return  # the cost has no use for such targets
        measured = told(lambda: plain.evaluate((x, y), metrics=[metric], **extra))
        streamed = told(lambda: plain.evaluate([(x, y)], metrics=[metric]))
        fitted = new(metric, outputs, end, cost, [metric])
        measured_before = told(lambda: fitted.fit((x, y), epochs=1, batch_size=5, validation=(x, y), **extra))
        told(lambda: plain.tune_threshold((x, y), metric=metric, **extra))
    if isinstance(measured, LayerkitError):
        assert str(measured)
        assert name not in OF_NUMBERS or y.ndim == len(shape), measured
        if not masked:
            assert isinstance(streamed, LayerkitError)
        if metric.in_history:
            assert isinstance(measured_before, LayerkitError)
            assert fitted.state()["position"]["step"] == 0
    else:
        value = measured[metric.name]
        assert isinstance(value, (float, Confusion))
        assert not isinstance(measured_before, LayerkitError)
        assert form not in ("numbers", "small numbers", "counts", "a number") or name in OF_NUMBERS


@pytest.mark.parametrize("k", [1, 2])
def test_there_is_no_top_k_of_a_single_output(k: int) -> None:
    x, y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
    trainer = new(TopKAccuracy(k), 1, None, BinaryCrossEntropy, [])
    trainer.fit((x, y), epochs=1)
    for call in (trainer.evaluate, lambda data, metrics: trainer.tune_threshold(data, metric=metrics[0])):
        with pytest.raises(LayerkitError, match="single output"):
            call((x, y), metrics=[TopKAccuracy(k)])
    with pytest.raises(LayerkitError, match="single output"):
        trainer.evaluate([(x, y)], metrics=[TopKAccuracy(k)])


def test_there_is_no_top_k_of_one_label_of_several() -> None:
    x, y = np.zeros((4, 2)), np.array([[0, 1], [1, 0], [1, 0], [0, 1]])
    trainer = new(TopKAccuracy(1), 2, None, BinaryCrossEntropy, [])
    trainer.fit((x, y), epochs=1)
    with pytest.raises(LayerkitError, match="single output"):
        trainer.tune_threshold((x, y), metric=TopKAccuracy(1))


@pytest.mark.parametrize("metric", [component.target.split(":")[1] for component in TABLE])
@pytest.mark.parametrize("door", ["fit", "evaluate", "stream", "threshold"])
def test_numbers_of_several_outputs_are_no_classes(metric: str, door: str) -> None:
    if metric in OF_NUMBERS:
        return
    rng = np.random.default_rng(0)
    data = rng.normal(size=(60, 4)), rng.normal(size=(60, 2)) * 5 + [20, 1000]
    own: Metric = getattr(layerkit, metric)()
    trainer = Trainer(Sequential([Dense(2)]).initialize(4, seed=0), cost=Quadratic(), optimizer=GradientDescent(1e-3))
    doors: dict[str, Callable[[], Any]] = {
        "fit": lambda: Trainer(trainer.model, cost=Quadratic(), optimizer=GradientDescent(1e-3), metrics=[own]).fit(
            data, epochs=1, validation=data
        ),
        "evaluate": lambda: trainer.evaluate(data, metrics=[own]),
        "stream": lambda: trainer.evaluate([data], metrics=[own]),
        "threshold": lambda: trainer.tune_threshold(data, metric=own),
    }
    if door == "fit" and not own.in_history:
        return
    with pytest.raises(LayerkitError, match=r"MeanSquaredError|BinaryCrossEntropy"):
        doors[door]()


ROWS_OF_CLASSES = {
    "one-hot": np.eye(3)[[0, 2, 1, 1]],
    "smoothed": np.eye(3)[[0, 2, 1, 1]] * 0.9 + 0.1 / 3,
    "probabilities": np.array([[0.2, 0.5, 0.3]] * 4),
    "0.1 and 0.9": np.eye(3)[[0, 2, 1, 1]] * 0.8 + 0.1,
    "-1 and 1": np.eye(3)[[0, 2, 1, 1]] * 2 - 1,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", ROWS_OF_CLASSES)
def test_rows_that_point_at_a_class_are_measured(form: str, dtype: str) -> None:
    x, y = np.zeros((4, 2)), ROWS_OF_CLASSES[form].astype(dtype)
    trainer = Trainer(Sequential([Dense(3)]).initialize(2), cost=Quadratic(), optimizer=GradientDescent(1e-3))
    share = float((y.argmax(axis=1) == 0).mean())
    assert trainer.evaluate((x, y), metrics=[Accuracy()])["accuracy"] == share


@pytest.mark.parametrize("row", [[0.5, 0.6, 0.7], [2.0, 0.0, 0.0], [-0.5, 0.5, 1.0], [0.9, 0.9, 0.1], [3.0, 3.0, 3.0]])
def test_a_row_that_points_at_none_is_refused_unless_it_does_not_count(row: list[float]) -> None:
    x, y = np.zeros((2, 2, 2)), np.tile(np.eye(3)[0], (2, 2, 1))
    y[1, 1] = row
    mask = np.array([[True, True], [True, False]])
    trainer = Trainer(Sequential([Dense(3)]).initialize((2, 2)), cost=Quadratic(), optimizer=GradientDescent(1e-3))
    with pytest.raises(LayerkitError, match="row 1 of the targets tells none"):
        trainer.evaluate((x, y), metrics=[Accuracy()])
    assert trainer.evaluate((x, y), metrics=[Accuracy()], mask=mask)["accuracy"] == 1
