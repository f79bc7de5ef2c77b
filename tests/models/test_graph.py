from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Adam,
    Add,
    Average,
    BatchNormalization,
    Checkpoint,
    Concatenate,
    Dense,
    Dropout,
    Graph,
    Layer,
    Multiply,
    Quadratic,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.errors import ArgumentError, ShapeError
from layerkit.testing import step
from layerkit.types import Array
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import assert_close, reference

RNG = np.random.default_rng(0)
IMAGE, AGE = RNG.normal(size=(23, 5)), RNG.normal(size=(23, 2))
Y = RNG.normal(size=(23, 3))


class Square(Layer):
    """y = x²."""

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Array, ctx: Any) -> Array:
        ctx.saved.x = x
        return x * x

    def backward(self, grad: Array, ctx: Any) -> Array:
        return 2 * grad * ctx.saved.x


def referred() -> Graph:
    """The network of ``tests/reference/make_containers.py``, its nodes in no order."""
    shared = Dense(4, activation=Tanh())
    return Graph(
        {
            "last": (Dense(3), "joined"),
            "joined": (Concatenate(), "sum", "mean"),
            "squared": (Square(), "image"),
            "again": (shared, "squared"),
            "mean": (Average(), "seen", "again"),
            "sum": (Add(), "gated", "known"),
            "gated": (Multiply(), "seen", "gate"),
            "gate": (Dense(4, activation=Sigmoid()), "known"),
            "known": (Dense(4), "age"),
            "seen": (shared, "image"),
        },
        inputs=("image", "age"),
    )


def network(**changes: Any) -> Graph:
    nodes = {
        "seen": (Dense(4, activation=Tanh()), "image"),
        "dropped": (Dropout(0.2), "seen"),
        "known": (Sequential([Dense(4), BatchNormalization()]), "age"),
        "gated": (Multiply(), "dropped", "known"),
        "both": (Concatenate(), "gated", "seen"),
        "output": (Dense(3), "both"),
    }
    return Graph({**nodes, **changes}, inputs=("image", "age"))


def trainer(model: Graph) -> Trainer:
    return Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), silence=("all",), seed=3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_pytorchs(dtype: str) -> None:
    values = {key: array.astype(dtype) for key, array in reference("containers", "graph/").items()}
    model = referred().initialize({"image": 5, "age": 2}, dtype=dtype)
    # the first occurrence of the shared layer has the values, whatever its node is called
    names = {path: path.replace("again.", "shared.").replace("seen.", "shared.") for path in model.parameters}
    for path, parameter in model.parameters.items():
        parameter[...] = values[names[path]]
    found = step(model, (values["x0"], values["x1"]), values["grad"])
    tolerance = 1e-12 if dtype == "float64" else 3e-5
    assert_close(found.output, values["y"], tolerance)
    for place in range(2):
        assert_close(found.input_gradient[place], values[f"input_gradient{place}"], tolerance)
    assert len(found.gradients) == 8
    for path, gradient in found.gradients.items():
        assert_close(gradient, values[f"{names[path]}_gradient"], tolerance)


def test_gradients() -> None:
    inner = Dense(3, activation=Tanh())
    nodes = {
        "a": (inner, "input"),
        "b": (inner, "a"),
        "c": (Multiply(), "a", "b", "input"),
        "output": (Concatenate(), "c", "input", "b"),
    }
    assert_all_gradients(Graph(nodes), (3,))
    assert_all_gradients(Graph(nodes), (2, 3))


def test_it_is_what_a_sequential_is() -> None:
    chain = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=0)
    graph = Graph({"b": (Dense(2), "a"), "a": (Dense(4, activation=Tanh()), "input")}).initialize(3, seed=1)
    graph.structure.parameters[...] = chain.structure.parameters
    x = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_array_equal(graph.predict(x), chain.predict(x))
    np.testing.assert_array_equal(graph.predict({"input": x}), chain.predict(x))


def test_names_of_arguments_and_attributes_may_be_those_of_nodes() -> None:
    names = ["nodes", "inputs", "predict", "copy", "states", "layers", "output"]
    nodes = {name: (Dense(3), "input" if place == 0 else names[place - 1]) for place, name in enumerate(names)}
    model = Graph(nodes).initialize(3, seed=0)
    assert model["predict"] is nodes["predict"][0]
    assert model.predict(np.ones((2, 3))).shape == (2, 3)
    assert [path for path in model.parameters if path.endswith("weight")] == [f"{name}.weight" for name in names]


def test_a_graph_in_a_graph() -> None:
    inner = Graph({"sum": (Add(), "one", "two")}, inputs=("one", "two"))
    model = Graph(
        {"wide": (Dense(4), "x"), "deep": (Dense(4), "x"), "both": (inner, "wide", "deep")}, inputs=["x"]
    ).initialize(3, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(6, 3))
    expected = x @ (model.parameters["wide.weight"] + model.parameters["deep.weight"])
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saved_it_is_the_same(tmp_path: Path, dtype: str) -> None:
    model = network()
    model.astype(dtype)
    trainer(model).fit(({"image": IMAGE, "age": AGE}, Y), epochs=2, batch_size=5)
    model["seen"].freeze()
    layerkit.save(model, tmp_path / "graph.safetensors")
    loaded = layerkit.load(tmp_path / "graph.safetensors")
    assert repr(loaded) == repr(model)
    assert loaded.summary() == model.summary()
    assert loaded.input_names == ("image", "age")
    np.testing.assert_array_equal(
        loaded.predict({"age": AGE, "image": IMAGE}), model.predict({"image": IMAGE, "age": AGE})
    )


def test_a_shared_layer_is_saved_once_and_shared_again(tmp_path: Path) -> None:
    inner = Dense(3)
    model = Graph({"a": (inner, "input"), "b": (inner, "a")}).initialize(3, seed=0)
    layerkit.save(model, tmp_path / "graph.safetensors")
    loaded = layerkit.load(tmp_path / "graph.safetensors")
    assert isinstance(loaded, Graph)
    assert loaded["a"] is loaded["b"]
    assert list(loaded.parameters) == ["a.weight", "a.bias"]
    assert "shared" in loaded.summary()


@pytest.mark.parametrize("how", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), lambda m: m.copy()])
def test_copied_it_is_the_same_and_has_memory_of_its_own(how: Any) -> None:
    inner = Dense(5)
    model = Graph({"a": (inner, "x"), "b": (inner, "a"), "c": (Add(), "a", "b")}, inputs=("x",)).initialize(5, seed=0)
    copied = how(model)
    expected = model.predict(IMAGE)
    np.testing.assert_array_equal(copied.predict(IMAGE), expected)
    model.parameters["a.weight"][...] = 0
    np.testing.assert_array_equal(copied.predict(IMAGE), expected)
    assert copied["a"] is copied["b"]


def test_resumed_it_ends_at_the_same_bits(tmp_path: Path) -> None:
    data = {"image": IMAGE, "age": AGE}, Y
    whole = trainer(network())
    whole.fit(data, epochs=4, batch_size=5)
    trainer(network()).fit(data, epochs=4, batch_size=5, callbacks=[Checkpoint(tmp_path, every_steps=7, keep=9)])
    again = trainer(network())
    layerkit.resume(again, sorted(tmp_path.glob("*.safetensors"))[0])
    assert again.state()["position"]["step"] == 7
    again.fit(data, epochs=4, batch_size=5)
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)
    np.testing.assert_array_equal(again.model.structure.states, whole.model.structure.states)


def test_threads_predict_side_by_side() -> None:
    model = network().initialize({"image": 5, "age": 2}, seed=0)
    inputs = [(IMAGE + place, AGE - place) for place in range(8)]
    expected = [model.predict(x) for x in inputs]
    found: list[Any] = [None] * 8

    def run(place: int) -> None:
        for _ in range(20):
            found[place] = model.predict(inputs[place])

    threads = [threading.Thread(target=run, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_output_need_not_come_last_and_tells_its_range() -> None:
    model = Graph({"probability": (Dense(1, activation=Sigmoid()), "hidden"), "hidden": (Dense(3), "input")})
    model.initialize(3, seed=0)
    assert model.classify(np.ones((2, 3))).shape == (2,)


def test_what_a_dataset_standardises_reaches_the_layer_that_learns_it() -> None:
    model = network(scaled=(layerkit.Standardize(), "age"), known=(Dense(4), "scaled"))
    trainer(model).fit(({"image": IMAGE, "age": 5 * AGE + 2}, Y), epochs=1, batch_size=5)
    np.testing.assert_allclose(model.states["scaled.mean"], (5 * AGE + 2).mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize(
    ("nodes", "options", "told"),
    [
        ({"a": (Dense(1), "b"), "b": (Dense(1), "a")}, {}, "must not read each other in a circle, 'a' → 'b' → 'a'"),
        ({"a": (Dense(1), "a")}, {}, "must not read each other in a circle, 'a' → 'a'"),
        ({"a": (Dense(1), "inptu")}, {}, r"nodes\['a'\] reads 'inptu', which is neither.*Did you mean 'input'"),
        ({"a": (Dense(1), "input"), "b": (Dense(1), "input")}, {}, "nodes: 'a', 'b' are read by nobody: join them"),
        (
            {"a": (Dense(1), "input"), "b": (Dense(1), "input")},
            {"output": "b"},
            "nobody reads the nodes 'a', and the output is 'b'",
        ),
        ({"a": (Dense(1), "x")}, {"inputs": ("x", "y")}, "nobody reads the inputs 'y', and the output is 'a'"),
        ({"a": (Dense(1), "input")}, {"output": "aa"}, "output must be the name of a node, got 'aa'"),
        ({"input": (Dense(1), "input")}, {}, "'input' is an input and a node"),
        ({"a": Dense(1)}, {}, r"nodes\['a'\] must be a tuple of a layer and the names that it reads"),
        ({"a": (Dense(1),)}, {}, r"nodes\['a'\] must be a tuple of a layer and the names"),
        ({"a": (Dense, "input")}, {}, r"nodes\['a'\] must be a Layer object.*with brackets"),
        ({"a.b": (Dense(1), "input")}, {}, "a name must be text without a dot, got 'a.b'"),
        ({}, {}, "nodes must be a dictionary of at least one node"),
        ({"a": (Dense(1), "input")}, {"inputs": "input"}, "inputs must be a tuple of at least one name"),
        ({"a": (Dense(1), "x")}, {"inputs": ("x", "x")}, "inputs must be named once each"),
    ],
)
def test_what_is_no_network_is_refused(nodes: Any, options: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        Graph(nodes, **options)


def test_a_node_that_cannot_take_what_it_reads_is_told_by_name() -> None:
    with pytest.raises(ShapeError, match=r"layer both \(Add\): all inputs must have one shape"):
        Graph({"a": (Dense(2), "input"), "both": (Add(), "a", "input")}).initialize(3)


def test_another_number_of_inputs_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"takes 2 inputs, 'image', 'age', got inputs of \(batch, 5\)"):
        network().initialize(5)
