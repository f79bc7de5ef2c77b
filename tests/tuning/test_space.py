from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from layerkit import Activation, Dense, Sigmoid
from layerkit.errors import ArgumentError, LayerkitError, UnknownComponentError
from layerkit.experiments import Experiment, find, parse_experiment, read_experiment, settings_of
from layerkit.tuning import Choice, Copies, Integer, Real, Space, parse_search
from tests.tuning.searches import SPACE

pytestmark = pytest.mark.extra
fitted_space = pytest.importorskip("layerkit.tuning.fitted_space")


@pytest.fixture
def digits() -> Experiment:
    found = find("digits")
    assert isinstance(found, Experiment)
    return found


def fitted(space: dict[str, Any], experiment: Experiment) -> Space:
    found: Space = fitted_space.fitted(parse_search({"space": space}).space, experiment)
    return found


def applied(space: Space, experiment: Experiment, drawn: dict[str, Any]) -> Experiment:
    return parse_experiment(space.applied(settings_of(experiment), drawn), name="drawn")


def test_what_is_drawn_stands_in_the_experiment(digits: Experiment) -> None:
    space = fitted(SPACE, digits)
    drawn = {
        "layers.2.copies": 2,
        "layers.2.units[0]": 5,
        "layers.2.units[1]": 7,
        "optimizer": "adam",
        "optimizer.learning_rate (optimizer=adam)": 0.01,
        "training.batch_size": 16,
    }
    experiment = applied(space, digits, drawn)
    assert [layer.config["units"] for layer in experiment.layers if isinstance(layer, Dense)] == [5, 7, 10]
    assert all(isinstance(layer.config["activation"], Sigmoid) for layer in experiment.layers[2:])
    assert repr(experiment.optimizer) == "Adam(learning_rate=0.01)"
    assert experiment.batch_size == 16


def test_a_layer_may_stand_no_times(digits: Experiment) -> None:
    space = fitted({"layers.2": {"copies": [0, 2]}, "layers.2.units": {"low": 4, "high": 9}}, digits)
    assert len(applied(space, digits, {"layers.2.copies": 0}).layers) == len(digits.layers) - 1
    both = applied(space, digits, {"layers.2.copies": 2, "layers.2.units": 6}).layers
    assert [layer.config["units"] for layer in both if isinstance(layer, Dense)] == [6, 6, 10]


def test_several_layers_are_repeated_together(digits: Experiment) -> None:
    layers = [*digits.layers[:3], Sigmoid(), *digits.layers[3:]]
    digits = digits.with_settings(layers=layers)
    space = fitted(
        {"layers.2": {"copies": [1, 3], "span": 2}, "layers.2.units": {"low": 4, "high": 9, "each": True}}, digits
    )
    found = applied(space, digits, {"layers.2.copies": 2, "layers.2.units[0]": 4, "layers.2.units[1]": 9}).layers
    assert [type(layer).__name__ for layer in found[2:]] == ["Dense", "Sigmoid", "Dense", "Sigmoid", "Dense"]


def test_conditions_decide_what_is_drawn(digits: Experiment) -> None:
    optuna = pytest.importorskip("optuna")
    space = fitted(SPACE, digits)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(30):
        drawn = space.draw(study.ask())
        assert ("optimizer.momentum" in drawn) == (drawn["optimizer"] == "gradient-descent")
        assert ("layers.2.units[1]" in drawn) == (drawn["layers.2.copies"] == 2)
        applied(space, digits, drawn)


def test_a_condition_may_name_a_number_as_it_likes(digits: Experiment) -> None:
    space = fitted(
        {
            "optimizer.momentum": {"values": [0.0, 0.9]},
            "epochs": {"low": 1, "high": 2, "when": {"optimizer.momentum": 0}},
        },
        digits,
    )
    assert [len(drawn) for drawn in space.points()] == [2, 2, 1]


def test_a_grid_holds_every_choice_once() -> None:
    space = Space({"optimizer": Choice(["a", "b"]), "x": Integer(1, 3, when={"optimizer": "a"})})
    assert space.grid() == [
        {"optimizer": "a", "x": 1},
        {"optimizer": "a", "x": 2},
        {"optimizer": "a", "x": 3},
        {"optimizer": "b"},
    ]
    with pytest.raises(ArgumentError, match="'grid' goes through values, and x is a range"):
        Space({"x": Real(0.0, 1.0)}).grid()
    with pytest.raises(ArgumentError, match="'grid' has more than 100000 choices"):
        Space({name: Integer(0, 99) for name in "abcdefgh"}).grid()


def test_what_a_component_must_be_given_is_taken_from_the_one_before(digits: Experiment) -> None:
    space = fitted({"optimizer": {"values": ["adam", "gradient-descent"]}}, digits)
    assert repr(applied(space, digits, {"optimizer": "gradient-descent"}).optimizer) == "GradientDescent(3.0)"


def test_paths_of_the_experiment_are_those_of_its_file(digits: Experiment) -> None:
    space = fitted(
        {"batch_size": {"values": [4, 8]}, "epochs": {"low": 1, "high": 3, "when": {"batch_size": 4}}}, digits
    )
    assert [each.name for each in space.parameters] == ["training.batch_size", "training.epochs"]


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, "the space of the search is empty"),
        ({"optimizer.momentum": {"low": 0.0, "high": 1.5}}, "momentum = 1.5 is impossible.*below 1, got 1.5"),
        ({"optimizer.beta": {"low": 0.0, "high": 0.5}}, "optimizer has no 'beta'"),
        ({"layers.9.units": {"values": [1, 2]}}, "the list layers has the places 0 to 3"),
        ({"dataset.path": {"values": ["a", "b"]}}, "trials are compared on the same data"),
        ({"training.seed": {"low": 0, "high": 9}}, "compare trials by luck"),
        ({"optimizer": {"learning_rate": {"low": 1, "high": 2}}}, 'in quotes, "optimizer.learning_rate"'),
        ({"optimizer.learning_rate": {"low": 2.0, "high": 1.0}}, "high must be a finite number above 2"),
        ({"optimizer.learning_rate": {"low": 0.0, "high": 1.0, "log": True}}, "above 0"),
        ({"optimizer.learning_rate": {"lo": 0.0, "high": 1.0}}, "has no 'lo'. Did you mean 'low'"),
        ({"layers.2.units": {"low": 1, "high": 9, "each": True}}, "no layer that it lies in is repeated"),
        ({"layers.2": {"copies": 3}}, r"copies are the least and the most, \[1, 4\]"),
        ({"layers.2.units": {"values": []}}, "a list with something in it"),
        ({"layers.2.units": {"values": [4, 4]}}, "must differ"),
        ({"optimizer.momentum": {"low": 0.0, "high": 0.9, "when": {"optimizr": "adam"}}}, "which is not chosen itself"),
        (
            {
                "optimizer": {"values": ["adam", "gradient-descent"]},
                "optimizer.momentum": {"low": 0.0, "high": 0.9},
            },
            "choose it only when that is there",
        ),
        (
            {
                "batch_size": {"values": [1, 2], "when": {"epochs": 1}},
                "epochs": {"values": [1, 2], "when": {"batch_size": 1}},
            },
            "wait for each other",
        ),
        (
            {"optimizer": {"values": ["adam", "lion"]}, "epochs": {"low": 1, "high": 2, "when": {"optimizer": "sgd"}}},
            "epochs is chosen when optimizer is 'sgd', which it never is: it is chosen from Choice",
        ),
        (
            {"batch_size": {"low": 4, "high": 8}, "epochs": {"low": 1, "high": 2, "when": {"batch_size": [4, 99]}}},
            "batch_size is 99, which it never is",
        ),
        (
            {"shuffle": {"values": [True, False]}, "epochs": {"low": 1, "high": 2, "when": {"shuffle": 1}}},
            "shuffle is 1, which it never is",
        ),
        ({"batch_size": {"values": [4, 8], "when": {"epochs": 1}}}, "not chosen itself. What else is chosen: nothing"),
        ({"batch_size": [{"values": [4, 8]}, {"values": [1, 2]}]}, "training.batch_size is chosen twice"),
        ({"layers.2": {"copies": [1, 2], "span": 3}}, "span = 3, but from there on there are 2 layers"),
        ({"metrics.0": {"values": ["accuracy", "f1"]}}, "by other measures"),
        ({"training": {"values": [{"epochs": 1}, {"epochs": 2, "seed": 3}]}}, "training is chosen setting by setting"),
    ],
)
def test_a_space_that_cannot_be_is_refused_before_any_trial(
    space: dict[str, Any], message: str, digits: Experiment
) -> None:
    with pytest.raises(ArgumentError, match=message):
        fitted(space, digits)


def test_a_component_that_is_not_there_is_refused(digits: Experiment) -> None:
    with pytest.raises(UnknownComponentError, match="Did you mean 'quadratic'"):
        fitted({"cost": {"values": ["quadratik", "hinge"]}}, digits)


def test_a_component_of_ones_own_has_no_name_to_send(digits: Experiment) -> None:
    class Own(Activation):
        def forward(self, x: Any, ctx: Any) -> Any:
            return x

        def backward(self, grad: Any, ctx: Any) -> Any:
            return grad

    own = digits.with_settings(layers=[*digits.layers, Own()])
    with pytest.raises(ArgumentError, match="cannot be told as a table"):
        fitted({"batch_size": {"values": [1, 2]}}, own)


def test_the_space_of_the_page_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "tuning.md"
    [block] = re.findall(r"^```toml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "mine.toml").write_text(block)
    experiment = read_experiment(tmp_path / "mine.toml")
    search = parse_search(experiment.search)
    assert search.trials == 60
    assert len(fitted_space.fitted(search.space, experiment).parameters) == 11


@pytest.mark.parametrize("key", ["trails", "sampler", "trials"])
def test_settings_are_judged(key: str) -> None:
    table = {"space": {"batch_size": {"values": [1, 2]}}, key: "nonsense"}
    with pytest.raises(LayerkitError, match=key):
        parse_search(table, source="mine.toml")


def test_copies_of_layers_must_not_overlap() -> None:
    with pytest.raises(ArgumentError, match="repeated already"):
        Space({"layers.2": Copies(1, 2, span=2), "layers.3": Copies(1, 2)})
