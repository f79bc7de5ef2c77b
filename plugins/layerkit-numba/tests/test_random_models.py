"""Models that are drawn have the same bits on any number of threads."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    Adam,
    BatchNormalization,
    BinaryCrossEntropy,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dense,
    Dropout,
    GradientDescent,
    L2Penalty,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    WeightDecay,
)

COUNTS = (1, 2, 3, 4)


class Drawn:
    """A model, data and a way to train, drawn by a number."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = np.random.default_rng([seed, 13])
        self.seed = seed
        self.dtype = "float32" if rng.random() < 0.8 else "float64"
        self.features = int(rng.choice([8, 30, 100]))
        self.outputs = int(rng.choice([3, 16]))
        self.batch = int(rng.choice([1, 7, 24, 50]))
        rows = self.batch * 3 + int(rng.integers(0, 5))
        self.x: Any = rng.standard_normal((rows, self.features)).astype(np.float32)
        if rng.random() < 0.5:
            self.x = rng.integers(0, 256, self.x.shape, np.uint8)
        if rng.random() < 0.5:
            self.x[:, rng.random(self.features) < 0.4] = 0
        self.y = rng.integers(0, self.outputs, rows)
        self.plan = [self._layer() for _ in range(rng.integers(0, 4))]
        self.accumulate = int(rng.choice([1, 1, 1, 2]))
        self.weights = rng.random(rows) if rng.random() < 0.2 else None
        self.optimizer = self._one_of(
            lambda: GradientDescent(0.1),
            lambda: GradientDescent(0.1),
            lambda: GradientDescent(0.05, momentum=0.9),
            lambda: GradientDescent(0.05, momentum=0.8, nesterov=True),
            lambda: Adam(0.01),
        )
        transforms = (lambda: ClipNorm(0.5), lambda: ClipValue(0.01), lambda: L2Penalty(0.1), lambda: WeightDecay(0.1))
        self.transforms = [self._one_of(*transforms)] if rng.random() < 0.3 else []
        self.cost = self._one_of(CrossEntropy, Quadratic, BinaryCrossEntropy)

    def _one_of(self, *choices: Callable[[], Any]) -> Callable[[], Any]:
        return choices[int(self.rng.integers(len(choices)))]

    def _layer(self) -> Callable[[], list[Any]]:
        units = int(self.rng.choice([5, 16, 33, 64, 130]))
        activation = self._one_of(Sigmoid, Tanh, ReLU, Softmax)
        biased = bool(self.rng.random() < 0.8)
        same = lambda: Residual(Dense(units, activation=activation()))  # noqa: E731
        more = self._one_of(lambda: None, lambda: None, lambda: Dropout(0.3), BatchNormalization, same)

        def make() -> list[Any]:
            extra = more()
            dense = Dense(units, activation=activation(), use_bias=biased)
            return [dense] if extra is None else [dense, extra]

        return make

    def train(self, threads: int) -> tuple[bytes, list[Any]]:
        front = [Rescale()] if self.x.dtype == np.uint8 else []
        layers = [layer for make in self.plan for layer in make()]
        model = Sequential([*front, *layers, Dense(self.outputs)])
        model.initialize(self.features, seed=self.seed, dtype=self.dtype)
        parts: dict[str, Any] = {"cost": self.cost(), "optimizer": self.optimizer()}
        parts["transforms"] = [make() for make in self.transforms]
        trainer = Trainer(model, engine=NumbaEngine(threads=threads), seed=2, **parts)
        data = (self.x, self.y) if self.weights is None else (self.x, self.y, self.weights)
        with warnings.catch_warnings():
            # such as of batches of one row, which are drawn too
            warnings.simplefilter("ignore")
            history = trainer.fit(data, epochs=2, batch_size=self.batch, accumulate=self.accumulate)
        structure = model.structure
        return structure.parameters.tobytes() + structure.states.tobytes(), history["cost"]


def require_same_bits(seed: int) -> None:
    one, *others = (Drawn(seed).train(threads) for threads in COUNTS)
    for threads, other in zip(COUNTS[1:], others, strict=True):
        assert other == one, f"model {seed}: {threads} threads differ from one"


QUICKLY = 2
MODELS = int(os.environ.get("LAYERKIT_RANDOM_MODELS", "12"))
"""How many are tried at length: a model takes some seconds, most of which are compiling."""


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.thorough] * (seed >= QUICKLY)) for seed in range(MODELS)]
)
@pytest.mark.usefixtures("everything_cut")
def test_random_models_have_the_same_bits_on_any_number_of_threads(seed: int) -> None:
    require_same_bits(seed)
