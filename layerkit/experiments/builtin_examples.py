"""Where the built-in examples are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

import layerkit

_PACKAGE = Path(layerkit.__file__).resolve().parent
_INSTALLED = _PACKAGE / "_examples"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "examples"

XOR = FOLDER / "xor.py"
DIGITS = FOLDER / "digits.toml"
MOONS = FOLDER / "moons.toml"
MNIST = FOLDER / "mnist.toml"
MNIST_BETTER = FOLDER / "mnist_better.toml"
MNIST_GELU = FOLDER / "mnist_gelu.toml"
MNIST_SIGMOID = FOLDER / "mnist_sigmoid.toml"
MNIST_ELASTIC = FOLDER / "mnist_elastic.toml"
CUSTOM_LAYER = FOLDER / "custom_layer.py"
REGRESSION = FOLDER / "regression.py"
IMPEDANCE = FOLDER / "impedance.toml"
BREAST_CANCER = FOLDER / "breast_cancer.toml"
WINE = FOLDER / "wine.toml"
DIABETES = FOLDER / "diabetes.toml"
RARE_CLASS = FOLDER / "rare_class.toml"
