"""Trainings drawn by chance that learn, for which nobody should be alarmed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from layerkit_conv import Conv2D, GlobalAveragePool2D, MaxPool2D
from layerkit_sequence import GRU, LSTM, Embedding, Last, LayerNormalization, MeanOverTime, SimpleRNN

from benchmarks.reliability.observed_run import ObservedRun
from layerkit import (
    Activation,
    Adam,
    BatchNormalization,
    BinaryCrossEntropy,
    CosineDecay,
    Cost,
    CrossEntropy,
    Dense,
    Digits,
    Dropout,
    Flatten,
    Glorot,
    GradientDescent,
    He,
    Layer,
    Optimizer,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from layerkit.types import Array


def healthy_run(seed: int) -> ObservedRun:
    """A training of one of nine kinds, its details drawn from ``seed``: good practice, but none of it the best."""
    chance = random.Random(seed)
    rng = np.random.default_rng(seed)
    kinds = [_digits, _digits, _images, _regression, _regression, _large, _one, _blobs, _blobs, _xor, _sequences]
    kind: Callable[[random.Random, np.random.Generator, int], ObservedRun] = chance.choice(kinds)
    return kind(chance, rng, seed)


def _digits(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    data = Digits().load("train")
    assert isinstance(data.x, np.ndarray)
    assert data.y is not None
    count = chance.choice([300, 800, len(data)])
    scale: list[Layer] = chance.choice([[Rescale(1 / 16)], [], [BatchNormalization()]])
    layers: list[Layer] = [Flatten(), *scale, *_hidden(chance, chance.choice([0, 1, 1, 2]))]
    output, cost = _output(chance, 10)
    # raw values up to 16 are fine, with a rate to suit them
    optimizer = _optimizer(chance, cost, factor=1.0 if scale else 0.1)
    epochs = chance.choice([10, 20, 40])
    return _run("digits", [*layers, output], cost, optimizer, data.x[:count], data.y[:count], chance, seed, epochs)


def _images(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    data = Digits().load("train")
    assert isinstance(data.x, np.ndarray)
    assert data.y is not None
    x = data.x[:600].reshape(-1, 8, 8, 1)
    activation = chance.choice([ReLU, Tanh])
    norm: list[Layer] = chance.choice([[], [BatchNormalization()]])
    ends: list[list[Layer]] = [[Flatten()], [Conv2D(8, 2, activation=activation()), GlobalAveragePool2D()]]
    layers: list[Layer] = [
        Rescale(1 / 16),
        Conv2D(chance.choice([4, 8]), 3, activation=activation()),
        *norm,
        MaxPool2D(2),
        *chance.choice(ends),
        Dense(10),
    ]
    return _run("conv", layers, CrossEntropy(), Adam(chance.choice([3e-3, 1e-2])), x, data.y[:600], chance, seed, 15)


def _regression(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    rows, features = chance.choice([100, 400, 1500]), chance.choice([1, 3, 10])
    x = rng.normal(size=(rows, features)) * chance.choice([0.3, 1, 3]) + chance.choice([0, 0, 1])
    outputs = chance.choice([1, 1, 3])
    weights = rng.normal(size=(features, outputs))
    functions: list[Callable[[Array], Array]] = [np.tanh, np.sin, np.abs, np.asarray]
    y = chance.choice(functions)(x @ weights) + 0.1 * rng.normal(size=(rows, outputs))
    y = y * chance.choice([1, 1, 5]) + chance.choice([0, 0, 4])
    layers = [*_hidden(chance, chance.choice([0, 1, 2])), Dense(outputs)]
    optimizer = _optimizer(chance, Quadratic(), factor=0.1)
    return _run("regression", layers, Quadratic(), optimizer, x, y, chance, seed, chance.choice([20, 60, 150]))


def _large(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    """Targets far from 1, by ways that cope with them."""
    rows, features = chance.choice([100, 400, 1500]), chance.choice([1, 3, 10])
    x = rng.normal(size=(rows, features))
    shape = np.tanh(x @ rng.normal(size=(features, 1))) + 0.1 * rng.normal(size=(rows, 1))
    y = 10 ** chance.uniform(1, 6) * (shape + chance.choice([0, 1, 5, 20]))
    way = chance.choice(["standardised", "standardised", "linear", "fast"])
    layers = [*_hidden(chance, 0 if way == "linear" else chance.choice([1, 2])), Dense(1)]
    optimizer: Optimizer = GradientDescent(chance.choice([0.01, 0.1]))
    if way != "linear":
        optimizer = Adam(chance.choice([3e-3, 1e-2] if way == "standardised" else [0.1, 1.0]))
    run = _run(
        f"large targets, {way}", layers, Quadratic(), optimizer, x, y, chance, seed, chance.choice([20, 60, 150])
    )
    return replace(run, standardize_targets=way == "standardised")


def _one(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    """One output for two classes, and layers of one feature."""
    x = rng.normal(size=(300, 5))
    y = (x[:, 0] + 0.3 * rng.normal(size=300) > chance.choice([-1, 0, 0.5])).astype(int)
    narrow: list[Layer] = chance.choice([[], [Dense(1), BatchNormalization()], [Dense(1, activation=Tanh())]])
    cost: Cost = chance.choice([Quadratic(), BinaryCrossEntropy()])
    last: Layer = Dense(1) if isinstance(cost, BinaryCrossEntropy) else Dense(1, activation=Sigmoid())
    layers = [*_hidden(chance, chance.choice([0, 1])), *narrow, last]
    return _run("one output", layers, cost, Adam(chance.choice([3e-3, 1e-2])), x, y, chance, seed, 40)


def _blobs(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    classes, features = chance.choice([2, 3, 6]), chance.choice([2, 5, 20])
    y = rng.integers(0, classes, chance.choice([150, 600]))
    x = rng.normal(size=(classes, features))[y] * 2 + rng.normal(size=(len(y), features))
    if chance.random() < 0.3:
        x[:, 0] *= 10
    output, cost = _output(chance, classes)
    layers = [*_hidden(chance, chance.choice([0, 1, 2, 3])), output]
    return _run("blobs", layers, cost, _optimizer(chance, cost), x, y, chance, seed, chance.choice([10, 30, 80]))


def _xor(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([[0], [1], [1], [0]], float)
    activation = chance.choice([Sigmoid, Tanh])
    layers: list[Layer] = [Dense(chance.choice([3, 4, 8]), activation=activation()), Dense(1, activation=Sigmoid())]
    optimizer: Optimizer = chance.choice([GradientDescent(5.0), GradientDescent(1.0, momentum=0.9), Adam(0.05)])
    return _run("xor", layers, Quadratic(), optimizer, x, y, chance, seed, 2000, batch_size=4)


def _sequences(chance: random.Random, rng: np.random.Generator, seed: int) -> ObservedRun:
    y = rng.integers(0, 2, 300)
    if chance.random() < 0.5:
        x: Array = rng.normal(size=(300, 8, 3)) + (y[:, None, None] - 0.5)
        first: list[Layer] = []
    else:
        x = np.where(rng.random((300, 8)) < 0.3, y[:, None], rng.integers(2, 20, (300, 8)))
        first = [Embedding(20, 6)]
    recurrent: Callable[..., Any] = chance.choice([SimpleRNN, GRU, LSTM])
    norm: list[Layer] = chance.choice([[], [LayerNormalization()]])
    last: Layer = chance.choice([Last(), MeanOverTime()])
    layers = [*first, recurrent(8), *norm, last, Dense(2)]
    return _run("sequences", layers, CrossEntropy(), Adam(chance.choice([5e-3, 2e-2])), x, y, chance, seed, 15)


def _hidden(chance: random.Random, count: int) -> list[Layer]:
    activation: Callable[[], Activation] = chance.choice([Sigmoid, Tanh, ReLU])
    initializer = chance.choice([Glorot, He]) if activation is ReLU else Glorot
    between: type[Layer] | None = chance.choice([None, None, Dropout, BatchNormalization])
    width = chance.choice([8, 30, 100])
    layers: list[Layer] = []
    for _ in range(count):
        layers.append(Dense(width, activation=activation(), initializer=initializer()))
        if between is not None:
            layers.append(Dropout(0.2) if between is Dropout else BatchNormalization())
    if count > 1 and chance.random() < 0.2:
        layers.append(Residual(Sequential([Dense(width, activation=activation()), Dense(width)])))
    return layers


def _output(chance: random.Random, classes: int) -> tuple[Layer, Cost]:
    if chance.random() < 0.5:
        return Dense(classes), CrossEntropy()
    activation: Activation = chance.choice([Sigmoid(), Sigmoid(), Softmax()])
    return Dense(classes, activation=activation), Quadratic()


def _optimizer(chance: random.Random, cost: Cost, factor: float = 1.0) -> Optimizer:
    rate = chance.choice([0.03, 0.1, 0.3]) if isinstance(cost, CrossEntropy) else chance.choice([0.3, 1.0, 3.0])
    return chance.choice(
        [
            GradientDescent(rate * factor),
            GradientDescent(rate * factor * 0.2, momentum=0.9),
            GradientDescent(CosineDecay(rate * factor, length=20)),
            Adam(chance.choice([1e-3, 3e-3, 1e-2])),
        ]
    )


def _run(
    kind: str,
    layers: Sequence[Layer],
    cost: Cost,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    chance: random.Random,
    seed: int,
    epochs: int,
    batch_size: int | None = None,
) -> ObservedRun:
    return ObservedRun(
        kind=kind,
        layers=layers,
        cost=cost,
        optimizer=optimizer,
        x=x,
        y=y,
        epochs=epochs,
        batch_size=batch_size or chance.choice([8, 16, 32]),
        seed=seed,
    )
