"""Beside the rest of scikit-learn: what wraps estimators, looks into them, or keeps them."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]
sklearn = pytest.importorskip("sklearn")
pandas = pytest.importorskip("pandas")

import joblib  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.compose import TransformedTargetRegressor  # noqa: E402
from sklearn.ensemble import BaggingClassifier, StackingClassifier, StackingRegressor, VotingClassifier  # noqa: E402
from sklearn.inspection import permutation_importance  # noqa: E402
from sklearn.model_selection import cross_val_predict, cross_validate  # noqa: E402
from sklearn.multiclass import OneVsRestClassifier  # noqa: E402
from sklearn.multioutput import MultiOutputClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import layerkit  # noqa: E402
from layerkit import Dense, ReLU  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402
from tests.sklearn.conftest import Data  # noqa: E402

FAST: dict[str, Any] = {"max_iter": 30, "random_state": 0}


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda network: CalibratedClassifierCV(network, cv=2),
        lambda network: VotingClassifier([("one", network), ("other", network)], voting="soft"),
        lambda network: StackingClassifier([("network", network)], cv=2),
        lambda network: BaggingClassifier(network, 2, random_state=0),
        OneVsRestClassifier,
        lambda network: make_pipeline(StandardScaler(), network),
    ],
)
def test_what_wraps_a_classifier_works_on_it(wrapped: Any, iris: Data) -> None:
    assert wrapped(LayerkitClassifier(**FAST)).fit(*iris).score(*iris) > 0.9


def test_what_wraps_other_estimators_works_on_them(iris: Data, diabetes: Data) -> None:
    stacked = StackingRegressor([("network", LayerkitRegressor(**FAST))], cv=2)
    assert stacked.fit(*diabetes).score(*diabetes) > 0.3
    scaled = TransformedTargetRegressor(LayerkitRegressor(**FAST), transformer=StandardScaler())
    assert scaled.fit(*diabetes).score(*diabetes) > 0.3
    two = np.column_stack([iris.y, iris.y > 0])
    assert MultiOutputClassifier(LayerkitClassifier(**FAST)).fit(iris.x, two).score(iris.x, two) > 0.9


def test_importance_of_features_by_permutation(iris: Data) -> None:
    fitted = LayerkitClassifier(**FAST).fit(*iris)
    found = permutation_importance(fitted, *iris, n_repeats=2, random_state=0).importances_mean
    assert found[2:].min() > found[:2].max()


def test_predictions_across_folds_and_processes(iris: Data) -> None:
    network = LayerkitClassifier(layers=[Dense(8, activation=ReLU())], **FAST)
    alone = cross_val_predict(network, *iris, cv=3, method="predict_proba")
    together = cross_val_predict(network, *iris, cv=3, method="predict_proba", n_jobs=2)
    assert np.array_equal(alone, together)


def test_a_pipeline_hands_frames_on(iris: Data) -> None:
    frame = pandas.DataFrame(iris.x, columns=list("abcd"))
    pipeline = make_pipeline(StandardScaler(), LayerkitClassifier(**FAST)).set_output(transform="pandas")
    assert pipeline.fit(frame, iris.y)[-1].feature_names_in_.tolist() == list("abcd")
    assert pipeline.score(frame, iris.y) > 0.9


def test_weights_are_routed(iris: Data) -> None:
    weights = (iris.y == 0).astype(float)
    with sklearn.config_context(enable_metadata_routing=True):
        network = LayerkitClassifier(**FAST).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        found = cross_validate(network, *iris, params={"sample_weight": weights}, cv=3, return_estimator=True)
    # only one class counts, and it is always right
    assert found["test_score"].tolist() == [1.0, 1.0, 1.0]
    assert all((fitted.predict(iris.x) == 0).all() for fitted in found["estimator"])


@pytest.mark.parametrize("way", ["pickle", "joblib", "deepcopy"])
def test_a_copy_predicts_and_goes_on_as_the_first(way: str, cancer: Data, tmp_path: Path) -> None:
    fitted = LayerkitClassifier(max_iter=3, random_state=0).fit(*cancer)
    if way == "joblib":
        joblib.dump(fitted, tmp_path / "fitted.joblib")
        other = joblib.load(tmp_path / "fitted.joblib")
    else:
        other = copy.deepcopy(fitted) if way == "deepcopy" else pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(other.predict_proba(cancer.x), fitted.predict_proba(cancer.x))
    assert other.model_ is other.trainer_.model
    assert other.partial_fit(*cancer).loss_curve_ == fitted.partial_fit(*cancer).loss_curve_


@pytest.mark.parametrize("words", [False, True])
def test_a_file_holds_the_model_and_any_models_file_is_an_estimator(words: bool, iris: Data, tmp_path: Path) -> None:
    frame = pandas.DataFrame(iris.x, columns=list("abcd"))
    y = np.array(["x", "y", "z"])[iris.y] if words else iris.y + 3
    fitted = LayerkitClassifier(**FAST).fit(frame, y)
    path = tmp_path / "iris.safetensors"
    fitted.save(path)
    assert layerkit.load(path).classify(frame[:2]).tolist() == list(map(str, y[:2].tolist()))
    again = LayerkitClassifier.load(path)
    assert np.array_equal(again.predict(frame), fitted.predict(frame))
    assert again.classes_.tolist() == fitted.classes_.tolist()
    assert again.feature_names_in_.tolist() == list("abcd")
    assert again.n_features_in_ == 4
    assert again.partial_fit(frame, y).n_iter_ == 1
    assert again.get_params()["layers__0__units"] == 100


def test_a_file_of_a_regressor(diabetes: Data, tmp_path: Path) -> None:
    fitted = LayerkitRegressor(**FAST).fit(*diabetes)
    fitted.save(tmp_path / "diabetes.safetensors")
    again = LayerkitRegressor.load(tmp_path / "diabetes.safetensors")
    assert np.array_equal(again.predict(diabetes.x), fitted.predict(diabetes.x))


@pytest.mark.parametrize(
    "classes",
    [
        np.array(["1", "2", "3"]),
        np.array(["01", "2", "30"], object),
        np.array(["1", "1.0", "10"]),
        np.array(["False", "True"]),
        np.array([False, True]),
        np.array([0.0, 1.0]),
        np.array([-1.0, 2.0, 7.0], np.float32),
        np.array([0, 1, 2], np.uint8),
        np.array([2**53 + 1, 2**53 + 2]),
        np.array(["only"]),
        np.array([7]),
    ],
    ids=lambda classes: f"{classes.dtype}-{classes.tolist()}",
)
def test_classes_come_back_from_a_file_as_they_were(classes: Any, iris: Data, tmp_path: Path) -> None:
    y = classes[iris.y % len(classes)]
    fitted = LayerkitClassifier((4,), max_iter=2, random_state=0).fit(iris.x, y)
    fitted.save(tmp_path / "network.safetensors")
    again = LayerkitClassifier.load(tmp_path / "network.safetensors")
    assert again.classes_.dtype == fitted.classes_.dtype
    assert again.classes_.tolist() == fitted.classes_.tolist()
    assert list(map(type, again.classes_.tolist())) == list(map(type, fitted.classes_.tolist()))
    assert again.predict(iris.x).dtype == fitted.predict(iris.x).dtype
    assert np.array_equal(again.predict(iris.x), fitted.predict(iris.x))
    assert np.array_equal(again.predict_proba(iris.x), fitted.predict_proba(iris.x))
    assert again.score(iris.x, y) == fitted.score(iris.x, y)
    assert again.partial_fit(iris.x, y).n_iter_ == 1
    again.save(tmp_path / "twice.safetensors")
    assert (tmp_path / "twice.safetensors").stat().st_size > 0
    layerkit.load(tmp_path / "network.safetensors")


def test_shapes_of_targets_come_back_from_a_file(labelled: Data, diabetes: Data, tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    labels = LayerkitClassifier((4,), max_iter=2, random_state=0).fit(*labelled)
    labels.save(path)
    assert np.array_equal(LayerkitClassifier.load(path).predict(labelled.x), labels.predict(labelled.x))
    for y in (diabetes.y, diabetes.y[:, None]):
        numbers = LayerkitRegressor((4,), max_iter=2, random_state=0).fit(diabetes.x, y)
        numbers.save(path)
        assert LayerkitRegressor.load(path).predict(diabetes.x).shape == y.shape


def test_classes_that_a_file_cannot_hold_are_refused(iris: Data, tmp_path: Path) -> None:
    fitted = LayerkitClassifier((4,), max_iter=2, random_state=0).fit(*iris)
    fitted.classes_ = np.array(["2020", "2021", "2022"], "datetime64[Y]")
    with pytest.raises(layerkit.errors.ArgumentError, match=r"datetime64.*joblib"):
        fitted.save(tmp_path / "network.safetensors")
    assert not (tmp_path / "network.safetensors").exists()


def test_a_file_of_the_other_kind_of_estimator_is_refused(iris: Data, diabetes: Data, tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    classifier = LayerkitClassifier((4,), max_iter=2, random_state=0).fit(*iris)
    classifier.save(path)
    with pytest.raises(layerkit.errors.ArgumentError, match=r"LayerkitRegressor: .*LayerkitClassifier"):
        LayerkitRegressor.load(path)
    layerkit.save(classifier.model_, path, cost=classifier.trainer_.cost)
    with pytest.raises(layerkit.errors.ArgumentError, match=r"LayerkitRegressor: .*LayerkitClassifier"):
        LayerkitRegressor.load(path)
    regressor = LayerkitRegressor((4,), max_iter=2, random_state=0).fit(*diabetes)
    regressor.save(path)
    with pytest.raises(layerkit.errors.ArgumentError, match=r"LayerkitClassifier: .*LayerkitRegressor"):
        LayerkitClassifier.load(path)
    layerkit.save(regressor.model_, path, cost=regressor.trainer_.cost)
    with pytest.raises(layerkit.errors.ArgumentError, match=r"LayerkitClassifier: .*LayerkitRegressor"):
        LayerkitClassifier.load(path)


def test_what_a_file_says_of_an_estimator_is_judged(iris: Data, tmp_path: Path) -> None:
    from layerkit.files.format.document import opened
    from layerkit.files.format.tensors import write_document
    from layerkit.files.limits import Limits
    from layerkit.files.models import model_tensors

    path = tmp_path / "network.safetensors"
    fitted = LayerkitClassifier((4,), max_iter=2, random_state=0).fit(*iris)
    fitted.save(path)
    with opened(path, Limits()) as document:
        content = document.content
    tensors = model_tensors(fitted.model_.parameters, fitted.model_.states)
    told = content["estimator"]
    for wrong in (
        None,
        {**told, "more": 1},
        {**told, "kind": "cluster"},
        {**told, "classes": ["0", "1"]},
        {**told, "classes": ["0", "2", "1"]},
        {**told, "classes": ["0", "1", "many"]},
        {**told, "classes": [0, 1, 2]},
        {**told, "dtype": "|V8"},
        {**told, "dtype": "int"},
        {**told, "dtype": None},
    ):
        write_document(path, {**content, "estimator": wrong}, tensors)
        with pytest.raises(layerkit.errors.ModelFileError, match="estimator"):
            LayerkitClassifier.load(path)
