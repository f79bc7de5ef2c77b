"""layerkit itself, through its public API, with the built-in engine."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable as Function
from typing import Any, final

import numpy as np

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters
from layerkit import (
    Callback,
    Dense,
    Engine,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
)


class LayerkitContender(Contender):
    """A Trainer with the engine that a subclass names; ``front`` are layers before those of the case."""

    front: tuple[type[Layer], ...] = ()

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        case = problem.case
        dense = [Dense(size, activation=Sigmoid()) for size in case.sizes[1:]]
        model = Sequential([*(kind() for kind in self.front), *dense])
        model.initialize(case.sizes[0], seed=0)
        self._model = model
        places = range(len(self.front), len(self.front) + len(dense))
        self._paths = [(f"{place}.weight", f"{place}.bias") for place in places]
        for paths, values in zip(self._paths, problem.initial, strict=True):
            for path, value in zip(paths, values, strict=True):
                model.parameters[path][...] = value
        optimizer = GradientDescent(case.learning_rate)
        self._trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, engine=self.engine(), seed=0)

    @abstractmethod
    def engine(self) -> Engine:
        """The engine that runs the steps."""

    def train(self, rows: Array) -> float:
        data, chosen = self.problem.data, rows.ravel()
        history = self._fit(data.x[chosen], data.y[chosen], epochs=1, shuffle=False)
        return float(history[-1]["cost"]) * rows.size

    def step_seconds(self, shuffled: Function[[int], Array], steps: int) -> float:
        """As layerkit is used: it draws the order itself and gathers each batch, for whole epochs over all the data."""
        data, size = self.problem.data, self.problem.case.batch_size
        an_epoch = len(data.x) // size
        epochs = max(1, round(steps / an_epoch))
        clock = _Clock()
        self._fit(data.x, data.y, epochs=epochs, callbacks=[clock])
        return clock.seconds / (epochs * an_epoch)

    def parameters(self) -> Parameters:
        values = self._model.parameters
        return [(np.array(values[weight]), np.array(values[bias])) for weight, bias in self._paths]

    def predict(self, x: Array) -> Array:
        return self._model.predict(x)

    def _fit(self, x: Array, y: Array, **arguments: Any) -> list[dict[str, Any]]:
        size = self.problem.case.batch_size
        return self._trainer.fit((x, y), batch_size=size, drop_last=True, **arguments).records


@final
class LayerkitNumpy(LayerkitContender):
    """The engine ``numpy``, the default."""

    def engine(self) -> Engine:
        return NumpyEngine()


@final
class _Clock(Callback):
    """Times a fit from its first step to its last, without the checks of the data before."""

    def fit_started(self, fit: Any) -> None:
        self._started = time.perf_counter()

    def fit_ended(self, fit: Any) -> None:
        self.seconds = time.perf_counter() - self._started
