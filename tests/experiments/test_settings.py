from __future__ import annotations

import json
from typing import final

from layerkit import Dense, Layer
from layerkit.experiments import find, parse_experiment, settings_of
from layerkit.experiments.experiment import Experiment
from layerkit.plugin import PluginHost
from layerkit.types import Shape, Value
from tests.experiments.conftest import Read
from tests.experiments.small import SMALL


def test_settings_are_json_and_make_the_same_experiment_again(host: PluginHost) -> None:
    for name in ("digits", "mnist", "mnist-better"):
        experiment = find(name, host=host)
        assert isinstance(experiment, Experiment)
        settings = json.loads(json.dumps(settings_of(experiment, host=host)))
        again = parse_experiment(settings, name=name, host=host)
        assert settings_of(again, host=host) == settings
        assert repr(again.layers) == repr(experiment.layers)


def test_auto_stays_auto(read: Read, host: PluginHost) -> None:
    assert settings_of(read(SMALL + 'engine = "auto"'), host=host)["training"]["engine"] == "auto"


@final
class Own(Layer):
    """A layer that is registered nowhere."""

    def __init__(self, inner: Layer) -> None:
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Value, ctx: object) -> Value:
        return x

    def backward(self, grad: Value, ctx: object) -> Value:
        return grad


def test_a_component_without_a_name_is_told_by_its_class(read: Read, host: PluginHost) -> None:
    experiment = read(SMALL).with_settings(layers=[Own(Dense(3))])
    (layer,) = settings_of(experiment, host=host)["layers"]
    assert layer["component"] == f"{__name__}.Own"
    assert layer["inner"]["component"] == "dense"
