"""Slips in components of one's own are told by class and method, before the first step where that can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Cost, Dataset, Dense, Examples, Layer, Metric, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError, DatasetError, LayerkitError, ShapeError

X = np.linspace(-1, 1, 40).reshape(10, 4)
Y = X[:, :1]


def cost(forward: Callable[..., Any], backward: Callable[..., Any] = lambda p, t: 2 * (p - t)) -> Any:
    """A cost of somebody's own."""
    methods = {
        "forward": lambda self, p, t, ctx: forward(p, t),
        "backward": lambda self, p, t, ctx: backward(p, t),
    }
    return type("Mine", (Cost,), methods)()


def layer(forward: Callable[..., Any], backward: Callable[..., Any] = lambda grad: grad) -> Any:
    """A layer of somebody's own."""
    methods = {
        "build": lambda self, shape: shape,
        "forward": lambda self, x, ctx: forward(x),
        "backward": lambda self, grad, ctx: backward(grad),
    }
    return type("Own", (Layer,), methods)()


def squares(p: Any, t: Any) -> Any:
    return ((p - t) ** 2).sum(axis=1)


def stream() -> Iterator[tuple[Any, Any]]:
    yield X, Y


COSTS = [
    (cost(lambda p, t: ((p - t) ** 2).mean()), "Mine.forward must return the cost of each example"),
    (cost(lambda p, t: float(((p - t) ** 2).mean())), "the mean over the batch is taken by the trainer"),
    (cost(lambda p, t: (p - t) ** 2), ", 1)"),
    (cost(lambda p, t: None), "returned None: is a `return` missing?"),
]


@pytest.mark.parametrize(("mine", "words"), COSTS)
@pytest.mark.parametrize("data", [(X, Y), stream])
def test_a_cost_that_gives_no_cost_of_each_example(mine: Any, words: str, data: Any) -> None:
    model = Sequential([Dense(1)]).initialize(4, seed=0)
    before = model.parameters["0.weight"].copy()
    trainer = Trainer(model, cost=mine, optimizer=Adam(), seed=0)
    with pytest.raises(ShapeError) as caught:
        trainer.fit(data, epochs=1)
    assert words in str(caught.value)
    assert np.array_equal(model.parameters["0.weight"], before)
    with pytest.raises(ShapeError, match=r"Mine\.forward"):
        trainer.evaluate((X, Y))


@pytest.mark.parametrize("backward", [lambda p, t: None, lambda p, t: (p - t)[:, 0], lambda p, t: 1.0])
def test_a_cost_whose_gradient_is_not_shaped_like_the_prediction(backward: Any) -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=cost(squares, backward), optimizer=Adam(), seed=0)
    with pytest.raises(ShapeError, match=r"Mine\.backward must return .* shaped like the prediction, here \(2, 1\)"):
        trainer.fit((X, Y), epochs=1)


@pytest.mark.parametrize("data", [(X, Y), stream])
@pytest.mark.parametrize("place", [0, 1])
def test_a_layer_without_a_return(data: Any, place: int) -> None:
    layers = [Dense(1)]
    layers.insert(place, layer(lambda x: None))
    model = Sequential(layers).initialize(4, seed=0)
    words = rf"^layer {place} \(Own\): Own\.forward must return the output.* returned None: is a `return` missing\?"
    with pytest.raises(LayerkitError, match=words):
        Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0).fit(data, epochs=1)
    for rows in (X, np.zeros((100, 4))):
        with pytest.raises(LayerkitError, match=words):
            model.predict(rows)


def test_a_layer_whose_backward_has_no_return() -> None:
    model = Sequential([Dense(4), layer(lambda x: x, lambda grad: None), Dense(1)]).initialize(4, seed=0)
    with pytest.raises(LayerkitError, match=r"layer 1 \(Own\): Own\.backward must return the gradient of its input"):
        Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0).fit((X, Y), epochs=1)


def test_a_layer_in_front_of_which_nothing_is_trained_may_give_none() -> None:
    model = Sequential([layer(lambda x: x, lambda grad: None), Dense(1)]).initialize(4, seed=0)
    history = Trainer(model, cost=cost(squares), optimizer=Adam(0.1), seed=0).fit((X, Y), epochs=3)
    assert history["cost"][-1] < history["cost"][0]


def test_a_metric_without_a_name() -> None:
    methods = {name: lambda self, *given: np.zeros(1) for name in ("start", "update", "result")}
    mine: Any = type("Mine", (Metric,), methods)()
    with pytest.raises(ArgumentError, match=r"Mine has no name for histories: write name = \"mine\" in the class"):
        Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), metrics=[mine])
    trainer = Trainer(Sequential([Dense(1)]).initialize(4), cost=Quadratic(), optimizer=Adam())
    with pytest.raises(ArgumentError, match="Mine has no name"):
        trainer.evaluate((X, Y), metrics=[mine])


@pytest.mark.parametrize(("loaded", "words"), [((X, Y), "a tuple. Write return Examples"), (None, "None: is a")])
def test_a_dataset_that_gives_no_examples(loaded: Any, words: str) -> None:
    rows: Any = type("Rows", (Dataset,), {"load": lambda self, split: loaded})()
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DatasetError) as caught:
        trainer.fit(rows, epochs=1)
    assert "Rows.load must return a RandomAccess or a Stream" in str(caught.value)
    assert words in str(caught.value)
    good: Any = type("Rows", (Dataset,), {"load": lambda self, split: Examples(X, Y)})()
    assert len(trainer.fit(good, epochs=1)) == 1
