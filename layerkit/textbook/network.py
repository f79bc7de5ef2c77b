"""The assignment's class, through the framework's own components."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.arguments import check_integer, check_number
from layerkit.calls import Explained, explained
from layerkit.costs.quadratic import Quadratic
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError, ShapeError
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.scratch import Scratch
from layerkit.layers.dense import Dense
from layerkit.metrics.accuracy import Accuracy
from layerkit.models.sequential import Sequential
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.random_streams import RandomStreams
from layerkit.steps.differentiate import Differentiate
from layerkit.steps.threads import limited, threads_for
from layerkit.terminal import unread
from layerkit.textbook.columns import as_labels, as_row, as_rows, split
from layerkit.textbook.nominal_rate import NominalRate
from layerkit.textbook.shuffled import Shuffled
from layerkit.training.trainer import Trainer
from layerkit.types import Array

_FLOAT64 = np.dtype(np.float64)
_ROWS = 1024


@final
class NeuralNetwork(metaclass=Explained):
    """Layers of sigmoid neurons, trained by mini-batch gradient descent on the sum of squared differences.

    All vectors are columns ``(n, 1)``, all values float64. ``weights`` holds one array ``(n_in, n_out)`` and ``biases``
    one array ``(n, 1)`` for each layer after the input. Both may be assigned to, as a whole or element by element: each
    function uses what they hold when it is called.

    Args:
        num_layers: how many layers there are, the input layer included.
        num_neurons_per_layer_list: how many neurons each of them has.
        seed: draws the first values, and orders the examples in each epoch. No global generator is touched.

    >>> net = NeuralNetwork(4, [784, 8, 8, 10])
    >>> [weight.shape for weight in net.weights], [bias.shape for bias in net.biases]
    ([(784, 8), (8, 8), (8, 10)], [(8, 1), (8, 1), (10, 1)])
    >>> net.forward_pass(np.zeros((784, 1))).shape
    (10, 1)
    """

    def __init__(self, num_layers: int, num_neurons_per_layer_list: Sequence[int], seed: int = 400) -> None:
        sizes = list(num_neurons_per_layer_list)
        check_integer(self, "num_layers", num_layers, minimum=2)
        if num_layers != len(sizes):
            raise ArgumentError(
                f"NeuralNetwork: num_layers is {num_layers}, but num_neurons_per_layer_list {sizes} has {len(sizes)} "
                "entries: give one for each layer, the input layer included"
            )
        for place, size in enumerate(sizes):
            check_integer(self, f"num_neurons_per_layer_list[{place}]", size, minimum=1)
        check_integer(self, "seed", seed, minimum=0)
        self.num_layers = num_layers
        self.num_neurons_per_layer_list = num_neurons_per_layer_list
        self.seed = int(seed)
        self._sizes = [int(size) for size in sizes]
        generator = np.random.RandomState(self.seed)
        self._biases = [generator.randn(size, 1) for size in self._sizes[1:]]
        self._weights = [generator.randn(*shape) for shape in pairwise(self._sizes)]
        self._assemble()

    @property
    def weights(self) -> list[Array]:
        """One array ``(n_in, n_out)`` for each layer after the input."""
        return self._weights

    @weights.setter
    def weights(self, weights: Sequence[Array]) -> None:
        self._check("weights", weights)
        self._weights = weights if isinstance(weights, list) else list(weights)

    @property
    def biases(self) -> list[Array]:
        """One array ``(n, 1)`` for each layer after the input."""
        return self._biases

    @biases.setter
    def biases(self, biases: Sequence[Array]) -> None:
        self._check("biases", biases)
        self._biases = biases if isinstance(biases, list) else list(biases)

    @staticmethod
    def sigmoid(z: Array) -> Array:
        """1 / (1 + e⁻ᶻ) at each place: full relative precision for every finite z, without overflow."""
        values = np.asarray(z, np.float64)
        with np.errstate(under="ignore"):
            return _sigmoid_alone().predict(values.reshape(-1, 1)).reshape(values.shape)

    def sigmoid_derivative(self, z: Array) -> Array:
        """The sigmoid's derivative, σ(z) (1 − σ(z)), at each place."""
        with np.errstate(under="ignore"):
            return Sigmoid().derivative(np.asarray(z, np.float64))

    @staticmethod
    def cost_derivative(output_activations: Array, y: Array) -> Array:
        """The derivative of ½ Σⱼ (aⱼ − yⱼ)² with respect to each output: a − y.

        Raises:
            ShapeError: the two shapes differ.
        """
        cost, ctx = Quadratic(), _context()
        prediction, target = (np.asarray(column, np.float64).T for column in (output_activations, y))
        cost.forward(prediction, target, ctx)
        return np.array(cost.backward(prediction, target, ctx).T)

    def forward_pass(self, x: Array) -> Array:
        """The output activations, ``(n_out, 1)``, for one input ``(n_in, 1)``."""
        self._load()
        return self._model.predict(as_row(x, self._sizes[0], "x")).reshape(-1, 1)

    def cost(self, training_data: Sequence[tuple[Array, Array]]) -> float:
        """The sum over the examples ``(x, y)`` of ½ Σⱼ (aⱼ − yⱼ)²."""
        self._load()
        return self._cost(*self._examples(training_data))

    def back_propagation(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """The gradients of one example's cost: ``(dC_db, dC_dw)``, lists shaped like ``biases`` and ``weights``."""
        self._load()
        self._differentiate(Batch(as_row(x, self._sizes[0], "x"), as_row(y, self._sizes[-1], "y")), mean=False)
        gradients = [layer.gradients for layer in self._differentiate.passes(1).tree.context.parts]
        return (
            [gradient["bias"].reshape(-1, 1).copy() for gradient in gradients],
            [gradient["weight"].copy() for gradient in gradients],
        )

    @explained
    def mini_batch_GD(
        self,
        training_data: list[tuple[Array, Array]],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Sequence[tuple[Array, int]],
    ) -> list[float]:
        """Train, and return the cost over the training data after each epoch.

        Each epoch shuffles ``training_data`` in place, always with ``seed``, and takes slices of ``mini_batch_size``,
        of which the last may be shorter. For each slice every parameter moves by −eta / mini_batch_size times its
        summed gradient. The test accuracy and the cost are printed after each epoch.

        Args:
            training_data: a list of ``(x, y)``.
            epochs: how many times it is gone through, at least 1.
            mini_batch_size: at least 1.
            eta: the learning rate, at least 0.
            test_data: a list of ``(x, label)``.
        """
        check_integer(self, "epochs", epochs, minimum=1)
        check_integer(self, "mini_batch_size", mini_batch_size, minimum=1)
        check_number(self, "eta", eta, minimum=0)
        if not isinstance(training_data, list):
            raise DataError("NeuralNetwork: training_data must be a list, for it is shuffled in place")
        x, y = self._examples(training_data)
        test = self._test_examples(test_data)
        self._load()
        source = Shuffled(Examples(x, y), self.seed)
        rate = NominalRate(eta, size=mini_batch_size, last=(len(x) - 1) % mini_batch_size + 1)
        trainer = Trainer(self._model, cost=self._quadratic, optimizer=GradientDescent(rate), seed=0)
        costs = []
        for epoch in range(1, epochs + 1):
            source.shuffle(training_data)
            try:
                trainer.fit(source, epochs=1, batch_size=mini_batch_size, shuffle=False)
            finally:
                self._store()
            costs.append(self._cost(x, y))
            _display(f"Epoch {epoch}: cost {costs[-1]:.4f}")
            self._show_accuracy(*test)
        return costs

    def test_accuracy(self, test_data: Sequence[tuple[Array, int]]) -> float:
        """Print in per cent, and return as a fraction, how often the largest output is the right label.

        Args:
            test_data: a list of ``(x, label)``.
        """
        self._load()
        return self._show_accuracy(*self._test_examples(test_data))

    def _assemble(self) -> None:
        self._layers = [Dense(size, activation=Sigmoid(), initializer=Zeros()) for size in self._sizes[1:]]
        self._model = Sequential(self._layers).initialize(self._sizes[0], seed=0, dtype=_FLOAT64)
        self._quadratic = Quadratic()
        self._differentiate = Differentiate(self._model, self._quadratic, RandomStreams(0))

    def _load(self) -> None:
        """Give the model what the lists hold: somebody may have assigned to them, or into their arrays."""
        self._check("weights", self._weights)
        self._check("biases", self._biases)
        for layer, weight, bias in zip(self._layers, self._weights, self._biases, strict=True):
            layer.weight[...] = weight
            layer.bias[...] = np.reshape(bias, -1)

    def _store(self) -> None:
        """Put what the model has learned into the lists; arrays that were read or assigned before stay as they are."""
        self._weights[:] = [layer.weight.copy() for layer in self._layers]
        self._biases[:] = [layer.bias.reshape(-1, 1).copy() for layer in self._layers]

    def _check(self, name: str, arrays: Sequence[Array]) -> None:
        sizes = self._sizes
        wanted = list(pairwise(sizes)) if name == "weights" else [(size, 1) for size in sizes[1:]]
        given = [np.shape(array) for array in arrays]
        if given != wanted:
            raise ShapeError(f"NeuralNetwork: {name} must be a list of arrays of shapes {wanted}, got {given}")

    def _examples(self, data: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
        x, y = split(data, "training_data", "(x, y)")
        return as_rows(x, self._sizes[0], "x"), as_rows(y, self._sizes[-1], "y")

    def _test_examples(self, data: Sequence[tuple[Array, int]]) -> tuple[Array, Array]:
        x, labels = split(data, "test_data", "(x, label)")
        return as_rows(x, self._sizes[0], "x"), as_labels(labels)

    def _cost(self, x: Array, y: Array) -> float:
        return float(self._quadratic.forward(self._predicted(x), y, _context()).sum())

    def _show_accuracy(self, x: Array, labels: Array) -> float:
        metric = Accuracy()
        totals = metric.start()
        metric.update(totals, self._predicted(x), labels, np.ones(len(x)), _context())
        accuracy = metric.result(totals)
        _display(f"Test accuracy: {100 * accuracy:.2f} %")
        return accuracy

    def _predicted(self, x: Array) -> Array:
        with limited(threads_for(self._model.structure.node, _ROWS)):
            return self._model.predict(x)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "num_layers": self.num_layers,
            "num_neurons_per_layer_list": self.num_neurons_per_layer_list,
            "seed": self.seed,
            "_sizes": self._sizes,
            "_weights": self._weights,
            "_biases": self._biases,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._assemble()


def _display(line: str) -> None:
    """Print a line that the assignment displays; where nobody reads it, training goes on."""
    with unread():
        print(line)  # noqa: T201 - see above


@cache
def _sigmoid_alone() -> Sequential:
    """A model of one sigmoid for each value."""
    return Sequential([Sigmoid()]).initialize(1, seed=0, dtype=_FLOAT64)


def _context() -> Context:
    """What a component needs to run by itself."""
    shared = PassState(lambda path: RandomStreams(0).fresh(path))
    return Context("", shared, Scratch(_FLOAT64), training=False, prediction_range=(0.0, 1.0))
