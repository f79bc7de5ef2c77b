"""The package as layerkit finds it: names, nothing imported for a listing, files, the example."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import layerkit_conv
import numpy as np
import pytest
from layerkit_conv import Conv2D, ConvTranspose2D, GlobalAveragePool2D, MaxPool2D
from layerkit_conv.examples import MNIST

import layerkit
from layerkit import Accuracy, Adam, CrossEntropy, Dense, Flatten, ReLU, Sequential, Trainer
from layerkit.plugin import default_host


def test_every_layer_has_its_name() -> None:
    entries = [entry for entry in default_host().components("layers") if entry.short_name.startswith("conv/")]
    loaded = {default_host().load("layers", entry.short_name).__name__ for entry in entries}
    assert loaded == set(layerkit_conv.__all__)


def test_a_listing_imports_neither_numpy_nor_a_layer() -> None:
    program = (
        "import sys; from layerkit.plugin import default_host; "
        "names = [entry.short_name for entry in default_host().components('layers')]; "
        "print('conv/conv2d' in names, 'numpy' in sys.modules, 'layerkit_conv.conv2d' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["True", "False", "False"]


def test_a_model_is_saved_and_loaded(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    model = Sequential(
        [
            Conv2D(4, (3, 2), padding=((1, 0), (0, 1)), activation=ReLU()),
            MaxPool2D(2),
            ConvTranspose2D(2, 3),
            GlobalAveragePool2D(),
        ]
    ).initialize((9, 8, 2), seed=0)
    x = rng.normal(size=(3, 9, 8, 2))
    layerkit.save(model, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(layerkit.load(tmp_path / "model.safetensors").predict(x), model.predict(x))


def bars(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of noise with a bar that lies or stands somewhere, and which it does."""
    rng = np.random.default_rng(3)
    x, y = 0.3 * rng.normal(size=(count, 10, 10, 1)), rng.integers(0, 2, count)
    for image, standing, place in zip(x, y, rng.integers(0, 10, count), strict=True):
        (image[:, place] if standing else image[place])[...] += 1.5
    return x, y


def train(epochs: int = 12) -> Trainer:
    model = Sequential([Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Flatten(), Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), metrics=[Accuracy()], seed=0)
    trainer.fit(bars(640), epochs=epochs, batch_size=32)
    return trainer


def test_a_network_learns() -> None:
    trainer = train()
    x, y = bars(840)
    assert (trainer.model.predict(x[640:]).argmax(axis=1) == y[640:]).mean() > 0.95


def test_a_run_gives_the_same_bits_again() -> None:
    first, second = train(epochs=1), train(epochs=1)
    for one, other in zip(first.model.parameters.values(), second.model.parameters.values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_example_is_an_experiment_of_this_package() -> None:
    assert default_host().load("examples", "conv/mnist") == MNIST
    assert "conv/conv2d" in MNIST.read_text(encoding="utf-8")


@pytest.mark.thorough
def test_the_package_passes_its_check_on_the_command_line() -> None:
    command = [sys.executable, "-m", "layerkit", "plugins", "check", "conv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "conv/conv-transpose2d" in done.stdout
