"""What is assigned to a layer of a model: values go where the model has them, and arguments are judged."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    CELU,
    Adam,
    BatchNormalization,
    Constant,
    Dense,
    Dropout,
    EarlyStopping,
    Embedding,
    Graph,
    He,
    Layer,
    Parallel,
    Quadratic,
    ReLU,
    Residual,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.errors import ArgumentError, LayerkitError, NotBuiltError, UnknownAttributeError
from layerkit.interfaces.context import Context
from layerkit.types import Array, Shape, Value

X = np.linspace(-1, 1, 24).reshape(6, 4)


def new_model() -> Any:
    layers = [Dense(3, activation=ReLU()), BatchNormalization(), Dropout(0.1), Dense(2)]
    return Sequential(layers).initialize(4, seed=0)


class Shifted(Layer):
    """A layer of somebody's own that keeps things on itself, in public too."""

    def __init__(self, start: float = 0.0) -> None:
        self.start = start
        self.made = "here"

    def build(self, input_shape: Shape) -> Shape:
        self.seen = input_shape
        self._seen = input_shape
        self.parameter("shift", input_shape, Constant(self.start))
        return input_shape

    def forward(self, x: Value, ctx: Context) -> Value:
        return x + self.shift

    def backward(self, grad: Value, ctx: Context) -> Value:
        ctx.gradient("shift")[...] = grad.sum(axis=0)
        return grad


@pytest.mark.parametrize("path", ["0.weight", "0.bias", "1.scale", "1.shift", "1.mean", "1.variance", "3.weight"])
@pytest.mark.parametrize("frozen", [False, True])
def test_assigned_values_are_those_of_the_model(path: str, frozen: bool, tmp_path: Path) -> None:
    model = new_model()
    if frozen:
        model[int(path[0])].freeze()
    live: Array = {**model.parameters, **model.states}[path]
    values = np.arange(1.0, live.size + 1).reshape(live.shape)
    other = new_model()
    {**other.parameters, **other.states}[path][...] = values
    setattr(model[int(path[0])], path[2:], values)
    assert np.array_equal(live, values)
    wanted = other.predict(X)
    layerkit.save(model, tmp_path / "model.safetensors")
    for same in (model, model.copy(), pickle.loads(pickle.dumps(model)), layerkit.load(tmp_path / "model.safetensors")):
        assert np.array_equal(same.predict(X), wanted)


def test_assigned_values_are_trained_on() -> None:
    model = Sequential([Dense(2)]).initialize(4, seed=0)
    dense: Any = model[0]
    dense.weight = np.zeros((4, 2))
    dense.bias = dense.bias + 9
    dense.bias += 1
    assert (model.predict(X) == 10).all()
    Trainer(model, cost=Quadratic(), optimizer=Adam(0.1), seed=0).fit((X, np.ones((6, 2))), epochs=2)
    assert dense.weight.any()
    assert np.array_equal(dense.weight, model.parameters["0.weight"])
    assert np.allclose(model.predict(X), X @ dense.weight + dense.bias, atol=1e-5)


def test_an_embedding_and_a_layer_of_somebodys_own_too() -> None:
    model: Any = Sequential([Embedding(5, 2), Shifted(1.0)]).initialize(3, seed=0)
    model[0].table = np.ones((5, 2))
    model[1].shift = np.full((3, 2), 2)
    assert (model.predict(np.zeros((1, 3), int)) == 3).all()


def test_a_copy_of_a_layer_that_has_no_model() -> None:
    dense: Any = new_model()[0].copy()
    dense.bias = [1, 2, 3]
    with pytest.raises(ArgumentError, match=r"Dense\.bias must be .* shape \(3,\), got the shape \(2,\)"):
        dense.bias = [1, 2]
    assert Sequential([dense]).initialize(4).parameters["0.bias"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((3, 4)), "got the shape (3, 4)"),
        (1.0, "got the shape ()"),
        (None, "got NoneType"),
        ("zeros", "got str"),
        ([[1.0], [1.0, 2.0]], "got list"),
        (np.zeros((4, 3), complex), "got ndarray of complex128"),
        (np.full((4, 3), np.nan), "got some that are not finite"),
        (np.full((4, 3), 1e300), "not finite in float32"),
    ],
)
def test_what_are_no_such_values_is_refused(value: Any, words: str) -> None:
    model = new_model()
    before = model.parameters["0.weight"].copy()
    with pytest.raises(ArgumentError) as caught:
        model[0].weight = value
    assert words in str(caught.value)
    assert "'0.weight' (Dense) must be an array of finite numbers of the shape (4, 3)" in str(caught.value)
    assert np.array_equal(model.parameters["0.weight"], before)


def test_a_state_below_its_minimum_is_refused() -> None:
    model = new_model()
    with pytest.raises(ArgumentError, match=r"1\.variance.*at least 0"):
        model[1].variance = [1, -1, 1]


def test_before_the_build_there_is_nothing_to_assign_to() -> None:
    dense: Any = Dense(3)
    with pytest.raises(NotBuiltError, match=r"Dense has no 'weight' yet to assign to.*initialize\(input_shape\) first"):
        dense.weight = np.zeros((4, 3))
    own: Any = Shifted()
    own.shift = np.zeros(4)
    with pytest.raises(ArgumentError, match="'shift' is a parameter or state, and was assigned before"):
        Sequential([own]).initialize(4)


@pytest.mark.parametrize(
    ("place", "name", "value", "words"),
    [
        (0, "units", 7, "Dense: units cannot be changed once the layer is built"),
        (0, "units", "x", "units must be an integer"),
        (0, "use_bias", False, "its parameters, parts or output would be others"),
        (0, "activation", Tanh(), "it holds parts of the model"),
        (0, "activation", None, "it holds parts of the model"),
        (3, "activation", Tanh(), "layerkit.config.replaced(model, …)"),
        (2, "rate", 2, "Dropout: rate must be a finite number at least 0 and below 1, got 2"),
        (1, "epsilon", -1, "epsilon must be a finite number above 0"),
    ],
)
def test_an_argument_is_judged(place: int, name: str, value: Any, words: str) -> None:
    model = new_model()
    before = repr(model), model.predict(X)
    with pytest.raises(ArgumentError) as caught:
        setattr(model[place], name, value)
    assert words in str(caught.value)
    assert repr(model) == before[0]
    assert np.array_equal(model.predict(X), before[1])


def test_an_argument_that_shapes_nothing_may_be_changed() -> None:
    model = new_model()
    model[2].rate, model[1].momentum, model[0].initializer = 0.5, 0.5, He()
    assert "Dropout(0.5)" in repr(model)
    assert model.copy()[1].momentum == 0.5


def test_an_argument_that_the_constructor_works_something_out_of() -> None:
    activation: Any = CELU(1.0)
    with pytest.raises(ArgumentError, match=r"make a new one, CELU\(…, alpha=2\.0\)"):
        activation.alpha = 2.0
    assert activation.lowest == -1


def test_a_constructor_may_set_its_arguments_twice_and_a_build_what_it_likes() -> None:
    class Twice(Shifted):
        def __init__(self, start: float = 0.0) -> None:
            self.start = start
            self.start = float(start)

    model: Any = Sequential([Twice(2)]).initialize(3)
    assert (model.predict(np.zeros((1, 3))) == 2).all()
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(Sequential([Shifted(1)]).initialize(2)))):
        assert again[0].seen == again[0]._seen
    model[0].note = "of somebody's own"
    model[0].start = 5.0


def _appended(layers: Any) -> None:
    layers.append(Dense(1))


def _put(layers: Any) -> None:
    layers[0] = Dense(1)


def _added(layers: Any) -> None:
    layers += [Dense(1)]


@pytest.mark.parametrize("change", [_appended, _put, _added])
@pytest.mark.parametrize("built", [False, True])
def test_the_layers_of_a_container_stay(change: Any, built: bool) -> None:
    mine: list[Layer] = [Dense(3), Dense(2)]
    model: Any = Sequential(mine)
    inside: Any = Parallel([Dense(3), Dense(2)])
    if built:
        model.initialize(4, seed=0)
        Sequential([inside]).initialize(4, seed=0)
    for given in (model.layers, inside.branches):
        with pytest.raises(ArgumentError, match="what a container was given cannot be changed"):
            change(given)
    mine.append(Dense(9))
    assert repr(model) == "Sequential([Dense(3), Dense(2)])"
    assert repr(copy.deepcopy(model)) == repr(pickle.loads(pickle.dumps(model))) == repr(model)
    assert [*model.layers, Dense(1)] != model.layers


def test_the_nodes_of_a_graph_stay() -> None:
    graph: Any = Graph({"a": [Dense(3), "input"]})
    with pytest.raises(ArgumentError, match="cannot be changed"):
        graph.nodes.update(b=(Dense(1), "a"))
    with pytest.raises(ArgumentError, match="cannot be changed"):
        graph.nodes["a"].append("a")
    assert repr(graph.initialize(2).copy()) == repr(graph)


def test_the_layers_of_a_built_container_are_not_replaced() -> None:
    model = new_model()
    with pytest.raises(ArgumentError, match="layers cannot be changed once the layer is built"):
        model.layers = [Dense(2)]
    residual: Any = Sequential([Residual(Dense(4))]).initialize(4)[0]
    with pytest.raises(ArgumentError, match="it holds parts of the model"):
        residual.layer = Dense(4)


@pytest.mark.parametrize(
    ("owner", "name", "words"),
    [
        (new_model, "trainable", "layer.freeze() leaves a layer out"),
        (lambda: new_model()[0], "requires_grad", "layer.freeze()"),
        (lambda: new_model()[0], "frozen", "cannot be set. layer.freeze()"),
        (lambda: new_model()[0], "freeze", "Dense.freeze is a method: call it"),
        (new_model, "stop_training", "fit.stop(reason)"),
        (Shifted, "trainable", "layer.freeze()"),
        (lambda: Dense(3), "unit", "Did you mean 'units'?"),
        (Adam, "lr", "It is called learning_rate"),
        (EarlyStopping, "patiense", "Did you mean 'patience'?"),
    ],
)
def test_an_attribute_that_does_nothing_is_refused(owner: Any, name: str, words: str) -> None:
    with pytest.raises(UnknownAttributeError) as caught:
        setattr(owner(), name, False)
    assert words in str(caught.value)
    assert isinstance(caught.value, AttributeError)
    assert isinstance(caught.value, LayerkitError)
