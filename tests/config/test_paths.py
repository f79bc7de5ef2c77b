"""Access by path, on components, experiments and trees alike."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    ClipNorm,
    CosineDecay,
    CsvLog,
    Dense,
    Digits,
    EarlyStopping,
    Flatten,
    Quadratic,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
)
from layerkit.config import ABSENT, Difference, differences, flat, get, replaced
from layerkit.config.codec import Encoder
from layerkit.config.marked import MARKED
from layerkit.errors import ArgumentError
from layerkit.experiments import Experiment, settings_of
from layerkit.plugin import PluginHost

HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})


def network() -> Sequential:
    return Sequential([Flatten(), Reshape((4, 16)), Dense(30, activation=Sigmoid()), Dense(10)])


def experiment() -> Experiment:
    return Experiment(
        name="small",
        dataset=Digits(),
        layers=list(network()),
        cost=Quadratic(),
        optimizer=Adam(CosineDecay(0.1, length=10)),
        callbacks=[EarlyStopping("validation_cost")],
    )


def marked(value: Any) -> Any:
    return json.loads(json.dumps(Encoder(HOST, MARKED).encode(value)))


FORMS = [
    pytest.param(experiment, id="experiment"),
    pytest.param(lambda: settings_of(experiment(), host=HOST), id="settings"),
    pytest.param(network, id="component"),
    pytest.param(lambda: marked(network()), id="file"),
]


@pytest.mark.parametrize("make", FORMS)
def test_one_path_means_the_same_in_every_form(make: Any) -> None:
    value = make()
    before = repr(value)
    assert get(value, "layers.2.units") == 30
    assert get(value, "layers.1.shape.1") == 16
    changed = replaced(value, {"layers.2.units": 64, "layers.1.shape.1": 8, "layers.1.shape.0": 8})
    assert get(changed, "layers.2.units") == 64
    assert differences(value, changed, host=HOST) == [
        Difference("layers.1.shape", [4, 16], [8, 8]),
        Difference("layers.2.units", 30, 64),
    ]
    assert type(changed) is type(value)
    assert repr(value) == before


def test_a_component_is_replaced_by_another_and_then_what_is_in_it() -> None:
    new = replaced(network(), {"layers.3": Dense(5, activation=Tanh()), "layers.3.units": 7})
    assert repr(new[3]) == "Dense(7, activation=Tanh())"
    assert repr(replaced(network(), {"": Sequential([Dense(1)])})) == "Sequential([Dense(1)])"


def test_the_new_one_shares_nothing_with_the_old() -> None:
    old = network()
    new = replaced(old, {"layers.3.units": 5})
    assert not {id(layer) for layer in old} & {id(layer) for layer in new}


def test_a_layer_in_two_places_stays_one() -> None:
    shared = Dense(3)
    new = replaced(Sequential([shared, Residual(shared), Dense(2)]), {"layers.2.units": 4})
    assert get(new, "layers.1.layer") is new[0]


def test_a_value_that_was_there_already_leaves_a_layer_shared() -> None:
    shared = Dense(3)
    old = Sequential([shared, shared, Dense(4)])
    for path, value in (("layers.0.units", 3), ("layers.1", shared), ("layers.0.activation", None)):
        new = replaced(old, {path: value, "layers.2.units": 5})
        assert new[0] is new[1]
        assert new[0] is not shared
    assert replaced(old, {"layers.1.units": 4})[0] is not shared
    around = replaced(Sequential([inner := Residual(Dense(3)), inner]), {"layers.0.layer.units": 3})
    assert around[0] is around[1]
    own = replaced(old, {"layers.1": Dense(3)})
    assert own[0] is not own[1]


def test_a_layer_shared_in_one_of_two_is_told() -> None:
    shared = Dense(3)
    one, other = Sequential([shared, shared, Dense(4)]), Sequential([Dense(3), Dense(3), Dense(4)])
    assert differences(one, other, host=HOST) == [("layers.1", "layers.0 again", "dense")]
    assert differences(other, one, host=HOST) == [("layers.1", "dense", "layers.0 again")]
    assert differences(one, replaced(one, {}), host=HOST) == []
    last = Sequential([Dense(3), inner := Dense(3), Residual(inner)])
    assert ("layers.2.layer", ABSENT, "layers.1 again") in differences(one, last, host=HOST)


@pytest.mark.parametrize("change", [{}, {"layers.0.units": 7}, {"layers.1.units": 5}, {"layers.2": Dense(6)}])
def test_what_is_replaced_has_no_values_and_is_frozen_as_before(change: dict[str, Any]) -> None:
    old = Sequential([Dense(4, activation=Sigmoid()), Dense(3), Dense(2)])
    old[0].freeze()
    old.initialize(3, seed=3)
    new = replaced(old, change)
    assert not new.initialized
    assert [layer.frozen for layer in new] == [True, False, False]
    fresh = replaced(Sequential([Dense(4, activation=Sigmoid()), Dense(3), Dense(2)]), change)
    new.initialize(3, seed=5)
    fresh.initialize(3, seed=5)
    assert all((new.parameters[path] == value).all() for path, value in fresh.parameters.items())
    assert new.predict(np.ones((2, 3))).shape[0] == 2
    assert old.initialized


def test_a_trained_layer_that_is_put_in_brings_no_values() -> None:
    trained = Sequential([Dense(3)]).initialize(2, seed=0)
    new = replaced(Sequential([Dense(5), Dense(2)]), {"layers.0": trained[0]})
    assert new.initialize(2, seed=0)[0] is not trained[0]


def test_an_experiment_s_schedule_follows_its_epochs_and_may_be_changed_besides() -> None:
    new = replaced(experiment(), {"epochs": 20, "optimizer.learning_rate.initial": 0.5, "callbacks.0.patience": 3})
    assert repr(new.optimizer) == "Adam(learning_rate=CosineDecay(0.5, length=20))"
    assert get(new, "callbacks.0.patience") == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("layers.2.unit", r"no 'layers\.2\.unit': Dense has no 'unit'\. Did you mean 'units'\? It has: units, act"),
        ("layers.9.units", r"no 'layers\.9(\.units)?': the list layers has the places 0 to 3"),
        ("layers.-1", r"the list layers has the places 0 to 3"),
        ("layers.2.units.x", r"layers\.2\.units has nothing inside it"),
        ("layer", r"Sequential has no 'layer'\. Did you mean 'layers'\?"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        get(network(), path)
    with pytest.raises(ArgumentError, match=message):
        replaced(network(), {path: 1})


def test_a_component_refuses_a_value_in_its_own_words() -> None:
    with pytest.raises(ArgumentError, match="Dense: units must be an integer of at least 1, got 0"):
        replaced(network(), {"layers.2.units": 0})


def test_flat_names_components_and_keeps_lists_of_values_whole() -> None:
    found = flat(Sequential([Reshape((2, 3)), Dense(1, activation=Sigmoid())]), host=HOST)
    assert found[""] == "sequential"
    assert found["layers.0.shape"] == [2, 3]
    assert found["layers.1.activation"] == "sigmoid"
    assert found["layers.1.initializer"] is None
    assert flat({"a": {}, "b": [], "c": [{"d": 1}]}) == {"a": {}, "b": [], "c.0.d": 1}
    assert json.loads(json.dumps(flat(experiment(), host=HOST)))["optimizer.learning_rate.length"] == 10


def test_what_one_of_two_lacks_is_absent() -> None:
    one, other = {"a": 1, "b": math.nan}, {"b": math.nan, "c": [1]}
    assert differences(one, other) == [("a", 1, ABSENT), ("c", ABSENT, [1])]
    assert repr(ABSENT) == "ABSENT"
    assert str(differences(one, other)[0]) == "a: 1 then, nothing now"


def test_another_component_in_a_place_is_one_difference_and_its_arguments_more() -> None:
    found = {
        each.path: each for each in differences(network(), replaced(network(), {"layers.3": Flatten()}), host=HOST)
    }
    assert found["layers.3"] == ("layers.3", "dense", "flatten")
    assert found["layers.3.units"] == ("layers.3.units", 10, ABSENT)
    assert set(found) == {"layers.3", *(f"layers.3.{name}" for name in Dense(1).config)}


def test_objects_besides_components_are_shared_and_told_by_their_class(tmp_path: Any) -> None:
    log = CsvLog(tmp_path / "log.csv")
    assert replaced(log, {}).path is log.path
    assert flat(log, host=HOST) == {"": "csv-log", "path": str(tmp_path / "log.csv")}


def test_what_is_no_path_is_refused() -> None:
    for wrong in (3, None, ("layers", 0)):
        with pytest.raises(ArgumentError, match="a path is text"):
            get(network(), wrong)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="a path is text"):
            replaced(network(), {wrong: 1})  # type: ignore[dict-item]
    with pytest.raises(ArgumentError, match="replaced: changes must be a Mapping object"):
        replaced(network(), [("layers.2.units", 3)])  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["layers", "metrics", "transforms", "callbacks"])
def test_one_component_where_a_list_is_wanted_is_told(field: str) -> None:
    one = {"layers": Dense(3), "metrics": Accuracy(), "transforms": ClipNorm(1.0), "callbacks": EarlyStopping()}[field]
    with pytest.raises(ArgumentError, match=rf"Experiment: {field} must be a list of .* got .*write {field}=\[…\]"):
        replaced(experiment(), {field: one})
    with pytest.raises(ArgumentError, match=f"{field} must be a list of"):
        replaced(experiment(), {field: iter([one])})


@pytest.mark.parametrize("full", [[Dense(3)], {"a": 1, "b": [2]}])
def test_of_what_is_empty_in_one_of_them_the_others_contents_are_told(full: Any) -> None:
    for one, other in (({"parts": type(full)()}, {"parts": full}), ({"parts": full}, {"parts": type(full)()})):
        paths = {each.path for each in differences(one, other, host=HOST)}
        assert paths
        assert all(path.startswith("parts.") for path in paths)
