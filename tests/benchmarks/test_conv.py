"""The convolutional benchmark trains the network of the example that it is named after."""

from __future__ import annotations

from io import StringIO
from typing import Any

import numpy as np
import pytest

from benchmarks.conv import network
from benchmarks.data import Data
from benchmarks.parts import conv
from layerkit.experiments import Experiment, find

pytest.importorskip("layerkit_conv")


def data(rows: int = 192) -> Data:
    rng = np.random.default_rng(0)
    x, labels = rng.random((rows, 784)).astype("float32"), rng.integers(0, 10, rows)
    return Data(x, np.eye(10, dtype="float32")[labels], labels, x, labels)


def contender(seed: int = 0) -> Any:
    from benchmarks.conv.layerkit_contender import LayerkitConv

    return LayerkitConv(data(), network.initial_parameters(seed), threads=1)


def test_it_is_the_examples_network_and_training() -> None:
    example = find("conv/mnist")
    assert isinstance(example, Experiment)
    assert (example.batch_size, example.epochs) == (network.BATCH, network.EPOCHS)
    assert f"CosineDecay({network.RATE}, length={network.EPOCHS})" in repr(example.optimizer)
    layers = [repr(layer) for layer in example.layers if "Reshape" not in repr(layer) and "Rescale" not in repr(layer)]
    trained = [repr(layer) for layer in contender()._model.layers]
    assert layers == trained


def test_it_begins_where_every_contender_begins_and_learns() -> None:
    rows = network.order(0, 0, 192).reshape(-1, network.BATCH)
    made = contender()
    for name, values in network.initial_parameters(0).items():
        np.testing.assert_array_equal(made.parameters()[name], values)
    first = made.steps(rows)
    assert made.steps(rows) < first
    assert made.predict(data().x_test).shape == (192,)


def test_the_table_shows_what_was_measured_and_what_is_absent() -> None:
    from rich.console import Console

    rows = [
        {
            "threads": 1,
            "contender": "layerkit-conv",
            "seconds": [9.0, 7.0, 8.0],
            "processor_seconds": [5.0],
            "test_accuracy": [0.9912, 0.9917],
            "result": "agrees",
        },
        {"threads": 1, "contender": "torch", "absent": "not installed: torch"},
    ]
    console = Console(width=160, record=True, file=StringIO())
    console.print(conv.table(rows))
    text = console.export_text()
    assert "8.0" in text
    assert "99.12%–99.17%" in text
    assert "absent: not installed: torch" in text
    assert "needs MNIST" in "".join(map(str, [conv.table([]).caption]))
