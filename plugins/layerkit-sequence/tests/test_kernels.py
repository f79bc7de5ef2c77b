"""Every layer's kernel for the compiled engine does what the layer does."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from layerkit_sequence import (
    GRU,
    LSTM,
    GatedLinearUnit,
    Last,
    MeanOverTime,
    MultiHeadCrossAttention,
    MultiHeadSelfAttention,
    PositionalEncoding,
    SimpleRNN,
    TransformerBlock,
)
from layerkit_sequence.hooks import layerkit_layers

from layerkit import (
    Activation,
    Context,
    CrossEntropy,
    Dense,
    Dropout,
    Embedding,
    GradientDescent,
    Identity,
    NumpyEngine,
    Quadratic,
    ReLU,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.types import Array

check_kernel = pytest.importorskip("layerkit_numba.testing").check_kernel

# in one dtype, and sizes that are computed in the same blocks: so few functions are compiled
QUICK = ["values", "gradients", "short-batches", "fresh-memory", "reads-what-it-declares", "masks", "in-pieces"]

CASES: list[tuple[Any, dict[str, Any], Any]] = [
    (SimpleRNN, {"units": 9}, (4, 10)),
    (SimpleRNN, {"units": 9, "return_sequences": False, "reverse": True}, (1, 10)),
    (Last, {}, (4, 10)),
    (MeanOverTime, {}, (4, 10)),
    (PositionalEncoding, {}, (4, 9)),
    (MultiHeadSelfAttention, {"heads": 2}, (4, 24)),
    (MultiHeadSelfAttention, {"heads": 1, "causal": True}, (27, 24)),
    (MultiHeadCrossAttention, {"heads": 2}, ((4, 24), (4, 9))),
]

MORE: list[tuple[Any, dict[str, Any], Any]] = [
    (LSTM, {"units": 9}, (4, 10)),
    (LSTM, {"units": 9, "return_sequences": False, "reverse": True}, (3, 10)),
    (LSTM, {"units": 3}, (5, 2)),
    (LSTM, {"units": 40, "reverse": True}, (3, 700)),
    (GRU, {"units": 9}, (4, 10)),
    (GRU, {"units": 9, "return_sequences": False, "reverse": True}, (3, 10)),
    (GRU, {"units": 40, "reverse": True}, (3, 70)),
    (SimpleRNN, {"units": 3, "activation": ReLU()}, (5, 2)),
    (SimpleRNN, {"units": 40, "reverse": True, "activation": Identity()}, (3, 70)),
    (PositionalEncoding, {"base": 7.0}, (1, 2)),
    (GatedLinearUnit, {"units": 9}, (4, 10)),
    (GatedLinearUnit, {"units": 2, "activation": Tanh(), "use_bias": False}, (3, 4)),
    (MultiHeadSelfAttention, {"heads": 3}, (1, 3)),
    (MultiHeadSelfAttention, {"heads": 1, "causal": True}, (60, 40)),
    (MultiHeadCrossAttention, {"heads": 2}, ((30, 4), (5, 3))),
    (TransformerBlock, {"features": 8, "heads": 2, "hidden": 9, "activation": Tanh()}, (4, 8)),
    (TransformerBlock, {"features": 8, "heads": 1, "causal": True, "dropout": 0.2}, (4, 8)),
]


def named(case: tuple[Any, dict[str, Any], Any]) -> str:
    layer, arguments, shape = case
    return f"{layer.__name__}-{arguments}-{shape}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_kernel_does_what_its_layer_does(case: Any) -> None:
    layer, arguments, shape = case
    report = check_kernel(layer, arguments=arguments, input_shapes=[shape], checks=QUICK)
    assert report.ok, report
    assert {"values", "gradients", "short-batches", "masks", "in-pieces"} <= set(report.ran)


@pytest.mark.thorough
@pytest.mark.parametrize("case", CASES + MORE, ids=named)
def test_a_kernel_does_so_in_all_that_is_checked(case: Any) -> None:
    layer, arguments, shape = case
    report = check_kernel(layer, arguments=arguments, input_shapes=[shape])
    assert report.ok, report
    assert {"in-float32", "in-pieces"} <= set(report.ran)


def test_every_layer_is_tried() -> None:
    brought = {component.name: component.target.partition(":") for component in layerkit_layers()}
    own = {name for module, _, name in brought.values() if module.startswith("layerkit_sequence.")}
    assert {layer.__name__ for layer, _, _ in CASES + MORE} == own


def trained(engine: Any, mask: Array) -> Array:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 7, (70, 6)), rng.integers(0, 3, 70)
    layers = [Embedding(7, 5), LSTM(8), Dropout(0.2), GRU(6, reverse=True), SimpleRNN(4, return_sequences=False)]
    model = Sequential([*layers, Dense(3)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
    trainer.fit((x, y), mask=mask, epochs=2, batch_size=32)
    return model.structure.parameters.copy()


@pytest.mark.thorough
def test_a_network_learns_the_same_under_both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerkit_numba import NumbaEngine

    def refuse(*_: object) -> None:
        raise AssertionError("a piece was not finite, and was run again by the numpy engine")

    monkeypatch.setattr("layerkit_numba.run.NumpyEngine", refuse)

    mask = np.arange(6) < np.random.default_rng(1).integers(0, 7, (70, 1))
    np.testing.assert_allclose(trained(NumbaEngine(), mask), trained(None, mask), rtol=0, atol=2e-5)


class Halved(Activation):
    """z / 2, with a kernel that is no function of one number."""

    elementwise = True

    def forward(self, x: Array, ctx: Context) -> Array:
        return x / 2

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad / 2

    def derivative(self, z: Array) -> Array:
        return np.full_like(z, 0.5)


def test_a_layer_whose_activation_s_kernel_is_no_function_of_a_number_runs_in_numpy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from layerkit_numba import LayerKernel, NumbaEngine, kernel

    kernel(Halved)(lambda part: LayerKernel(masks="ignored"))
    found = []
    for engine in (NumbaEngine(), NumpyEngine()):
        model = Sequential([SimpleRNN(2, activation=Halved())])
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
        trainer.fit((np.ones((4, 3, 1)), np.ones((4, 3, 2))), epochs=3)
        found.append(model.structure.parameters.copy())
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-6)
    assert "layer 0 (SimpleRNN)" in caplog.text


def test_layers_import_nothing_of_the_engine() -> None:
    program = (
        "import sys, numpy as np; from layerkit import Sequential; from layerkit_sequence import GRU; "
        "Sequential([GRU(2)]).initialize((5, 3)).predict(np.zeros((1, 5, 3))); "
        "print(any(name.startswith(('layerkit_numba', 'numba', 'layerkit_sequence.numba')) for name in sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False"]
