"""Parameters: components by object, name and table; what is inside them; copies; and what is refused."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]
pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402

from layerkit import Adam, Dense, Dropout, ReLU, Sequential, Tanh  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402
from tests.sklearn.conftest import Data  # noqa: E402

FAST: dict[str, Any] = {"max_iter": 3, "random_state": 0}


def test_a_search_leads_into_components(iris: Data) -> None:
    network = LayerkitClassifier(layers=[Dense(4, activation=ReLU()), Dropout(0.1)], optimizer="adam", **FAST)
    paths = {"layers__0__units": [3, 5], "layers__1__rate": [0.2], "optimizer__beta1": [0.8]}
    best = GridSearchCV(network, paths, cv=2).fit(*iris).best_estimator_
    assert best.model_.layers[0].units in (3, 5)
    assert best.model_.layers[1].rate == 0.2
    assert best.trainer_.optimizer.beta1 == 0.8
    assert network.layers[0].units == 4


def test_parameters_inside_components_are_listed_by_their_paths() -> None:
    network = LayerkitClassifier(layers=[Dense(4, activation=ReLU()), {"component": "dense", "units": 7}])
    parameters = network.get_params()
    assert parameters["layers__0__units"] == 4
    assert parameters["layers__0__activation"] is network.layers[0].activation
    assert parameters["layers__1__units"] == 7
    assert set(network.get_params(deep=False)) == set(parameters) - {name for name in parameters if "__" in name}
    assert network.set_params(layers__1__units=8, alpha=0.5).get_params()["layers__1__units"] == 8
    assert network.alpha == 0.5


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("layerz__0", "Invalid parameter 'layerz'"),
        ("layers__3__units", "the list layers has the places 0 to 0"),
        ("layers__0__unit", "Dense has no 'unit'. Did you mean 'units'"),
        ("layers__0__units", "units must be an integer of at least 1, got 'many'"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_there_is(path: str, message: str) -> None:
    network = LayerkitClassifier(layers=[Dense(4)])
    with pytest.raises(ValueError, match=re.escape(message)):
        network.set_params(**{path: "many"})


def test_components_are_objects_names_or_tables_those_of_plugins_too(iris: Data) -> None:
    pytest.importorskip("layerkit_conv")
    network = LayerkitClassifier(
        layers=[
            {"component": "reshape", "shape": [2, 2, 1]},
            {"component": "conv/conv2d", "filters": 3, "kernel_size": 1, "activation": "tanh"},
            "flatten",
        ],
        cost="focal",
        optimizer={"component": "gradient-descent", "learning_rate": 0.1},
        transforms=[{"component": "clip-norm", "limit": 1.0}],
        engine="numpy",
        callbacks=[{"component": "time-limit", "seconds": 60}],
        **FAST,
    ).fit(*iris)
    kinds = [type(layer).__name__ for layer in network.model_.layers]
    assert kinds == ["Reshape", "Conv2D", "Flatten", "Dense"]
    assert type(network.trainer_.cost).__name__ == "Focal"
    assert [type(each).__name__ for each in network.trainer_.transforms] == ["L2Penalty", "ClipNorm"]


def test_the_rate_is_a_number_or_a_schedule() -> None:
    def rate(rows: int, **parameters: Any) -> Any:
        x, y = np.zeros((rows, 2)), np.arange(rows) % 2
        return LayerkitClassifier(max_iter=1, **parameters).fit(x, y).trainer_.optimizer.learning_rate

    assert rate(100) == 0.05
    assert rate(1000) == 0.002
    assert rate(1000, batch_size=10) == 0.001
    assert rate(100, optimizer=Adam()) == 0.001
    assert rate(100, optimizer="nadam", learning_rate_init=0.5) == 0.5
    assert rate(100, learning_rate_init={"component": "cosine", "initial": 0.1, "length": 5}).length == 5
    assert rate(100, optimizer=Adam(0.3), learning_rate_init=0.1) == 0.1


def test_an_optimizer_without_a_rate_of_its_own_takes_that_of_the_estimator(iris: Data) -> None:
    def optimizer(network: LayerkitClassifier) -> Any:
        return network.fit(*iris).trainer_.optimizer

    for given in ("gradient-descent", {"component": "gradient-descent"}):
        found = optimizer(LayerkitClassifier(optimizer=given, learning_rate_init=0.25, **FAST))
        assert (type(found).__name__, found.learning_rate) == ("GradientDescent", 0.25)
    network = LayerkitClassifier(learning_rate_init=0.25, **FAST)
    network.set_params(optimizer="gradient-descent", optimizer__momentum=0.9)
    assert (optimizer(network).momentum, optimizer(network).learning_rate) == (0.9, 0.25)
    assert network.get_params()["optimizer__momentum"] == 0.9
    assert optimizer(clone(network).set_params(optimizer__momentum=0.8)).momentum == 0.8
    network.set_params(optimizer__nesterov=True)
    assert (optimizer(network).momentum, optimizer(network).nesterov) == (0.9, True)
    with_rate = LayerkitClassifier(**FAST).set_params(optimizer="gradient-descent", optimizer__learning_rate=0.5)
    assert optimizer(with_rate).learning_rate == 0.5
    with pytest.raises(ValueError, match="has no learning rate of its own: give learning_rate_init"):
        LayerkitClassifier(optimizer="gradient-descent", **FAST).fit(*iris)
    with pytest.raises(ValueError, match="Did you mean 'momentum'"):
        LayerkitClassifier(optimizer="gradient-descent").set_params(optimizer__momentu=0.9)
    with pytest.raises(ValueError, match="momentum must be"):
        LayerkitClassifier(optimizer="gradient-descent").set_params(optimizer__momentum=9)


def test_names_and_tables_are_components_on_paths_too(iris: Data) -> None:
    network = LayerkitClassifier(layers=[Dense(4, activation=ReLU())], optimizer=Adam(0.1), **FAST)
    network.set_params(
        layers__0__activation="tanh", optimizer__learning_rate={"component": "cosine", "initial": 0.1, "length": 5}
    )
    assert isinstance(network.layers[0].activation, Tanh)
    assert network.optimizer.learning_rate.length == 5
    fitted = network.fit(*iris)
    assert isinstance(fitted.model_.layers[0].activation, Tanh)
    leaky = {"component": "leaky-relu", "negative_slope": 0.2}
    network.set_params(layers__0__activation=leaky, layers__0__activation__negative_slope=0.3)
    assert network.layers[0].activation.negative_slope == 0.3
    assert type(network.set_params(layers__0__activation="logistic").layers[0].activation).__name__ == "Sigmoid"
    assert network.set_params(layers__0__activation=None).layers[0].activation is None
    with pytest.raises((ValueError, LookupError), match="Did you mean 'tanh'"):
        network.set_params(layers__0__activation="tanhh")
    paths = {"layers__0__activation": ["tanh", "relu"]}
    assert GridSearchCV(network, paths, cv=2, error_score="raise").fit(*iris).best_params_["layers__0__activation"]


def test_a_clone_keeps_one_layer_in_two_places_one(iris: Data) -> None:
    shared = Dense(4, activation=Tanh())
    network = clone(LayerkitClassifier(layers=[shared, shared], **FAST))
    assert network.layers[0] is network.layers[1] is not shared
    fitted = network.fit(*iris)
    assert fitted.model_.layers[0] is fitted.model_.layers[1]
    assert not hasattr(fitted.layers[0], "weight")


def test_layers_that_were_trained_are_taken_over_with_their_values(iris: Data) -> None:
    trained = LayerkitClassifier((4,), **FAST).fit(*iris)
    taken = LayerkitClassifier(layers=[trained.model_.layers[0].copy().freeze()], **FAST).fit(*iris)
    assert np.array_equal(taken.model_.parameters["0.weight"], trained.model_.parameters["0.weight"])


def test_layers_may_be_a_model_and_hold_the_output(iris: Data) -> None:
    model = Sequential([Dense(4, activation=ReLU()), Dense(3)])
    fitted = LayerkitClassifier(layers=model, output=None, **FAST).fit(*iris)
    assert len(fitted.model_.layers) == 2
    assert not model.initialized


def test_images_are_taken_where_layers_are_given() -> None:
    x, y = np.random.default_rng(0).random((20, 4, 4)), np.arange(20) % 2
    assert LayerkitClassifier(layers=["flatten"], **FAST).fit(x, y).predict(x).shape == (20,)
    with pytest.raises(ValueError, match="dim 3"):
        LayerkitClassifier(**FAST).fit(x, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_iter": 0}, "LayerkitClassifier: max_iter must be an integer of at least 1, got 0"),
        ({"alpha": -1}, "alpha must be a finite number at least 0"),
        ({"batch_size": "all"}, "batch_size must be one of 'auto'"),
        ({"n_iter_no_change": 0}, "np.inf trains for all of max_iter"),
        ({"validation_fraction": 1.0}, "validation_fraction must be a finite number above 0 and below 1"),
        ({"early_stopping": "yes"}, "early_stopping must be True or False"),
        ({"dtype": "float16"}, "dtype must be one of 'auto', 'float32', 'float64'"),
        ({"hidden_layer_sizes": (8, 0)}, "hidden_layer_sizes must be the units of each hidden layer"),
        ({"activation": "rel"}, "Did you mean 'relu'"),
        ({"optimizer": Dense(3)}, "optimizer must be an Optimizer object"),
        ({"cost": Adam()}, "cost must be a Cost object"),
        ({"layers": [Dense(3)], "activation": "tanh"}, "layers=[…] gives them: leave one of them out"),
        ({"layers": [Dense]}, "write Dense(…), with brackets"),
        ({"layers": []}, None),
        ({"output": None}, "output=None says that the layers have the output among them"),
        ({"layers": [], "output": None}, "layers is empty, and output=None adds none"),
        ({"callbacks": "early-stopping"}, "callbacks must be a list"),
        ({"cost": "hinge"}, "y has 3 classes that exclude each other, and Hinge tells a yes or no"),
        ({"random_state": -1}, "random_state"),
        ({"class_weight": "even"}, "class_weights must be 'balanced', or a mapping"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_fitted(
    parameters: dict[str, Any], message: str | None, iris: Data
) -> None:
    network = LayerkitClassifier(**{**FAST, **parameters})
    if message is None:
        network.fit(*iris)
        return
    with pytest.raises((ValueError, LookupError)) as caught:
        network.fit(*iris)
    if "random_state" not in parameters:
        assert message in str(caught.value)


def test_verbose_may_be_an_integer(iris: Data, capfd: pytest.CaptureFixture[str]) -> None:
    LayerkitClassifier(verbose=1, **FAST).fit(*iris)
    told = capfd.readouterr()
    assert told.out + told.err
    LayerkitClassifier(verbose=0, **FAST).fit(*iris)
    told = capfd.readouterr()
    assert not told.out + told.err
    wrong: Any
    for wrong in (-1, 1.0, "yes"):
        with pytest.raises(ValueError, match="verbose must be True or False"):
            LayerkitClassifier(verbose=wrong, **FAST).fit(*iris)


def test_a_regressor_takes_no_cost_of_classes(diabetes: Data) -> None:
    with pytest.raises(ValueError, match="CrossEntropy is a cost of classes, and y holds numbers"):
        LayerkitRegressor(cost="cross-entropy", **FAST).fit(*diabetes)


def test_fitting_changes_no_parameter(iris: Data) -> None:
    network = LayerkitClassifier(layers=[Dense(4)], optimizer=Adam(0.1), callbacks=["time-limit"][:0], **FAST)
    before = repr(network)
    fitted = network.fit(*iris)
    assert repr(fitted) == before
    assert fitted.trainer_.optimizer is not fitted.optimizer


def test_a_notebook_shows_the_network(iris: Data) -> None:
    network = LayerkitClassifier(layers=[Dense(4, activation=ReLU())], **FAST)
    planned = network._repr_html_()
    assert "Dense 4, ReLU" in planned
    assert "follows from y" in planned
    fitted = network.fit(*iris)._repr_html_()
    assert "(batch, 3) · 15 parameters" in fitted
    assert "Softmax" in fitted
    assert LayerkitClassifier(activation="rel")._repr_html_()
