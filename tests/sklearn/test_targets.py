"""What X and y may be, and how predictions answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]
pytest.importorskip("sklearn")
pandas = pytest.importorskip("pandas")
sparse = pytest.importorskip("scipy.sparse")

from sklearn.metrics import accuracy_score  # noqa: E402

from layerkit import Dense, Huber, Quadratic, Quantile, ReLU, Sigmoid  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402
from tests.sklearn.conftest import Data  # noqa: E402

FAST: dict[str, Any] = {"max_iter": 20, "random_state": 0}


@pytest.mark.parametrize(
    "classes",
    [np.array([5, 2]), np.array([-1.0, 1.0]), np.array(["yes", "no"]), np.array([True, False])],
    ids=str,
)
def test_classes_come_back_as_they_were(classes: Any, cancer: Data) -> None:
    y = classes[cancer.y]
    fitted = LayerkitClassifier(**FAST).fit(cancer.x, y)
    assert fitted.classes_.tolist() == sorted(classes.tolist())
    assert fitted.predict(cancer.x).dtype == y.dtype
    assert fitted.score(cancer.x, y) > 0.95
    # the second class is that of the second column, and of the one output
    assert np.array_equal(fitted.predict_proba(cancer.x)[:, 1] > 0.5, fitted.predict(cancer.x) == fitted.classes_[1])
    assert np.array_equal(fitted.decision_function(cancer.x) > 0, fitted.predict(cancer.x) == fitted.classes_[1])


def test_probabilities_are_what_the_model_predicts(iris: Data) -> None:
    fitted = LayerkitClassifier(**FAST).fit(*iris)
    assert np.array_equal(fitted.predict_proba(iris.x), fitted.model_.predict(iris.x))
    logits = fitted.decision_function(iris.x)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(exponentials / exponentials.sum(axis=1, keepdims=True), fitted.predict_proba(iris.x))
    assert np.allclose(np.exp(fitted.predict_log_proba(iris.x)), fitted.predict_proba(iris.x))


def test_a_cost_without_probabilities_offers_none(iris: Data) -> None:
    fitted = LayerkitClassifier(cost="categorical-hinge", **FAST).fit(*iris)
    assert not hasattr(fitted, "predict_proba")
    assert np.array_equal(fitted.decision_function(iris.x).argmax(axis=1), fitted.predict(iris.x))


def test_labels_of_which_an_example_may_have_several(labelled: Data) -> None:
    fitted = LayerkitClassifier(max_iter=100, random_state=0).fit(*labelled)
    predicted = fitted.predict(labelled.x)
    assert predicted.shape == labelled.y.shape
    assert set(np.unique(predicted)) == {0, 1}
    assert np.array_equal(fitted.predict_proba(labelled.x), fitted.model_.predict(labelled.x))
    assert fitted.score(*labelled) == accuracy_score(labelled.y, predicted) > 0.9
    stopped = LayerkitClassifier(early_stopping=True, max_iter=100, random_state=0).fit(*labelled)
    assert max(stopped.validation_scores_) > 0.8
    sparse_labels = LayerkitClassifier(max_iter=100, random_state=0).fit(labelled.x, sparse.csr_array(labelled.y))
    assert np.array_equal(sparse_labels.predict(labelled.x), predicted)


def test_labels_and_columns_of_frames_are_known_by_name(labelled: Data) -> None:
    x = pandas.DataFrame(labelled.x, columns=list("abcd"))
    y = pandas.DataFrame(labelled.y, columns=["up", "left", "near"])
    fitted = LayerkitClassifier(**FAST).fit(x, y)
    assert fitted.model_.schema.columns == tuple("abcd")
    assert fitted.model_.schema.classes == ("up", "left", "near")
    assert fitted.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="same order"):
        fitted.predict(x[list("dcba")])


def test_several_columns_of_classes_are_refused_with_a_way_out(iris: Data) -> None:
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        LayerkitClassifier(**FAST).fit(iris.x, np.column_stack([iris.y, iris.y]))
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        LayerkitClassifier(**FAST).fit(iris.x, iris.x[:, 0])


def test_a_single_class_is_predicted(iris: Data) -> None:
    fitted = LayerkitClassifier(**FAST).fit(iris.x, np.full(150, "only"))
    assert fitted.predict(iris.x[:2]).tolist() == ["only", "only"]
    assert fitted.predict_proba(iris.x[:2]).tolist() == [[1.0], [1.0]]


def test_numbers_one_or_several(diabetes: Data) -> None:
    one = LayerkitRegressor(**FAST).fit(*diabetes)
    assert one.predict(diabetes.x).shape == (442,)
    assert one.score(*diabetes) > 0.3
    assert np.array_equal(one.predict(diabetes.x), one.model_.predict(diabetes.x)[:, 0])
    both = LayerkitRegressor(**FAST).fit(diabetes.x, np.column_stack([diabetes.y, -2 * diabetes.y]))
    assert both.predict(diabetes.x).shape == (442, 2)
    assert both.score(diabetes.x, np.column_stack([diabetes.y, -2 * diabetes.y])) > 0.3
    series = pandas.Series(diabetes.y, name="progress")
    assert LayerkitRegressor(**FAST).fit(diabetes.x, series).model_.schema.target == "progress"


def test_targets_are_standardised_where_the_cost_allows_it(diabetes: Data) -> None:
    def readout(**parameters: Any) -> str:
        return type(LayerkitRegressor(**FAST, **parameters).fit(*diabetes).model_.readout).__name__

    assert readout() == readout(cost=Huber()) == "Unstandardize"
    assert readout(standardize_targets=False, silence=("all",)) == "NoneType"
    assert readout(cost="poisson") == "Exponential"
    with pytest.raises(ValueError, match="standardize_targets is for targets that are numbers"):
        readout(cost="poisson", standardize_targets=True)
    quantiles = LayerkitRegressor(cost=Quantile((0.1, 0.9)), max_iter=50, random_state=0).fit(*diabetes)
    low, high = quantiles.predict(diabetes.x).T
    assert np.mean((low < diabetes.y) & (diabetes.y < high)) == pytest.approx(0.8, abs=0.1)


def test_a_sparse_matrix_gives_what_a_dense_one_gives(cancer: Data) -> None:
    dense = LayerkitClassifier(class_weight="balanced", **FAST).fit(*cancer)
    for form in (sparse.csr_array, sparse.csc_matrix):
        fitted = LayerkitClassifier(class_weight="balanced", **FAST).fit(form(cancer.x), cancer.y)
        assert np.allclose(fitted.predict_proba(form(cancer.x)), dense.predict_proba(cancer.x), atol=1e-6)
    names = np.array(["b", "m"])[cancer.y]
    stopped = LayerkitClassifier(early_stopping=True, standardize=True, random_state=0)
    assert stopped.fit(sparse.csr_array(cancer.x), names).score(sparse.csr_array(cancer.x), names) > 0.95
    assert LayerkitRegressor(**FAST).fit(sparse.csr_array(cancer.x), cancer.y).score(*cancer) > 0.5


def test_outputs_of_ones_own_fit_the_classes(iris: Data, cancer: Data, labelled: Data) -> None:
    two = LayerkitClassifier(layers=[Dense(4, activation=ReLU()), Dense(2)], output=None, **FAST).fit(*cancer)
    assert type(two.trainer_.cost).__name__ == "CrossEntropy"
    assert two.predict(cancer.x).shape == (569,)
    assert np.allclose(two.predict_proba(cancer.x).sum(axis=1), 1, atol=1e-5)
    assert two.score(*cancer) > 0.9
    one = LayerkitClassifier(layers=[Dense(1)], output=None, **FAST).fit(*cancer)
    assert one.score(*cancer) > 0.9
    squared = LayerkitClassifier(layers=[Dense(1, activation=Sigmoid())], output=None, cost=Quadratic(), **FAST)
    assert squared.fit(*cancer).score(*cancer) > 0.8
    assert LayerkitClassifier(layers=[Dense(3)], output=None, **FAST).fit(*labelled).predict(labelled.x).shape == (
        120,
        3,
    )


@pytest.mark.parametrize(
    ("units", "which", "message"),
    [
        (7, "iris", r"Dense\(7\) has 7 outputs, and y has 3 classes: give it 3"),
        (2, "iris", r"Dense\(2\) has 2 outputs, and y has 3 classes: give it 3"),
        (1, "iris", r"Dense\(1\) has 1 output, and y has 3 classes: give it 3"),
        (3, "cancer", r"Dense\(3\) has 3 outputs, and y has 2 classes: give it 1 or 2"),
        (2, "labelled", r"Dense\(2\) has 2 outputs, and y has 3 labels: give it 3"),
    ],
)
def test_outputs_that_do_not_fit_the_classes_are_refused(
    units: int, which: str, message: str, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(which)
    with pytest.raises(ValueError, match=message):
        LayerkitClassifier(layers=[Dense(4), Dense(units)], output=None, **FAST).fit(*data)
    with pytest.raises(
        ValueError, match=r"Dense\(2\) has 2 outputs, and y has 2 classes: give it 1, or leave cost out"
    ):
        LayerkitClassifier(layers=[Dense(2)], output=None, cost="binary-cross-entropy").fit(
            data.x, np.arange(len(data.x)) % 2
        )


def test_weights_of_another_form_are_refused(iris: Data) -> None:
    with pytest.raises(ValueError, match=r"one number for each of 150 rows, got shape \(3,\)"):
        LayerkitClassifier(**FAST).fit(*iris, sample_weight=[1, 2, 3])
    with pytest.raises(ValueError, match="at least 0"):
        LayerkitClassifier(**FAST).fit(*iris, sample_weight=-np.ones(150))


@pytest.mark.parametrize("gap", [None, float("nan"), pandas.NA])
@pytest.mark.parametrize("kind", [LayerkitClassifier, LayerkitRegressor])
def test_a_target_that_is_missing_is_told_by_its_row(gap: Any, kind: Any, iris: Data) -> None:
    y = np.array(["x", "y", "z"], object)[iris.y]
    y[3] = gap
    for given in (y, pandas.Series(y), y.tolist()):
        with pytest.raises(ValueError, match="y has no value in row 3"):
            kind(**FAST).fit(iris.x, given)


def test_a_column_of_text_is_told_by_its_name(iris: Data) -> None:
    frame = pandas.DataFrame(iris.x, columns=list("abcd"))
    frame["5"] = "5"
    assert LayerkitClassifier((4,), max_iter=1).fit(frame, iris.y).n_features_in_ == 5
    fitted = LayerkitClassifier((4,), max_iter=1).fit(frame[["a", "b"]], iris.y)
    for text in (np.full(150, "red"), pandas.Categorical(["red"] * 150), pandas.array(["red", None] * 75, "string")):
        frame["b"] = text
        with pytest.raises(ValueError, match=r"the column 'b' of X holds text, such as 'red'.*encode it"):
            LayerkitClassifier(**FAST).fit(frame, iris.y)
        with pytest.raises(ValueError, match="the column 'b' of X holds text"):
            fitted.predict(frame[["a", "b"]])


def test_training_in_parts_keeps_its_classes(iris: Data) -> None:
    fitted = LayerkitClassifier((4,)).partial_fit(*iris, classes=[2, 1, 0])
    fitted.partial_fit(*iris, classes=[0, 1, 2]).partial_fit(*iris)
    with pytest.raises(ValueError, match=r"classes is \[0, 1, 2, 3\], and training goes on with \[0, 1, 2\]"):
        fitted.partial_fit(*iris, classes=[0, 1, 2, 3])


def test_several_predictions_for_a_number_have_no_score(diabetes: Data, tmp_path: Path) -> None:
    several = LayerkitRegressor(cost=Quantile((0.1, 0.5, 0.9)), **FAST).fit(*diabetes)
    several.save(tmp_path / "quantiles.safetensors")
    for fitted in (several, LayerkitRegressor.load(tmp_path / "quantiles.safetensors")):
        assert fitted.predict(diabetes.x).shape == (442, 3)
        assert fitted.n_outputs_ == 1
        with pytest.raises(ValueError, match=r"score is by R², .* Quantile has 3: .*mean_pinball_loss"):
            fitted.score(*diabetes)
    with pytest.raises(ValueError, match=r"early_stopping is by R², .* Quantile has 3"):
        LayerkitRegressor(cost=Quantile((0.1, 0.5, 0.9)), early_stopping=True).fit(*diabetes)
    assert LayerkitRegressor(cost=Quantile((0.5,)), early_stopping=True, **FAST).fit(*diabetes).score(*diabetes) > 0
