"""Numbers that nobody means, in every numeric argument of every built-in component: one clear error, or it works."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Activation,
    Adam,
    Callback,
    ClipNorm,
    Cost,
    CrossEntropy,
    Dataset,
    Dense,
    GradientDescent,
    Initializer,
    Layer,
    Metric,
    Optimizer,
    Quadratic,
    Schedule,
    Sequential,
    Trainer,
    Transform,
)
from layerkit.errors import ArgumentError, DatasetError, LayerkitError, LayerkitWarning
from layerkit.experiments import parse_experiment
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.lazy import resolve

X = np.random.default_rng(0).normal(size=(12, 4))
Y = X[:, :3] * 0.5
VALUES = (
    10**5000,
    10**400,
    -(10**400),
    10**39,
    2**63,
    2**31,
    1e308,
    -1e308,
    5e-324,
    -5e-324,
    0,
    0.0,
    -1,
    math.nan,
    math.inf,
    -math.inf,
    Fraction(10**400, 3),
    Fraction(1, 10**400),
    np.float64(1e308),
    np.float32(3e38),
    np.int64(2**63 - 1),
    np.uint8(255),
    1j,
    True,
)
KINDS = (
    "layers",
    "activations",
    "costs",
    "optimizers",
    "transforms",
    "schedules",
    "initializers",
    "metrics",
    "callbacks",
    "engines",
    "datasets",
)


def places() -> Iterator[tuple[str, type, dict[str, Any], str]]:
    """Every argument that a number may stand in: its kind, its class, what else is given, its name."""
    for kind in KINDS:
        for row in import_module(f"layerkit.{kind}.table").TABLE:
            cls = resolve(row.target)
            cases = resolve(row.cases) if row.cases else ({},)
            base = dict(cases[0].get("arguments", {}))
            for name, parameter in arguments_of(cls).items():
                if _numeric(parameter, base.get(name)):
                    # copies: what is built keeps its values
                    yield kind, cls, deepcopy({key: value for key, value in base.items() if key != name}), name


def _numeric(parameter: inspect.Parameter, given: Any) -> bool:
    words = str(parameter.annotation).replace("[", " ").replace("]", " ").replace(",", " ").split()
    values = (parameter.default, given)
    number = any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return number or bool({"int", "float", "Real", "ShapeLike", "Shape"} & set(words))


PLACES = list(places())


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callbacks write files."""
    monkeypatch.chdir(tmp_path)


def used(component: Any) -> None:
    """Let it do what it is for, for a few steps."""
    parts: dict[str, Any] = {"cost": Quadratic(), "optimizer": Adam()}
    layers: list[Layer] = [Dense(3)]
    settings: dict[str, Any] = {}
    match component:
        case Activation():
            layers = [Dense(3, activation=component)]
        case Layer():
            layers = [component, layerkit.Flatten(), Dense(3)]
        case Cost():
            parts["cost"] = component
        case Optimizer():
            parts["optimizer"] = component
        case Transform():
            parts["transforms"] = [component]
        case Schedule():
            parts["optimizer"] = GradientDescent(component)
        case Initializer():
            layers = [Dense(3, initializer=component)]
        case Metric():
            parts["metrics"] = [component]
        case Dataset():
            with suppress(DatasetError):
                # the files that a set reads are not there
                component.load("train")
            return
        case Callback():
            settings["callbacks"] = [component]
        case _:
            return
    trainer = Trainer(Sequential(layers), seed=0, silence=("all",), **parts)
    trainer.fit((X, Y), epochs=1, batch_size=4, validation=(X, Y), **settings)


def told(call: Any) -> None:
    """Run it; what it raises must be one of layerkit's errors, in words that are not endless."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LayerkitWarning)
        # of NumPy, where first values or the costs of such a network have no end
        warnings.filterwarnings("ignore", "overflow|invalid value|divide by zero", RuntimeWarning)
        try:
            call()
        except LayerkitError as error:
            text = str(error)
        else:
            return
    assert 0 < len(text) < 700


@pytest.mark.parametrize(
    ("kind", "cls", "base", "name"), PLACES, ids=[f"{kind}-{cls.__name__}-{name}" for kind, cls, _, name in PLACES]
)
@pytest.mark.parametrize("several", [False, True])
def test_every_argument_of_every_component(
    kind: str, cls: type, base: dict[str, Any], name: str, several: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    for value in VALUES:
        given = {**base, name: [value, value] if several else value}
        try:
            told(lambda given=given: used(cls(**given)))
        except BaseException as error:
            error.add_note(
                f"with {name}={value if not isinstance(value, int) else value.bit_length()!r}, {type(value)}"
            )
            raise


def test_there_are_many_places() -> None:
    assert len(PLACES) > 80


SETTINGS = ("epochs", "batch_size", "accumulate", "steps_per_epoch", "class_weights", "weights", "seed", "threshold")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_number_of_a_trainer(name: str) -> None:
    for value in VALUES:
        told(lambda value=value: _fitted(name, value))


def _fitted(name: str, value: Any) -> None:
    parts: dict[str, Any] = {"seed": 0, "silence": ("all",), "transforms": [ClipNorm(1.0)]}
    settings: dict[str, Any] = {"epochs": 1, "batch_size": 4}
    labels = np.arange(12) % 3
    if name == "epochs":
        settings["callbacks"] = [_Stops(), layerkit.Diagnosis()]
    if name == "seed":
        parts["seed"] = value
    elif name == "class_weights":
        settings[name] = {0: 1.0, 1: value, 2: 1.0}
    elif name == "weights":
        settings[name] = [value] * 12
    elif name != "threshold":
        settings[name] = value
    model = Sequential([Dense(3)]).initialize(4, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), **parts)
    if name == "threshold":
        model.threshold = value
    trainer.fit((X, labels), **settings)


class _Stops(Callback):
    """Ends a fit after the first epoch, which may be one of very many."""

    changes_training = True

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        fit.stop("enough")


@pytest.mark.parametrize("deep", [150, 201, 300, 900])
def test_components_in_components(deep: int) -> None:
    inner: Any = "digits"
    for _ in range(deep):
        inner = {"component": "balanced", "dataset": inner}
    table = {"layers": ["flatten"], "cost": "quadratic", "optimizer": "adam", "dataset": inner}
    told(lambda: parse_experiment(table, name="deep"))
    if deep > 200:
        with pytest.raises(ArgumentError, match="stand in more than 200 others here"):
            parse_experiment(table, name="deep")


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "", 3])
def test_paths_that_no_file_can_have(path: Any) -> None:
    for made in (
        lambda: layerkit.Mnist(data_dir=path).load("train"),
        lambda: layerkit.CsvFile(path).load("train"),
        lambda: layerkit.NpzFile(path).load("train"),
        lambda: layerkit.Checkpoint(path),
        lambda: layerkit.CsvLog(path),
        lambda: layerkit.load(path),
    ):
        with pytest.raises(LayerkitError, match="path"):
            made()
