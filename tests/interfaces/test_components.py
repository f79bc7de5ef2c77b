"""Every built-in component, found through the registry: its config rebuilds it, its repr shows it, copies are equal."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from layerkit import Constant, Dense, ReLU, Sigmoid, StepDecay
from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.plugin import PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.testing import cases_of

HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})

# arguments of which each is another than the default; of a component that is not here, the kit's first case
ARGUMENTS: dict[str, dict[str, Any]] = {
    "layers/dense": {
        "units": 3,
        "activation": Sigmoid(),
        "initializer": Constant(0.5),
        "bias_initializer": Constant(2.0),
        "use_bias": False,
    },
    "layers/reshape": {"shape": (2, 3)},
    "layers/dropout": {"rate": 0.25},
    "layers/batch-normalization": {"momentum": 0.5, "epsilon": 0.25},
    "layers/residual": {"layer": Dense(4, activation=ReLU())},
    "layers/rescale": {"scale": 0.5, "offset": -1.0},
    "layers/sequential": {"layers": [Dense(4), Sigmoid()]},
    "optimizers/adam": {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.25, "epsilon": 0.125},
    "optimizers/gradient-descent": {
        "learning_rate": StepDecay(0.5, every=2, unit="step"),
        "momentum": 0.5,
        "nesterov": True,
    },
    "transforms/clip-norm": {"limit": 2.0},
    "transforms/weight-decay": {"rate": 0.125, "except_tags": ("scale",)},
    "schedules/constant": {"value": 0.5},
    "schedules/cosine": {"initial": 0.5, "length": 3, "final": 0.25, "unit": "step"},
    "schedules/step": {"initial": 0.5, "every": 3, "factor": 0.5, "unit": "step"},
    "initializers/constant": {"value": 0.5},
    "initializers/normal": {"deviation": 0.5, "mean": 0.25},
    "datasets/csv": {
        "path": "data.csv",
        "target": "price",
        "labels": True,
        "classes": ["a", "b"],
        "header": True,
        "delimiter": ";",
        "decimal": ",",
        "encoding": "latin-1",
        "test_fraction": 0.5,
        "seed": 1,
        "maximum_bytes": 1000,
    },
    "datasets/mnist": {"data_dir": "folder"},
    "datasets/idx": {
        "images": "images.idx",
        "labels": "labels.idx",
        "test_images": "test-images.idx",
        "test_labels": "test-labels.idx",
        "first_label": 1,
        "classes": ["a", "b"],
        "transposed": True,
        "label_column": 0,
        "test_fraction": 0.5,
        "seed": 1,
        "maximum_bytes": 1000,
    },
    "datasets/npz": {"path": "data.npz", "labels": True, "test_fraction": 0.5, "seed": 1, "maximum_bytes": 1000},
}


NAMES = [f"{entry.kind}/{entry.name}" for entry in HOST.components() if KINDS[entry.kind].base is not None]


def arguments_for(name: str) -> dict[str, Any]:
    entry = HOST.find(*name.split("/"))
    return ARGUMENTS.get(name) or dict(cases_of(None, entry.cases)[0].arguments)


def make(name: str) -> Configurable:
    made: Configurable = HOST.load(*name.split("/"))(**arguments_for(name))
    return made


def test_the_table_names_components_that_exist() -> None:
    assert ARGUMENTS.keys() <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_config_is_the_arguments_and_rebuilds_the_component(name: str) -> None:
    component = make(name)
    assert component.config.items() >= arguments_for(name).items()
    assert list(component.config) == list(arguments_of(type(component)))
    again = type(component)(**component.config)
    assert repr(again) == repr(component)
    assert again.config == component.config


@pytest.mark.parametrize("name", NAMES)
def test_the_repr_names_the_class_and_every_argument(name: str) -> None:
    text = repr(make(name))
    assert text.startswith(f"{type(make(name)).__name__}(")
    for value in arguments_for(name).values():
        assert repr(value) in text


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda it: pickle.loads(pickle.dumps(it))])
@pytest.mark.parametrize("name", NAMES)
def test_copies_are_equal(name: str, duplicate: Any) -> None:
    component = make(name)
    other = duplicate(component)
    assert other is not component
    assert type(other) is type(component)
    assert repr(other) == repr(component)


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_makes_it_and_refuses_what_it_does_not_know(name: str) -> None:
    kind, short = name.split("/")
    assert repr(HOST.create(kind, short, **arguments_for(name))) == repr(make(name))
    with pytest.raises(ArgumentError, match="wrong_name"):
        HOST.create(kind, short, **arguments_for(name), wrong_name=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_class_is_final_and_says_what_it_is(name: str) -> None:
    kind, short = name.split("/")
    component = HOST.load(kind, short)
    assert getattr(component, "__final__", False)
    assert len(component.__doc__.strip().splitlines()[0]) > 3
    assert HOST.find(kind, short).summary
