"""Every layer's kernel for the compiled engine does what the layer does."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import layerkit_conv
import numpy as np
import pytest
from layerkit_conv import (
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    ConvTranspose2D,
    Cropping,
    DepthwiseConv2D,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    SeparableConv2D,
    UpSampling,
    ZeroPadding,
)

from layerkit import CrossEntropy, Dense, Flatten, GradientDescent, ReLU, Sequential, Tanh, Trainer
from layerkit.types import Array

check_kernel = pytest.importorskip("layerkit_numba.testing").check_kernel

CASES: list[tuple[Any, dict[str, Any], tuple[int, ...]]] = [
    (Conv2D, {"filters": 3, "kernel_size": 3, "padding": "same", "activation": ReLU()}, (5, 7, 2)),
    (Conv2D, {"filters": 4, "kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "dilation": (1, 2)}, (6, 5, 3)),
    (Conv2D, {"filters": 4, "kernel_size": 2, "stride": (1, 3), "dilation": (3, 2), "use_bias": False}, (7, 8, 1)),
    (Conv2D, {"filters": 4, "kernel_size": 2, "groups": 2, "padding": ((2, 0), (0, 1))}, (4, 3, 4)),
    (Conv2D, {"filters": 4, "kernel_size": 1, "stride": 2}, (5, 5, 3)),
    (Conv2D, {"filters": 4, "kernel_size": 2, "groups": 2, "activation": Tanh()}, (4, 3, 2)),
    (Conv2D, {"filters": 4, "kernel_size": 5, "stride": 2, "groups": 2}, (9, 8, 4)),
    (Conv2D, {"filters": 4, "kernel_size": 3, "stride": 3, "dilation": 2}, (9, 8, 1)),
    (ConvTranspose2D, {"filters": 4, "kernel_size": 4, "stride": 2}, (2, 3, 3)),
    (ConvTranspose2D, {"filters": 3, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, (3, 4, 2)),
    (ConvTranspose2D, {"filters": 4, "kernel_size": 2, "stride": 3, "groups": 2, "activation": ReLU()}, (3, 2, 4)),
    (ConvTranspose2D, {"filters": 2, "kernel_size": 3, "padding": "same", "groups": 2, "dilation": 2}, (4, 3, 2)),
    (DepthwiseConv2D, {"kernel_size": 3, "depth_multiplier": 2, "stride": 2, "padding": 1}, (5, 4, 3)),
    (DepthwiseConv2D, {"kernel_size": (2, 3), "dilation": (2, 1), "activation": Tanh()}, (5, 4, 3)),
    (SeparableConv2D, {"filters": 3, "kernel_size": 2, "depth_multiplier": 2, "padding": "same"}, (4, 3, 2)),
    (Conv1D, {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation": 2, "activation": Tanh()}, (6, 2)),
    (Conv1D, {"filters": 4, "kernel_size": 2, "padding": "same", "groups": 2}, (5, 2)),
    (Conv1D, {"filters": 3, "kernel_size": 3, "stride": 2, "padding": (1, 0)}, (6, 2)),
    (MaxPool2D, {}, (5, 6, 3)),
    (MaxPool2D, {"pool_size": 3, "stride": 2, "padding": "same"}, (6, 5, 2)),
    (AveragePool2D, {"pool_size": (3, 2), "stride": 2, "padding": "same", "count_include_pad": False}, (6, 5, 2)),
    (AveragePool2D, {"pool_size": 2, "stride": 1, "padding": 1}, (4, 5, 2)),
    (GlobalMaxPool2D, {}, (4, 3, 2)),
    (GlobalAveragePool2D, {}, (4, 3, 2)),
    (MaxPool1D, {"pool_size": 3, "stride": 2, "padding": "same"}, (6, 2)),
    (AveragePool1D, {"pool_size": 3, "stride": 2, "padding": (1, 0), "count_include_pad": False}, (6, 2)),
    (ZeroPadding, {"padding": ((0, 2), 1)}, (3, 4, 2)),
    (ZeroPadding, {}, (2, 3, 2, 2, 1)),
    (Cropping, {"cropping": ((0, 2), 1)}, (3, 4, 2)),
    (Cropping, {}, (5, 2)),
    (UpSampling, {"size": (1, 3)}, (3, 2, 2)),
    (UpSampling, {}, (4, 2)),
]


@pytest.mark.parametrize(
    ("layer", "arguments", "shape"), CASES, ids=[f"{layer.__name__}-{arguments}" for layer, arguments, _ in CASES]
)
def test_a_kernel_does_what_its_layer_does(layer: Any, arguments: dict[str, Any], shape: tuple[int, ...]) -> None:
    report = check_kernel(layer, arguments=arguments, input_shapes=[shape])
    assert report.ok, report
    assert {"gradients", "in-float32", "short-batches", "in-pieces"} <= set(report.ran)


def test_every_layer_is_tried() -> None:
    assert {layer.__name__ for layer, _, _ in CASES} == set(layerkit_conv.__all__)


def test_a_mask_is_heeded_over_time_and_refused_by_pools() -> None:
    arguments = {"filters": 4, "kernel_size": 3, "padding": "causal", "activation": Tanh()}
    assert "masks" in check_kernel(Conv1D, arguments=arguments, input_shapes=[(6, 2)]).ran
    skipped = {note.check for note in check_kernel(MaxPool1D, input_shapes=[(6, 2)]).skipped}
    assert "masks" in skipped


def test_several_panels_and_images_at_once() -> None:
    """More filters than a panel has, a window of more numbers than are used at once, and small images."""
    arguments = {"filters": 15, "kernel_size": 3, "padding": 1}
    report = check_kernel(Conv2D, arguments=arguments, input_shapes=[(3, 3, 80)], checks=["gradients", "in-pieces"])
    assert report.ok, report


def test_windows_scatter_where_that_is_less_work() -> None:
    from layerkit_conv.numba_kernels.spreading import Spreading
    from layerkit_conv.windows import Windows

    def scatters(kernel: int, stride: int, side: int, padding: int = 0) -> bool:
        windows = Windows((kernel, kernel), (stride, stride), padding=((padding, padding), (padding, padding)))
        return Spreading(windows.on(side, side), 24, 48, 1).scatters

    assert scatters(kernel=5, stride=2, side=12)
    assert not scatters(kernel=5, stride=2, side=12, padding=2)
    assert not scatters(kernel=3, stride=1, side=28)


def trained(engine: Any) -> Array:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 256, (70, 8, 8, 1), np.uint8) / np.float32(255), rng.integers(0, 3, 70)
    model = Sequential(
        [
            Conv2D(4, 3, activation=ReLU()),
            MaxPool2D(2),
            Conv2D(4, 3, padding="same", activation=ReLU()),
            Flatten(),
            Dense(3),
        ]
    )
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
    trainer.fit((x, y), epochs=2, batch_size=32)
    return model.structure.parameters.copy()


def test_a_network_learns_the_same_under_both_engines() -> None:
    from layerkit_numba import NumbaEngine

    np.testing.assert_allclose(trained(NumbaEngine()), trained(None), rtol=0, atol=2e-5)


def test_layers_import_nothing_of_the_engine() -> None:
    program = (
        "import sys, numpy as np; from layerkit import Sequential; from layerkit_conv import Conv2D; "
        "Sequential([Conv2D(2, 3)]).initialize((5, 5, 1)).predict(np.zeros((1, 5, 5, 1))); "
        "print(any(name.startswith(('layerkit_numba', 'numba', 'layerkit_conv.numba')) for name in sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False"]
