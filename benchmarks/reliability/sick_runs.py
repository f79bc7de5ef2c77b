"""Trainings that do not learn, each for one known reason, with what would cure it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, final

import numpy as np

from benchmarks.reliability.observed_run import ObservedRun
from layerkit import (
    Activation,
    Adam,
    BatchNormalization,
    ClipNorm,
    Constant,
    Cost,
    CrossEntropy,
    Dense,
    GradientDescent,
    He,
    Layer,
    LayerNormalization,
    Normal,
    Optimizer,
    Quadratic,
    ReLU,
    Rescale,
    RMSProp,
    Sigmoid,
    Softmax,
    Tanh,
    Zeros,
)
from layerkit.interfaces.context import Context
from layerkit.types import Array, Shape

Pair: TypeAlias = tuple[ObservedRun, ObservedRun]
"""A training that does not learn, and the same one cured."""


@final
class Forgetful(Layer):
    """A layer of somebody's own whose backward pass gives nothing back."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.zeros_like(grad)


def sick_run(number: int, seed: int) -> Pair:
    """The kinds in turn, so that each occurs as often; the details are drawn."""
    kind = KINDS[number % len(KINDS)]
    return kind(random.Random(1000 * seed + number), 1000 * seed + number)


def _blobs(seed: int, *, classes: int = 4, features: int = 8, rows: int = 400, distance: float = 2.0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, rows)
    x = distance * rng.normal(size=(classes, features))[y] + rng.normal(size=(rows, features))
    return {"x": x.astype(np.float32), "y": y, "seed": seed, "epochs": 12, "batch_size": 16}


def _hidden(chance: random.Random, count: int = 1, **arguments: Any) -> list[Layer]:
    activation: Callable[[], Activation] = chance.choice([Sigmoid, Tanh, ReLU])
    return [Dense(chance.choice([10, 30]), activation=activation(), **arguments) for _ in range(count)]


def _run(kind: str, layers: Sequence[Layer], cost: Cost, rate: Any, data: dict[str, Any], **more: Any) -> ObservedRun:
    optimizer = rate if not isinstance(rate, float) else GradientDescent(rate)
    return ObservedRun(kind=kind, layers=layers, cost=cost, optimizer=optimizer, **{**data, **more})


def _activation_under_logits(chance: random.Random, seed: int) -> Pair:
    activation: Callable[[], Activation] = chance.choice([Softmax, Sigmoid, ReLU])
    data, hidden = _blobs(seed, classes=10, distance=4.0), _hidden(chance)
    sick = _run("an activation under logits", [*hidden, Dense(10, activation=activation())], CrossEntropy(), 0.1, data)
    cured = replace(sick, layers=[*_copies(hidden), Dense(10)])
    return replace(sick, expected=("output-activation",)), cured


def _targets_out_of_reach(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, rows=300)
    rng = np.random.default_rng(seed)
    data["y"] = 20 + 10 * np.tanh(data["x"] @ rng.normal(size=(8, 1)))
    data["x"] = data["x"] / 4
    activation: Callable[[], Activation] = chance.choice([Sigmoid, Tanh])
    hidden = [Dense(20, activation=Tanh())]
    sick = _run("targets out of reach", [*hidden, Dense(1, activation=activation())], Quadratic(), 0.01, data)
    cured = replace(sick, layers=[*_copies(hidden), Dense(1)])
    return replace(sick, expected=("unreachable-targets",)), cured


def _bytes(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, features=64, distance=0.6)
    x = data["x"]
    data["x"] = np.clip(128 + 40 * x, 0, 255).astype(chance.choice([np.uint8, np.float32])).round()
    hidden = [Dense(30, activation=chance.choice([Sigmoid, Tanh])())]
    sick = _run("bytes", [*hidden, Dense(4)], CrossEntropy(), 0.3, data)
    cured = replace(sick, layers=[Rescale(1 / 64, offset=-2.0), *_copies(hidden), Dense(4)])
    return replace(sick, expected=("scale",)), cured


def _thousands(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, distance=1.2)
    data["x"] = data["x"] * 1000 + chance.choice([3000, 10000])
    hidden = [Dense(20, activation=chance.choice([Sigmoid, Tanh])())]
    sick = _run("features in thousands", [*hidden, Dense(4)], CrossEntropy(), 0.3, data)
    cured = replace(sick, layers=[BatchNormalization(), *_copies(hidden), Dense(4)])
    return replace(sick, expected=("scale",)), cured


def _sorted(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, rows=800, classes=6, distance=1.0)
    order = np.argsort(data["y"], kind="stable")
    data |= {"x": data["x"][order], "y": data["y"][order], "batch_size": 4}
    sick = _run("sorted rows", [*_hidden(chance), Dense(6)], CrossEntropy(), 0.3, data, shuffle=False)
    return replace(sick, expected=("sorted",)), replace(sick, layers=_copies(sick.layers), shuffle=True)


def _frozen(chance: random.Random, seed: int) -> Pair:
    layers = [*_hidden(chance), Dense(4)]
    sick = _run("all frozen", [layer.freeze() for layer in layers], CrossEntropy(), 0.1, _blobs(seed))
    return replace(sick, expected=("frozen",)), replace(sick, layers=[layer.unfreeze() for layer in _copies(layers)])


def _saturated(chance: random.Random, seed: int) -> Pair:
    activation: Callable[[], Activation] = chance.choice([Sigmoid, Tanh])
    wide = Normal(300.0)
    layers = [Dense(20, activation=activation(), initializer=wide) for _ in range(chance.choice([1, 2]))]
    data = _blobs(seed, distance=0.7)
    sick = _run(
        "large first values", [*layers, Dense(4, activation=Sigmoid(), initializer=wide)], Quadratic(), 0.3, data
    )
    cured = [Dense(20, activation=activation()), Dense(4, activation=Sigmoid())]
    return replace(sick, expected=("saturated",), layer=("layer 0.function",)), replace(sick, layers=cured)


def _too_fast(chance: random.Random, seed: int) -> Pair:
    width = chance.choice([256, 512])
    layers: list[Layer] = [Dense(width, activation=Sigmoid()), Dense(10, activation=Sigmoid())]
    data = _blobs(seed, classes=10, features=200, distance=0.5)
    sick = _run("a rate too high", layers, Quadratic(), chance.choice([100.0, 300.0]), data)
    cured = replace(sick, layers=_copies(layers), optimizer=GradientDescent(0.3))
    return replace(sick, expected=("high-rate",), layer=("layer 0.function", "layer 1.function")), cured


def _dead_from_the_start(chance: random.Random, seed: int) -> Pair:
    low = Constant(-chance.choice([30.0, 100.0]))
    layers = [Dense(20, activation=ReLU(), initializer=He(), bias_initializer=low), Dense(4)]
    sick = _run("dead from the start", layers, CrossEntropy(), 0.1, _blobs(seed, distance=1.0))
    cured = replace(sick, layers=[Dense(20, activation=ReLU(), initializer=He()), Dense(4)])
    return replace(sick, expected=("dead",), layer=("layer 0.function",)), cured


def _killed(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, distance=1.0)
    data["y"] = np.eye(4)[data["y"]] + 3
    layers: list[Layer] = [Dense(30, activation=ReLU()), Dense(30, activation=ReLU()), Dense(4, activation=ReLU())]
    sick = _run("killed by the rate", layers, Quadratic(), chance.choice([0.2, 0.3]), data)
    cured = replace(sick, layers=[*_copies(layers[:2]), Dense(4)], optimizer=Adam(3e-3), epochs=40)
    return replace(sick, expected=("dead",), layer=("layer 0.f", "layer 1.f", "layer 2.f")), cured


def _nothing_back(chance: random.Random, seed: int) -> Pair:
    last: list[Layer] = [Dense(2, activation=Tanh(), initializer=Normal(0.1)), Dense(4, initializer=Normal(0.1))]
    data = _blobs(seed, distance=0.7)
    sick = _run("a backward pass without result", [Dense(20), Forgetful(), *last], CrossEntropy(), 1e-3, data)
    cured = replace(sick, layers=[Dense(20), *_copies(last)], optimizer=GradientDescent(0.1))
    return replace(sick, expected=("no-gradient",), layer=("layer 0",)), cured


def _zeros(chance: random.Random, seed: int) -> Pair:
    activation: Callable[[], Activation] = chance.choice([Tanh, ReLU])
    layers: list[Layer] = [Dense(20, activation=activation(), initializer=Zeros()), Dense(4, initializer=Zeros())]
    sick = _run("first values of zero", layers, CrossEntropy(), 0.1, _blobs(seed, distance=1.0))
    cured = replace(sick, layers=[Dense(20, activation=activation()), Dense(4)])
    # a ReLU at 0 is dead, and that is why there is no gradient
    expected = ("no-gradient",) if activation is Tanh else ("no-gradient", "dead")
    return replace(sick, expected=expected, layer=("layer 0",)), cured


def _vanishing(chance: random.Random, seed: int) -> Pair:
    depth = chance.choice([10, 14])
    layers: list[Layer] = [*(Dense(20, activation=Sigmoid()) for _ in range(depth)), Dense(4)]
    sick = _run("deep and sigmoid", layers, CrossEntropy(), 0.1, _blobs(seed))
    cured = [*(Dense(20, activation=Tanh()) for _ in range(depth)), Dense(4)]
    return replace(sick, expected=("vanishing",), layer=("layer 0",)), replace(sick, layers=cured)


def _exploding(chance: random.Random, seed: int) -> Pair:
    depth = chance.choice([8, 12])
    wild = Normal(chance.choice([2.0, 3.0]))
    layers: list[Layer] = [*(Dense(20, activation=ReLU(), initializer=wild) for _ in range(depth)), Dense(4)]
    data = _blobs(seed)
    sick = _run("wild first values", layers, Quadratic(), 0.01, data, transforms=[ClipNorm(1.0)])
    cured = [*(Dense(20, activation=ReLU(), initializer=He()) for _ in range(depth)), Dense(4)]
    better = replace(sick, layers=cured, optimizer=GradientDescent(0.03))
    return replace(sick, expected=("exploding",), layer=("layer 0", "layer 1 ")), better


def _normalized_too_slowly(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, rows=200) | {"epochs": 6}
    data["x"] = 3 * data["x"] + 20
    layers: list[Layer] = [BatchNormalization(momentum=chance.choice([0.999, 0.9999])), Dense(20, activation=Tanh())]
    sick = _run("slow running means", [*layers, Dense(4)], CrossEntropy(), 0.3, data)
    cured = [BatchNormalization(momentum=0.9), Dense(20, activation=Tanh()), Dense(4)]
    return replace(sick, expected=("batch-normalization",), layer=("layer 0",)), replace(sick, layers=cured)


def _alike(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed)
    features = data["x"]
    data["x"] = (1 + 1e-5 * features).astype(np.float32)
    layers = [Dense(20, activation=chance.choice([Tanh, ReLU])()), Dense(4)]
    sick = _run("features that hardly differ", layers, CrossEntropy(), 0.1, data)
    cured = replace(sick, layers=_copies(layers), x=features, optimizer=GradientDescent(0.1))
    return replace(sick, expected=("constant",)), cured


def _too_slow(chance: random.Random, seed: int) -> Pair:
    layers = [*_hidden(chance), Dense(4)]
    sick = _run("a rate too low", layers, CrossEntropy(), chance.choice([1e-6, 1e-8]), _blobs(seed))
    cured = replace(sick, layers=_copies(layers), optimizer=GradientDescent(0.1))
    return replace(sick, expected=("flat",)), cured


def _one_output(chance: random.Random, seed: int) -> Pair:
    data, hidden = _blobs(seed, classes=2), _hidden(chance)
    constant: list[list[Layer]] = [
        [Dense(1, activation=Softmax())],
        [Dense(1), LayerNormalization(), Dense(1, activation=Sigmoid())],
    ]
    sick = _run("the same whatever the input", [*hidden, *chance.choice(constant)], Quadratic(), 0.3, data)
    cured = replace(sick, layers=[*_copies(hidden), Dense(1, activation=Sigmoid())], epochs=30)
    return replace(sick, expected=("constant-output",)), cured


def _far_targets(chance: random.Random, seed: int) -> Pair:
    data = _blobs(seed, rows=300)
    rng = np.random.default_rng(seed)
    shape = np.tanh(data["x"] @ rng.normal(size=(8, 1)) / 4)
    size = chance.choice([1e4, 3e5, 1e7])
    data["x"], data["epochs"] = data["x"] / 4, 30
    optimizer: Optimizer = chance.choice([Adam(3e-3), RMSProp(1e-3), GradientDescent(0.01)])
    hidden = [Dense(20, activation=Tanh())]
    sick = _run("targets far from 1", [*hidden, Dense(1)], Quadratic(), optimizer, data, y=size * (5 + shape))
    cured = replace(sick, layers=[*_copies(hidden), Dense(1)], optimizer=Adam(1e-2), standardize_targets=True)
    return replace(sick, expected=("target-scale",)), cured


def _copies(layers: Sequence[Layer]) -> list[Layer]:
    return [layer.copy() for layer in layers]


KINDS: tuple[Callable[[random.Random, int], Pair], ...] = (
    _activation_under_logits,
    _targets_out_of_reach,
    _bytes,
    _thousands,
    _sorted,
    _frozen,
    _saturated,
    _too_fast,
    _dead_from_the_start,
    _killed,
    _nothing_back,
    _zeros,
    _vanishing,
    _exploding,
    _normalized_too_slowly,
    _alike,
    _too_slow,
    _one_output,
    _far_targets,
)
