"""A component's arguments are its whole configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, CosineDecay, Dense, Layer, Normal, Quadratic, Sequential, Sigmoid, Trainer, Zeros
from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable


def test_config_holds_every_argument_as_it_was_given() -> None:
    activation = Sigmoid()
    dense = Dense(30, activation=activation)
    assert dense.config == {
        "units": 30, "activation": activation, "initializer": None, "bias_initializer": None, "use_bias": True,
    }  # fmt: skip
    assert dense.config["activation"] is activation
    again = Dense(**dense.config)
    assert repr(again) == repr(dense)


def test_building_does_not_change_the_config() -> None:
    dense = Dense(3)
    before = dense.config
    Sequential([dense]).initialize(2)
    assert dense.config == before


class Forgetful(Configurable):
    def __init__(self, size: int) -> None:
        self.length = size


class Starred(Configurable):
    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes


def test_an_argument_that_was_not_stored_is_told_to_the_author() -> None:
    with pytest.raises(ArgumentError, match=r"Forgetful does not store its argument 'size'.*self\.size = size"):
        _ = Forgetful(3).config


def test_arguments_without_names_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"Starred\.__init__ takes \*sizes"):
        _ = Starred(1, 2).config


@pytest.mark.parametrize(
    ("component", "text"),
    [
        (Zeros(), "Zeros()"),
        (Dense(3, initializer=Normal(0.5)), "Dense(3, initializer=Normal(deviation=0.5))"),
        (Normal(1.0), "Normal()"),
        (Normal(1), "Normal(deviation=1)"),
        (Adam(), "Adam()"),
        (Adam(CosineDecay(0.1, length=5)), "Adam(learning_rate=CosineDecay(0.1, length=5))"),
        (Dense(3, use_bias=False), "Dense(3, use_bias=False)"),
    ],
)
def test_repr_shows_what_is_not_the_default(component: Configurable, text: str) -> None:
    assert repr(component) == text


@pytest.mark.parametrize(
    ("kind", "arguments", "words"),
    [
        (Dense, {"units": 0}, ["Dense", "units", "at least 1", "0"]),
        (Dense, {"units": 2.5}, ["Dense", "units", "2.5"]),
        (Dense, {"units": True}, ["Dense", "units", "True"]),
        (Dense, {"units": 3, "activation": "sigmoid"}, ["Dense", "activation", "Activation", "'sigmoid'", "objects"]),
        (Dense, {"units": 3, "activation": Sigmoid}, ["Dense", "activation", "Sigmoid(…)", "brackets"]),
        (Dense, {"units": 3, "initializer": Sigmoid()}, ["Dense", "initializer", "Initializer"]),
        (Adam, {"learning_rate": -1.0}, ["Adam", "learning_rate", "at least 0", "-1"]),
        (Adam, {"learning_rate": float("nan")}, ["Adam", "learning_rate", "finite", "nan"]),
        (Adam, {"beta1": 1.0}, ["Adam", "beta1", "below 1", "1.0"]),
        (CosineDecay, {"initial": 0.1, "length": 3, "unit": "day"}, ["CosineDecay", "unit", "'epoch'", "'day'"]),
    ],
)
def test_a_bad_argument_is_named_with_what_was_wanted(
    kind: Callable[..., Any], arguments: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ArgumentError) as caught:
        kind(**arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_an_unknown_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unit"):
        Dense(3, unit=4)  # type: ignore[call-arg]


def test_contracts_are_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Layer()  # type: ignore[abstract]


class StoresNothing(Callback):
    """Stores nothing of what it is given."""

    def __init__(self, path: str, *, every: int = 3) -> None: ...


class Open(Callback):
    """Takes anything."""

    def __init__(self, *paths: str) -> None: ...


def test_a_repr_shows_what_is_stored_and_never_raises() -> None:
    assert repr(StoresNothing("a", every=4)) == "StoresNothing()"
    assert repr(Open("a", "b")) == "Open()"


def test_a_callback_that_stores_nothing_works_in_a_fit() -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(0.1))
    assert (
        len(trainer.fit((np.ones((4, 2)), np.ones((4, 1))), epochs=2, callbacks=[StoresNothing("a"), Open("b")])) == 2
    )
