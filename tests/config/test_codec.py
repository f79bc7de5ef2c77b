"""From components to plain values and back."""

from __future__ import annotations

import json
import math
from typing import Any, final

import numpy as np
import pytest

from layerkit import Callback, Constant, Dense, Layer, Residual, Sequential, Sigmoid
from layerkit.config.codec import Encoder, Spelling
from layerkit.config.marked import MARKED
from layerkit.config.named import NAMED, NamedDecoder, encoded, name_of
from layerkit.errors import ArgumentError, PluginError, UnknownComponentError
from layerkit.plugin import PluginHost

HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})


def decoder() -> NamedDecoder:
    return NamedDecoder(HOST, "here")


def test_both_notations_spell_one_tree() -> None:
    layer = Dense(np.int64(3), activation=Sigmoid())  # type: ignore[arg-type]
    named = encoded(layer, HOST)
    marked = Encoder(HOST, MARKED).encode(layer)
    assert named["component"] == "dense"
    assert named["activation"] == {"component": "sigmoid"}
    assert marked["$layer"] == "layerkit/dense"
    assert marked["arguments"]["activation"] == {"$activation": "layerkit/sigmoid", "arguments": {}}
    assert NAMED.spelling(named) == Spelling(None, "dense", _without(named))
    assert MARKED.spelling(marked) == Spelling("layers", "layerkit/dense", marked["arguments"])
    assert json.dumps(named["units"]) == json.dumps(marked["arguments"]["units"]) == "3"


def _without(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name != "component"}


def test_a_layer_in_two_places_is_numbered_in_files_and_written_out_for_people() -> None:
    shared = Dense(3)
    network = Sequential([shared, Residual(shared)])
    assert Encoder(HOST, MARKED).encode(network)["arguments"]["layers"][1]["arguments"]["layer"] == {"$again": 0}
    layers = encoded(network, HOST)["layers"]
    assert layers[1]["layer"] == layers[0]


@pytest.mark.parametrize(
    "value", [(1, [2.5, None]), {"b": 1, "a": math.inf}, {1: (True,)}, {"$layer": "x"}, [Constant(0.5)]]
)
def test_values_in_files_come_back_as_they_were(value: Any) -> None:
    def back(plain: Any) -> Any:
        spelled = MARKED.spelling(plain)
        return MARKED.value(plain, back) if spelled is None else Constant(**spelled.arguments)

    again = back(json.loads(json.dumps(Encoder(HOST, MARKED).encode(value))))
    assert repr(again) == repr(value)
    assert not isinstance(value, dict) or list(again) == list(value)


class Unregistered(Callback):
    """A callback that holds what no file can."""

    def __init__(self, what: object) -> None:
        self.what = what


def test_what_has_no_name_is_told_by_its_class_or_refused() -> None:
    callback = Unregistered(HOST)
    place = f"{__name__}.Unregistered"
    assert encoded(callback, HOST) == {"component": place, "what": "layerkit.registry.host.PluginHost"}
    assert name_of(callback, HOST) == place
    with pytest.raises(ArgumentError, match=r"Unregistered cannot be saved: .*layerkit_callbacks"):
        Encoder(HOST, MARKED).encode(callback)
    with pytest.raises(
        ArgumentError, match=r"Unregistered: its argument 'what': a file holds numbers.* got PluginHost"
    ):
        Encoder(HOST, MARKED, strict=False).encode(callback)


@final
class Holder(Layer):
    """A layer with an argument of which the annotation tells nothing, and a table of layers."""

    def __init__(self, anything: Any = None) -> None:
        self.anything = anything

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return x

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad


def test_components_inside_tables_and_lists_come_back() -> None:
    value = {"rows": [{"component": "dense", "units": 3}], "text": "dense", "number": 2}
    made = decoder().decode(value)
    assert repr(made) == "{'rows': [Dense(3)], 'text': 'dense', 'number': 2}"
    assert encoded(Holder(made), HOST)["anything"]["rows"][0]["units"] == 3


@pytest.mark.parametrize(
    ("kinds", "given", "error", "message"),
    [
        ((), {"component": "constant", "value": 1}, ArgumentError, "'constant' may be any of schedules, initializers"),
        ((), {"component": "xor"}, ArgumentError, "'xor' is run, it is not made of arguments"),
        ((), {"component": "dens"}, UnknownComponentError, "there is no component named 'dens'"),
        (("layers",), {"component": "acme/x"}, UnknownComponentError, "no plugin has the namespace 'acme'"),
        (("layers",), {"units": 3}, ArgumentError, "here: at must be a layer: a name, or a table"),
        (("layers", "activations"), "sigmod", UnknownComponentError, "Did you mean 'sigmoid'"),
        (("costs",), {"component": "quadratic", "x": 1}, ArgumentError, "cost 'quadratic' has no argument 'x'"),
    ],
)
def test_what_cannot_be_made_is_told_with_its_place(
    kinds: tuple[str, ...], given: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        decoder().decode(given, kinds, "at")
    assert str(caught.value).startswith("here: at")


def test_a_plugin_that_fails_stays_a_plugin_s_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise PluginError("acme is broken")

    monkeypatch.setattr(HOST.__class__, "load", fails)
    with pytest.raises(PluginError, match="here: at: acme is broken"):
        decoder().one(("costs",), "quadratic", "at")
