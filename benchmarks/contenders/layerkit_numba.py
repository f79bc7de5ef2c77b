"""layerkit with its compiled engine, from the package layerkit-numba."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contender import Problem
from benchmarks.contenders.layerkit_numpy import LayerkitContender
from benchmarks.data import Array
from layerkit import Engine, Rescale
from layerkit.models.predictor import Predictor


class LayerkitNumba(LayerkitContender):
    """The engine ``numba/jit``, whose predictions are a predictor's, made for so many rows."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._predictors: dict[int, Predictor] = {}

    def engine(self) -> Engine:
        from layerkit_numba import NumbaEngine

        engine: Engine = NumbaEngine()
        return engine

    def predict(self, x: Array) -> Array:
        if len(x) not in self._predictors:
            self._predictors[len(x)] = self._model.predictor(len(x), engine=self.engine())
        return self._predictors[len(x)].predict(x)


class LayerkitNumbaBytes(LayerkitNumba):
    """The same on images as they come, a byte a pixel, which the network's first layer scales to the same numbers."""

    front = (Rescale,)

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._images = _as_bytes(problem.data.x)

    def inputs(self, x: Array) -> Array:
        return _as_bytes(x)

    def _fit(self, x: Array, y: Array, **arguments: Any) -> list[dict[str, Any]]:
        return super()._fit(self._images if x is self.problem.data.x else _as_bytes(x), y, **arguments)


def _as_bytes(x: Array) -> Array:
    """What ``x`` was before it was divided by 255."""
    return np.rint(x * np.float32(255)).astype(np.uint8)
