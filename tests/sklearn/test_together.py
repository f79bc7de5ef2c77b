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
