"""layerkit-conv, through the Trainer, as a user would write it."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from layerkit_conv import Conv2D

from benchmarks.conv.network import BATCH, EPOCHS, FILTERS, KERNEL, RATE, SIDE, STRIDE, UNITS, Parameters
from benchmarks.data import CLASSES, Array, Data
from layerkit import Adam, CosineDecay, CrossEntropy, Dense, Flatten, ReLU, Sequential, Trainer

_PATHS = {"conv0": "0", "conv1": "1", "dense0": "3", "dense1": "4"}


@final
class LayerkitConv:
    """The network, and a Trainer for it."""

    def __init__(self, data: Data, parameters: Parameters, threads: int, *, engine: Any = None) -> None:
        self._engine = engine
        self._x, self._labels = _images(data.x), data.labels.astype("int64")
        self._model = Sequential(
            [
                *(Conv2D(filters, KERNEL, stride=STRIDE, activation=ReLU()) for filters in FILTERS),
                Flatten(),
                Dense(UNITS, activation=ReLU()),
                Dense(CLASSES),
            ]
        ).initialize((SIDE, SIDE, 1))
        for name, values in parameters.items():
            self._model.parameters[_path(name)][...] = values

    def steps(self, rows: Array) -> float:
        """Train on the batches ``rows``, at a constant rate; returns the mean cost."""
        trainer = Trainer(self._model, cost=CrossEntropy(), optimizer=Adam(RATE), engine=self._engine, seed=0)
        chosen = rows.ravel()
        history = trainer.fit((self._x[chosen], self._labels[chosen]), epochs=1, batch_size=BATCH, shuffle=False)
        return float(history["cost"][-1])

    def train(self, seed: int) -> None:
        """Train as the example does."""
        optimizer = Adam(CosineDecay(RATE, length=EPOCHS))
        trainer = Trainer(self._model, cost=CrossEntropy(), optimizer=optimizer, engine=self._engine, seed=seed)
        trainer.fit((self._x, self._labels), epochs=EPOCHS, batch_size=BATCH)

    def parameters(self) -> Parameters:
        """The present parameters, in the order of axes that they came in."""
        values = self._model.parameters
        return {
            f"{name}.{kind}": np.array(values[f"{place}.{kind}"]) for name, place in _PATHS.items() for kind in _KINDS
        }

    def predict(self, x: Array) -> Array:
        """The classes of these examples."""
        return self._model.predict(_images(x)).argmax(axis=1)


def compiled(data: Data, parameters: Parameters, threads: int) -> LayerkitConv:
    """The same under the compiled engine."""
    from layerkit_numba import NumbaEngine

    return LayerkitConv(data, parameters, threads, engine=NumbaEngine())


_KINDS = ("weight", "bias")


def _path(name: str) -> str:
    layer, kind = name.split(".")
    return f"{_PATHS[layer]}.{kind}"


def _images(x: Array) -> Array:
    return x.reshape(-1, SIDE, SIDE, 1)
