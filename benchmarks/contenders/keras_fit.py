"""Keras, through ``Model.fit``, on the fastest of its backends that is installed."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, final

import numpy as np

_BACKENDS = ("jax", "torch", "tensorflow")
os.environ["KERAS_BACKEND"] = next(name for name in _BACKENDS if importlib.util.find_spec(name))

import keras  # noqa: E402 - it reads its backend from the environment when it is imported

from benchmarks.contender import Contender, Problem  # noqa: E402
from benchmarks.data import Array  # noqa: E402
from benchmarks.reference import Parameters  # noqa: E402


@final
class KerasFit(Contender):
    """A ``Sequential`` of ``Dense`` layers; batches in the order of the rows, so that all train on the same."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        sizes = problem.case.sizes
        layers = [keras.layers.Dense(size, activation="sigmoid") for size in sizes[1:]]
        self._model = keras.Sequential([keras.Input((sizes[0],)), *layers])
        self._model.set_weights([value for layer in problem.initial for value in layer])
        self._model.compile(optimizer=keras.optimizers.SGD(problem.case.learning_rate), loss=_quadratic)

    def train(self, rows: Array) -> float:
        data, chosen = self.problem.data, rows.ravel()
        x, y = data.x[chosen], data.y[chosen]
        history = self._model.fit(x, y, batch_size=rows.shape[1], epochs=1, shuffle=False, verbose=0)
        return float(history.history["loss"][0]) * rows.size

    def parameters(self) -> Parameters:
        values = [np.asarray(value) for value in self._model.get_weights()]
        return list(zip(values[::2], values[1::2], strict=True))

    def predict(self, x: Array) -> Array:
        return np.asarray(self._model.predict(x, verbose=0, batch_size=1024))


def _quadratic(target: Any, prediction: Any) -> Any:
    return 0.5 * keras.ops.sum(keras.ops.square(prediction - target), axis=-1)
