"""The assignment's class does what textbook-api.md's contract says, as a plain loop over single examples does it."""

from __future__ import annotations

import copy
import pickle
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import Digits
from layerkit.errors import ArgumentError, DataError, LayerkitError, ShapeError
from layerkit.textbook import NeuralNetwork
from layerkit.types import Array

Examples = list[tuple[Array, Array]]


class PlainLoop:
    """The assignment, written down as it reads: one example at a time."""

    def __init__(self, sizes: list[int], seed: int) -> None:
        state = np.random.RandomState(seed)
        self.seed = seed
        self.biases = [state.randn(n, 1) for n in sizes[1:]]
        self.weights = [state.randn(m, n) for m, n in pairwise(sizes)]

    def activations(self, x: Array) -> list[Array]:
        found = [x]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            found.append(1 / (1 + np.exp(-(weight.T @ found[-1] + bias))))
        return found

    def cost(self, data: Examples) -> float:
        return sum(0.5 * float(((self.activations(x)[-1] - y) ** 2).sum()) for x, y in data)

    def gradients(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        a = self.activations(x)
        delta = (a[-1] - y) * a[-1] * (1 - a[-1])
        db, dw = [delta], [a[-2] @ delta.T]
        for layer in range(2, len(a)):
            delta = (self.weights[-layer + 1] @ delta) * a[-layer] * (1 - a[-layer])
            db.insert(0, delta)
            dw.insert(0, a[-layer - 1] @ delta.T)
        return db, dw

    def train(self, data: Examples, epochs: int, size: int, eta: float) -> list[float]:
        costs = []
        for _ in range(epochs):
            random.Random(self.seed).shuffle(data)
            for start in range(0, len(data), size):
                found = [self.gradients(x, y) for x, y in data[start : start + size]]
                for layer in range(len(self.weights)):
                    self.biases[layer] = self.biases[layer] - eta / size * sum(db[layer] for db, _ in found)
                    self.weights[layer] = self.weights[layer] - eta / size * sum(dw[layer] for _, dw in found)
            costs.append(self.cost(data))
        return costs


def make_data(sizes: list[int], count: int, seed: int = 0) -> tuple[Examples, list[tuple[Array, int]]]:
    rng = np.random.default_rng(seed)
    x = rng.random((count, sizes[0], 1))
    labels = rng.integers(0, sizes[-1], count)
    y = np.eye(sizes[-1])[labels][:, :, None]
    return list(zip(x, y, strict=True)), [(each, int(label)) for each, label in zip(x, labels, strict=True)]


def relative(found: Array, expected: Array) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def test_first_values_are_those_of_the_assignment_and_leave_the_global_generators_alone() -> None:
    np.random.seed(1)
    random.seed(1)
    expected = np.random.RandomState(1).random(), random.Random(1).random()
    net = NeuralNetwork(4, [784, 8, 8, 10])
    data, test = make_data([784, 8, 8, 10], 20)
    net.mini_batch_GD(data, 1, 6, 1.0, test)
    assert (np.random.random(), random.random()) == expected

    np.random.seed(400)
    fresh = NeuralNetwork(4, [784, 8, 8, 10])
    for bias, size in zip(fresh.biases, [8, 8, 10], strict=True):
        np.testing.assert_array_equal(bias, np.random.randn(size, 1))
    for weight, shape in zip(fresh.weights, [(784, 8), (8, 8), (8, 10)], strict=True):
        np.testing.assert_array_equal(weight, np.random.randn(*shape))
        assert weight.dtype == np.float64


def test_the_seed_is_an_argument() -> None:
    np.testing.assert_array_equal(NeuralNetwork(2, [3, 2], seed=7).biases[0], np.random.RandomState(7).randn(2, 1))


@pytest.mark.parametrize(
    ("sizes", "count", "batch", "eta"),
    [
        ([784, 8, 8, 10], 60, 5, 3.0),
        ([784, 30, 10], 47, 10, 3.0),  # the last slice is shorter
        ([5, 3], 33, 8, 0.5),  # no hidden layer, last slice of one example
        ([6, 7, 5, 4, 3], 50, 7, 1.0),
        ([4, 3, 1], 20, 64, 2.0),  # one slice, shorter than the nominal size
        ([1, 1], 9, 1, 0.1),
    ],
)
def test_cost_history_is_that_of_a_plain_loop(sizes: list[int], count: int, batch: int, eta: float) -> None:
    data, test = make_data(sizes, count)
    same = list(data)
    plain, net = PlainLoop(sizes, 400), NeuralNetwork(len(sizes), sizes)
    epochs = max(1, 100 // -(-count // batch))
    expected = plain.train(same, epochs, batch, eta)
    found = net.mini_batch_GD(data, epochs, batch, eta, test)

    assert [type(cost) for cost in found] == [float] * epochs
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert all(one is other for (one, _), (other, _) in zip(data, same, strict=True)), "shuffled in place, alike"
    for layer in range(len(sizes) - 1):
        assert relative(net.weights[layer], plain.weights[layer]) < 1e-9
        assert relative(net.biases[layer], plain.biases[layer]) < 1e-9


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), min_size=2, max_size=5), seed=st.integers(0, 1000))
def test_gradients_and_cost_at_equal_weights(sizes: list[int], seed: int) -> None:
    plain, net = PlainLoop(sizes, seed), NeuralNetwork(len(sizes), sizes, seed=seed)
    data, _ = make_data(sizes, 3, seed)
    assert net.cost(data) == pytest.approx(plain.cost(data), rel=1e-12)
    for x, y in data:
        found, expected = net.back_propagation(x, y), plain.gradients(x, y)
        for found_list, expected_list in zip(found, expected, strict=True):
            assert isinstance(found_list, list)
            assert [each.shape for each in found_list] == [each.shape for each in expected_list]
            for one, other in zip(found_list, expected_list, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())
        np.testing.assert_allclose(net.forward_pass(x), plain.activations(x)[-1], rtol=1e-12)


def test_gradients_agree_after_many_updates_too() -> None:
    sizes = [12, 6, 4]
    data, test = make_data(sizes, 40)
    net = NeuralNetwork(3, sizes)
    net.mini_batch_GD(data, 100, 4, 3.0, test)
    plain = PlainLoop(sizes, 0)
    plain.weights, plain.biases = list(net.weights), list(net.biases)
    for found, expected in zip(net.back_propagation(*data[0]), plain.gradients(*data[0]), strict=True):
        for one, other in zip(found, expected, strict=True):
            assert relative(one, other) < 1e-9


def test_it_learns_to_read_digits() -> None:
    def columns(split: str) -> list[tuple[Array, int]]:
        examples = Digits().load(split)
        assert examples.y is not None
        images = examples.x.reshape(len(examples), -1, 1) / 16
        return [(image, int(label)) for image, label in zip(images, examples.y, strict=True)]

    train, test = columns("train"), columns("test")
    data = [(image, np.eye(10)[label][:, None]) for image, label in train]
    net = NeuralNetwork(3, [64, 30, 10])
    costs = net.mini_batch_GD(data, 10, 10, 3.0, test)
    assert costs[-1] < 0.5 * costs[0]
    assert net.test_accuracy(test) > 0.8


def test_gradients_are_the_callers_own() -> None:
    data, _ = make_data([3, 2], 2)
    net = NeuralNetwork(2, [3, 2])
    first = net.back_propagation(*data[0])
    kept = copy.deepcopy(first)
    net.back_propagation(*data[1])
    np.testing.assert_array_equal(first[1][0], kept[1][0])
    assert not np.shares_memory(first[0][0], net.back_propagation(*data[0])[0][0])


def test_cost_is_the_sum_over_examples_not_the_mean() -> None:
    data, _ = make_data([3, 4, 2], 5)
    net = NeuralNetwork(3, [3, 4, 2])
    assert isinstance(net.cost(data), float)
    assert net.cost(data * 2) == pytest.approx(2 * net.cost(data), rel=1e-13)


@pytest.mark.parametrize("how", ["whole", "element", "in place", "tuple", "kept list"])
def test_what_is_assigned_is_what_is_used(how: str) -> None:
    sizes = [3, 4, 2]
    net, plain = NeuralNetwork(3, sizes), PlainLoop(sizes, 5)
    if how == "whole":
        net.weights, net.biases = list(plain.weights), list(plain.biases)
    elif how == "tuple":
        net.weights, net.biases = tuple(plain.weights), tuple(plain.biases)
    elif how == "kept list":
        weights, biases = net.weights, net.biases
        weights[:], biases[:] = plain.weights, plain.biases
    else:
        for layer in range(2):
            if how == "element":
                net.weights[layer], net.biases[layer] = plain.weights[layer], plain.biases[layer]
            else:
                net.weights[layer][...] = plain.weights[layer]
                net.biases[layer] += plain.biases[layer] - net.biases[layer]
    data, test = make_data(sizes, 6)
    x, y = data[0]
    np.testing.assert_allclose(net.forward_pass(x), plain.activations(x)[-1], rtol=1e-12)
    assert net.cost(data) == pytest.approx(plain.cost(data), rel=1e-12)
    np.testing.assert_allclose(net.back_propagation(x, y)[1][0], plain.gradients(x, y)[1][0], rtol=1e-9)
    plain.seed = 400
    np.testing.assert_allclose(
        net.mini_batch_GD(data, 2, 3, 1.0, test), plain.train(make_data(sizes, 6)[0], 2, 3, 1.0), rtol=1e-9
    )


def test_training_changes_no_array_that_was_assigned_or_read() -> None:
    net = NeuralNetwork(2, [3, 2])
    mine = np.ones((3, 2))
    mine.flags.writeable = False
    net.weights[0] = mine
    bias = net.biases[0]
    before = bias.copy()
    data, test = make_data([3, 2], 4)
    net.mini_batch_GD(data, 1, 2, 1.0, test)
    np.testing.assert_array_equal(mine, 1.0)
    np.testing.assert_array_equal(bias, before)
    assert not np.array_equal(net.weights[0], mine)

    learned = net.weights[0]
    kept = learned.copy()
    net.mini_batch_GD(data, 1, 2, 1.0, test)
    np.testing.assert_array_equal(learned, kept)
    assert not np.array_equal(net.weights[0], kept)


def test_sigmoid_keeps_its_precision_and_stays_silent() -> None:
    z = np.concatenate([np.linspace(-1e3, 1e3, 401), [-1e308, 1e308, -708.0, -37.5, 0.0, -0.0, 1e-300]])[:, None]
    with np.errstate(all="raise"):
        found = NeuralNetwork.sigmoid(z)
        slope = NeuralNetwork(2, [1, 1]).sigmoid_derivative(z)
    assert found.shape == slope.shape == z.shape
    assert found.min() >= 0
    assert found.max() <= 1
    usual = np.abs(z) < 708
    decay = np.exp(-np.abs(z[usual]))
    np.testing.assert_allclose(found[usual], np.where(z[usual] < 0, decay, 1) / (1 + decay), rtol=1e-15)
    np.testing.assert_allclose(slope[usual], decay / (1 + decay) ** 2, rtol=1e-15)
    assert NeuralNetwork.sigmoid(np.array([[-700.0]]))[0, 0] == pytest.approx(np.exp(-700.0), rel=1e-15)


def test_sigmoid_and_cost_derivative_are_static() -> None:
    a, y = np.array([[0.2], [0.9]]), np.array([[0.0], [1.0]])
    found = NeuralNetwork.cost_derivative(a, y)
    np.testing.assert_array_equal(found, a - y)
    assert found.shape == (2, 1)
    np.testing.assert_array_equal(NeuralNetwork.sigmoid(np.zeros((4, 1))), np.full((4, 1), 0.5))
    np.testing.assert_array_equal(NeuralNetwork(2, [1, 1]).sigmoid_derivative(np.zeros((4, 1))), np.full((4, 1), 0.25))


def test_accuracy_is_shown_in_per_cent_and_returned_as_a_fraction(capsys: pytest.CaptureFixture[str]) -> None:
    net = NeuralNetwork(2, [2, 2])
    net.weights[0], net.biases[0] = np.eye(2), np.zeros((2, 1))
    up, down = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
    assert net.test_accuracy([(up, 0), (down, 1), (down, 0)]) == pytest.approx(2 / 3)
    assert "66.67 %" in capsys.readouterr().out


def test_each_epoch_shows_accuracy_and_cost(capsys: pytest.CaptureFixture[str]) -> None:
    data, test = make_data([3, 2], 8)
    net = NeuralNetwork(2, [3, 2])
    costs = net.mini_batch_GD(data, 3, 4, 1.0, test)
    shown = capsys.readouterr().out
    assert shown.count("%") == 3
    assert all(f"{cost:.4f}" in shown for cost in costs)
    assert f"{100 * net.test_accuracy(test):.2f} %" in shown.splitlines()[-1]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_go_on_alike_and_apart(duplicate: Any) -> None:
    data, test = make_data([3, 4, 2], 8)
    net = NeuralNetwork(3, [3, 4, 2])
    net.mini_batch_GD(data, 1, 3, 1.0, test)
    other = duplicate(net)
    order = list(data)
    assert other.mini_batch_GD(order, 2, 3, 1.0, test) == net.mini_batch_GD(data, 2, 3, 1.0, test)
    other.weights[0][...] = 0
    assert net.weights[0].any()


def test_integers_and_float32_are_taken_as_float64() -> None:
    net = NeuralNetwork(2, [2, 2])
    x, y = np.array([[1], [0]]), np.array([[0], [1]])
    assert net.forward_pass(x).dtype == np.float64
    assert net.cost([(x.astype(np.float32), y)]) == net.cost([(x.astype(float), y.astype(float))])


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: NeuralNetwork(4, [784, 8, 10]), ArgumentError, ["num_layers is 4", "num_neurons_per_layer_list", "3"]),
        (lambda: NeuralNetwork(1, [3]), ArgumentError, ["num_layers", "at least 2", "1"]),
        (lambda: NeuralNetwork(2, [3, 0]), ArgumentError, ["num_neurons_per_layer_list[1]", "0"]),
        (lambda: NeuralNetwork(2, [3, 2], seed=-1), ArgumentError, ["seed", "-1"]),
    ],
)
def test_bad_sizes(make: Any, kind: type[Exception], words: list[str]) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert all(word in str(caught.value) for word in words)


COLUMN, TARGET = np.zeros((3, 1)), np.zeros((2, 1))


@pytest.mark.parametrize(
    ("use", "kind", "words"),
    [
        (lambda net: net.forward_pass(np.zeros(3)), ShapeError, ["x", "(3, 1)", "(3,)", "reshape"]),
        (lambda net: net.forward_pass(np.zeros((1, 3))), ShapeError, ["(3, 1)", "(1, 3)"]),
        (lambda net: net.forward_pass(np.zeros((4, 1))), ShapeError, ["(3, 1)", "(4, 1)"]),
        (lambda net: net.back_propagation(COLUMN, np.zeros((3, 1))), ShapeError, ["y", "(2, 1)", "(3, 1)"]),
        (lambda net: net.cost([(COLUMN, TARGET), (COLUMN, np.zeros(2))]), ShapeError, ["example 1", "(2, 1)", "(2,)"]),
        (lambda net: net.cost([]), DataError, ["training_data", "empty"]),
        (lambda net: net.cost([COLUMN]), DataError, ["training_data", "(x, y)"]),
        (lambda net: net.cost_derivative(TARGET, np.zeros(2)), ShapeError, ["(2,)"]),
        (lambda net: net.test_accuracy([]), DataError, ["test_data", "empty"]),
        (lambda net: net.test_accuracy([(COLUMN, TARGET)]), DataError, ["label", "integer"]),
        (lambda net: setattr(net, "weights", [np.zeros((2, 3))]), ShapeError, ["weights", "(3, 2)", "(2, 3)"]),
        (lambda net: setattr(net, "biases", [np.zeros(2)]), ShapeError, ["biases", "(2, 1)", "(2,)"]),
        (lambda net: train(net, epochs=0), ArgumentError, ["epochs", "0"]),
        (lambda net: train(net, size=0), ArgumentError, ["mini_batch_size", "0"]),
        (lambda net: train(net, eta=-1.0), ArgumentError, ["eta", "-1"]),
        (lambda net: train(net, data=((COLUMN, TARGET),)), DataError, ["training_data", "list", "place"]),
    ],
)
def test_bad_input(use: Any, kind: type[LayerkitError], words: list[str]) -> None:
    with pytest.raises(kind) as caught:
        use(NeuralNetwork(2, [3, 2]))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def train(net: NeuralNetwork, *, epochs: int = 1, size: int = 1, eta: float = 1.0, data: Any = None) -> None:
    net.mini_batch_GD([(COLUMN, TARGET)] if data is None else data, epochs, size, eta, [(COLUMN, 0)])


def test_a_wrong_element_is_refused_when_it_is_used() -> None:
    net = NeuralNetwork(2, [3, 2])
    net.weights[0] = np.zeros((2, 3))
    with pytest.raises(ShapeError, match="weights"):
        net.forward_pass(COLUMN)


def test_bad_data_leaves_the_list_in_its_order() -> None:
    data = [(COLUMN, TARGET), (COLUMN + 1, TARGET), (np.zeros(3), TARGET)]
    before = list(data)
    with pytest.raises(ShapeError):
        NeuralNetwork(2, [3, 2]).mini_batch_GD(data, 1, 1, 1.0, [(COLUMN, 0)])
    assert all(one is other for one, other in zip(data, before, strict=True))
