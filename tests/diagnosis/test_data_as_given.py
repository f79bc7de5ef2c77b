"""What the data itself shows before the first step: lost digits, and channels in front; honest data shows nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from layerkit_conv import Conv2D, MaxPool2D

from layerkit import (
    Adam,
    BatchNormalization,
    CrossEntropy,
    Dense,
    Examples,
    Flatten,
    Layer,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Standardize,
    Trainer,
)
from layerkit.errors import LayerkitWarning
from layerkit.types import Array, Shape

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(300, 2))


def told(data: Any, layers: list[Layer], *, dtype: str = "float32", silence: tuple[str, ...] = ()) -> list[str]:
    """What is said of data before the first step: the messages of the two warnings here."""
    examples = data if isinstance(data, Examples) else Examples(*data)
    model = Sequential(layers).initialize(np.shape(examples.x)[1:], seed=0, dtype=dtype)
    cost = CrossEntropy() if model.output_shape == (2,) else Quadratic()
    trainer = Trainer(model, cost=cost, optimizer=Adam(), silence=silence, seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LayerkitWarning)
        trainer.fit(examples, epochs=1)
    own = [each.message for each in caught if isinstance(each.message, LayerkitWarning)]
    return [str(each) for each in own if each.name in ("precision", "channels-first")]


def network(kernel: Any = 3, **options: Any) -> list[Layer]:
    return [Conv2D(2, kernel, padding="same", **options), Flatten(), Dense(2)]


def images(shape: Shape) -> tuple[Array, Array]:
    return RNG.normal(size=(4, *shape)).astype("float32"), np.arange(4) % 2


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((3, 32, 32), [Conv2D(4, 3), Flatten(), Dense(2)]),
        ((1, 28, 28), network()),
        ((1, 8, 8), network()),
        ((4, 16, 16), network()),
        ((3, 96, 128), network()),
        ((3, 32, 32), [Rescale(1.0), *network()]),
        ((3, 32, 32), [BatchNormalization(), ReLU(), *network()]),
        ((3, 32, 32), [Residual(Conv2D(32, 3, padding="same")), Flatten(), Dense(2)]),
    ],
)
def test_channels_in_front_of_a_convolution_are_told(shape: Shape, layers: list[Layer]) -> None:
    [message] = told(images(shape), layers)
    assert message.startswith("channels-first: layer ")
    assert "np.moveaxis(x, 1, -1)" in message
    assert str((*shape[1:], shape[0]))[1:-1] in message


HONEST: list[Shape] = [
    *((28, 28, 1), (32, 32, 3), (8, 8, 64), (8, 8, 1), (64, 64, 3), (48, 64, 3), (28, 28, 28), (32, 32, 32)),
    *((7, 7, 512), (1, 1, 256), (2, 2, 64), (3, 3, 256), (4, 4, 16), (16, 16, 128), (6, 7, 2), (8, 8, 12), (5, 5, 4)),
    *((1, 100, 22), (1, 50, 64), (4, 100, 64), (3, 96, 20), (3, 50, 64), (22, 250, 1), (19, 19, 17), (2, 16, 16)),
]


@pytest.mark.parametrize("shape", HONEST, ids=str)
def test_images_with_their_channels_last_are_not(shape: Shape) -> None:
    assert not told(images(shape), network())


@pytest.mark.parametrize(
    "layers",
    [
        [Flatten(), Dense(2)],
        [Dense(3), Flatten(), Dense(2)],
        [Reshape((32, 32, 3)), *network()],
        [MaxPool2D(2, padding="same"), *network()],
        network((1, 3)),
    ],
)
def test_nor_is_what_takes_the_axes_otherwise(layers: list[Layer]) -> None:
    shape = (1, 28, 28) if len(layers) == 3 and isinstance(layers[0], Conv2D) else (3, 32, 32)
    assert not told(images(shape), layers)


def test_it_is_silenced_by_its_name() -> None:
    assert not told(images((3, 32, 32)), network(), silence=("channels-first",))


@pytest.mark.parametrize(
    "x",
    [Z + 1.7e9, np.c_[Z[:, 0], Z[:, 1] * 10 - 1e9], (Z * 100 + 1.7e9).astype(np.int64), Z * 1e-170, 1e12 + Z * 1e3],
)
@pytest.mark.parametrize("first", [Standardize, lambda: Dense(1)])
def test_digits_that_float32_loses_are_told(x: Array, first: Any) -> None:
    [message] = told((x, Z[:, :1]), [first(), Dense(1)])
    assert message.startswith("precision: feature ")
    assert "dtype='float64'" in message
    assert not told((x, Z[:, :1]), [first(), Dense(1)], dtype="float64")
    assert not told((x, Z[:, :1]), [first(), Dense(1)], silence=("precision",))


def test_the_feature_is_named() -> None:
    data = Examples(np.c_[Z[:, 0], Z[:, 1] + 1.7e9], Z[:, :1], names=("size", "time"))
    [message] = told(data, [Standardize(), Dense(1)])
    assert "feature 1 ('time')" in message
    assert "1.7e+09" in message


def test_the_cure_cures() -> None:
    x = Z + 1.7e9
    for own, dtype in ((x - x.mean(axis=0), "float32"), (x, "float64")):
        model = Sequential([Standardize(), Dense(1)]).initialize(2, seed=0, dtype=dtype)
        Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0).fit((own, Z[:, :1]), epochs=1)
        right = ((x - x.mean(axis=0)) / x.std(axis=0)) @ model.parameters["1.weight"] + model.parameters["1.bias"]
        np.testing.assert_allclose(model.predict(own), right, atol=1e-4)


@pytest.mark.parametrize(
    "x",
    [
        *(Z, Z + 100, Z * 1e6, Z * 1e4 + 1e6, Z + 1e5, Z / 1e30, Z + 1e6),
        *(np.ones((300, 2)), np.zeros((300, 2)), np.full((300, 2), 1.7e9), np.full((300, 2), 0.1) + 0.2 - 0.3),
        *(np.c_[Z[:, 0], 1 + 1e-15 * Z[:, 1]], np.c_[Z[:, 0], 1e9 + 1e-5 * Z[:, 1]]),
        # a row a minute, numbers of customers, years, bytes
        *((1.7e9 + np.arange(600) * 60.0).reshape(300, 2), np.arange(600).reshape(300, 2) * 1_000_003),
        *(2000 + np.arange(600).reshape(300, 2) % 20, np.arange(600).reshape(300, 2) % 256),
        (Z + 1.7e9).astype("float32"),
    ],
)
def test_honest_features_are_not(x: Array) -> None:
    assert not told((x, Z[:, :1]), [Standardize(), Dense(1)])
