"""What is trained: equal to a trainer by hand, epoch by epoch, from fit to fit; and what ends it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]
pytest.importorskip("sklearn")

from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402

from layerkit import Adam, BinaryCrossEntropy, Dense, Glorot, L2Penalty, ReLU, Sequential, Trainer  # noqa: E402
from layerkit.errors import LayerkitWarning  # noqa: E402
from layerkit.interfaces.callback import Callback, FitView  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402
from tests.sklearn.conftest import Data  # noqa: E402


def test_the_habit_is_a_trainer_by_hand(cancer: Data) -> None:
    hidden = Dense(100, activation=ReLU(), bias_initializer=Glorot())
    model = Sequential([hidden, Dense(1, bias_initializer=Glorot())])
    penalty = L2Penalty(1e-4 / 200)
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.05 / 9), transforms=[penalty], seed=3)
    history = trainer.fit((cancer.x, cancer.y), epochs=5, batch_size=200)

    fitted = LayerkitClassifier(max_iter=5, random_state=3).fit(*cancer)

    assert fitted.loss_curve_ == history["cost"]
    assert np.array_equal(fitted.predict_proba(cancer.x)[:, 1], model.predict(cancer.x)[:, 0])
    assert np.array_equal(fitted.model_.predict(cancer.x), model.predict(cancer.x))


def test_it_learns_what_mlp_classifier_learns(cancer: Data) -> None:
    """Not to the same bits, for first values are drawn otherwise; the cost falls as fast."""
    own = LayerkitClassifier(random_state=0, max_iter=50, alpha=0, learning_rate_init=0.001).fit(*cancer)
    other = MLPClassifier(random_state=0, max_iter=50, alpha=0, learning_rate_init=0.001).fit(*cancer)
    assert own.loss_ == pytest.approx(other.loss_, rel=0.15)
    assert own.score(*cancer) == pytest.approx(other.score(*cancer), abs=0.01)


@pytest.mark.parametrize("kind", [LayerkitClassifier, LayerkitRegressor])
def test_partial_fit_is_fit_epoch_by_epoch(kind: Any, cancer: Data) -> None:
    whole = kind(max_iter=6, random_state=0, n_iter_no_change=np.inf).fit(*cancer)
    step_by_step = kind(random_state=0)
    for _ in range(6):
        step_by_step.partial_fit(*cancer)
    assert step_by_step.loss_curve_ == whole.loss_curve_
    assert step_by_step.n_iter_ == whole.n_iter_ == 6
    assert np.array_equal(step_by_step.model_.predict(cancer.x), whole.model_.predict(cancer.x))


def test_a_warm_start_remembers_what_the_optimizer_does(cancer: Data) -> None:
    """scikit-learn #6091: there, Adam begins anew."""
    once = LayerkitClassifier(max_iter=8, random_state=0, n_iter_no_change=np.inf).fit(*cancer)
    twice = LayerkitClassifier(max_iter=4, random_state=0, n_iter_no_change=np.inf, warm_start=True)
    twice.fit(*cancer).fit(*cancer)
    assert twice.loss_curve_ == once.loss_curve_
    assert np.array_equal(twice.predict_proba(cancer.x), once.predict_proba(cancer.x))


def test_a_warm_start_obeys_other_settings_and_refuses_another_network(cancer: Data) -> None:
    fitted = LayerkitClassifier((5,), max_iter=2, random_state=0, warm_start=True).fit(*cancer)
    fitted.set_params(learning_rate_init=0.0, alpha=0.0).fit(*cancer)
    assert fitted.n_iter_ == 4
    assert fitted.loss_curve_[3] == pytest.approx(fitted.loss_curve_[2], rel=1e-6)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes changed since it was made: set it back, or begin anew"):
        fitted.set_params(hidden_layer_sizes=(6,)).fit(*cancer)
    with pytest.raises(ValueError, match="7, and the classes are 0, 1"):
        fitted.set_params(hidden_layer_sizes=(5,)).fit(cancer.x, np.where(cancer.y, 7, 0))


def test_a_fit_without_warm_start_begins_anew(cancer: Data) -> None:
    fitted = LayerkitClassifier(max_iter=3, random_state=0).fit(*cancer)
    before = fitted.predict_proba(cancer.x)
    assert np.array_equal(fitted.fit(*cancer).predict_proba(cancer.x), before)
    assert fitted.n_iter_ == 3


def test_weights_are_rows_given_more_than_once(iris: Data) -> None:
    weights = np.arange(150) % 3
    weighted = LayerkitClassifier(max_iter=20, random_state=0, batch_size=500).fit(*iris, sample_weight=weights)
    rows = np.repeat(np.arange(150), weights)
    repeated = LayerkitClassifier(max_iter=20, random_state=0, batch_size=500).fit(iris.x[rows], iris.y[rows])
    assert np.allclose(weighted.predict_proba(iris.x), repeated.predict_proba(iris.x), rtol=1e-9)
    # what all weigh matters for the penalty alone
    weighted.set_params(alpha=0.0)
    assert weighted.fit(*iris, sample_weight=2.0).loss_ == pytest.approx(weighted.fit(*iris).loss_, rel=1e-9)


@pytest.mark.parametrize("names", [False, True])
def test_class_weights_are_weights_of_rows(names: bool, iris: Data) -> None:
    y = np.array(["a", "b", "c"])[iris.y] if names else iris.y
    keys = ["a", "b", "c"] if names else [0, 1, 2]
    by_class = LayerkitClassifier(max_iter=5, random_state=0, class_weight={keys[2]: 4.0}).fit(iris.x, y)
    by_row = LayerkitClassifier(max_iter=5, random_state=0, alpha=1e-4 * 2)
    by_row.fit(iris.x, y, sample_weight=np.where(iris.y == 2, 4.0, 1.0))
    assert np.allclose(by_class.predict_proba(iris.x), by_row.predict_proba(iris.x), rtol=1e-9)


def test_balanced_classes_weigh_the_same(iris: Data) -> None:
    x, y = iris.x[:110], iris.y[:110]
    balanced = LayerkitClassifier(max_iter=5, random_state=0, class_weight="balanced").fit(x, y)
    counts = np.bincount(y)
    told = LayerkitClassifier(max_iter=5, random_state=0, class_weight=dict(enumerate(110 / (3 * counts)))).fit(x, y)
    assert np.array_equal(balanced.predict_proba(x), told.predict_proba(x))
    with pytest.raises(ValueError, match="class_weight names 9, which is no class; the classes: 0, 1, 2"):
        LayerkitClassifier(class_weight={9: 1.0}).fit(x, y)
    with pytest.raises(ValueError, match="partial_fit sees a part of the data"):
        balanced.partial_fit(x, y)


def test_early_stopping_keeps_a_share_of_each_class_apart_and_the_best_values(iris: Data) -> None:
    fitted = LayerkitClassifier(
        early_stopping=True, validation_fraction=0.2, learning_rate_init=0.05, random_state=0, n_iter_no_change=3
    ).fit(*iris)
    assert fitted.n_iter_ == len(fitted.validation_scores_) < 200
    best = int(np.argmax(fitted.validation_scores_))
    assert fitted.best_validation_score_ == fitted.validation_scores_[best]
    assert fitted.n_iter_ - (best + 1) >= 4
    # as many epochs as to the best one, by hand on the same part, are the same values
    from layerkit.data.split import split_rows

    train, held_out = split_rows(150, iris.y, test_fraction=0.2, seed=0)
    assert np.bincount(iris.y[held_out]).tolist() == [10, 10, 10]
    plain = LayerkitClassifier(learning_rate_init=0.05, random_state=0, max_iter=best + 1, n_iter_no_change=np.inf)
    plain.fit(iris.x[train], iris.y[train])
    assert np.allclose(plain.predict_proba(iris.x), fitted.predict_proba(iris.x), rtol=1e-6)
    assert plain.score(iris.x[held_out], iris.y[held_out]) == pytest.approx(fitted.best_validation_score_)


def test_early_stopping_says_what_it_cannot_do(iris: Data) -> None:
    with pytest.raises(ValueError, match=r"3 rows are too few to keep validation_fraction=0\.1"):
        LayerkitClassifier(early_stopping=True).fit(iris.x[::50], iris.y[::50])
    with pytest.raises(ValueError, match="partial_fit keeps nothing apart"):
        LayerkitClassifier(early_stopping=True).partial_fit(*iris)


def test_training_ends_where_the_cost_falls_no_more(iris: Data) -> None:
    tolerant = LayerkitClassifier(tol=0.5, n_iter_no_change=4, random_state=0).fit(*iris)
    # the first epoch is better than nothing; five more are not
    assert tolerant.n_iter_ == 6
    assert MLPClassifier(tol=0.5, n_iter_no_change=4, random_state=0).fit(*iris).n_iter_ == 6
    assert LayerkitClassifier(tol=0.5, n_iter_no_change=np.inf, max_iter=9, random_state=0).fit(*iris).n_iter_ == 9


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_training_that_has_not_converged_is_told(iris: Data) -> None:
    with pytest.warns(ConvergenceWarning, match=r"3 epochs \(max_iter\) have passed"):
        LayerkitClassifier(max_iter=3).fit(*iris)


def test_features_that_are_not_scaled_are_told_and_standardize_scales_them() -> None:
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    with pytest.warns(LayerkitWarning, match="scale"):
        LayerkitClassifier(max_iter=2, random_state=0).fit(x, y)
    LayerkitClassifier(max_iter=2, random_state=0, silence=("scale",)).fit(x, y)
    assert LayerkitClassifier(standardize=True, random_state=0).fit(x, y).score(x, y) > 0.98


def test_the_seed_is_the_trainers_and_numpys_generator_gives_one() -> None:
    x, y = np.zeros((10, 2)), np.arange(10) % 2
    assert LayerkitClassifier(max_iter=1, random_state=7).fit(x, y).trainer_.seed == 7

    def drawn(state: Any) -> int:
        seed: int = LayerkitClassifier(max_iter=1, random_state=state).fit(x, y).trainer_.seed
        return seed

    assert drawn(np.random.RandomState(1)) == drawn(np.random.RandomState(1)) != drawn(np.random.RandomState(2))
    np.random.seed(5)
    first = drawn(None)
    np.random.seed(5)
    assert drawn(None) == first != drawn(None)


def test_small_data_is_trained_in_its_own_precision_and_large_in_float32(cancer: Data) -> None:
    def dtype(x: Any, **parameters: Any) -> str:
        fitted = LayerkitClassifier(max_iter=1, **parameters).fit(x, cancer.y[: len(x)])
        assert fitted.predict_proba(x).dtype == fitted.model_.dtype
        return str(fitted.model_.dtype)

    assert dtype(cancer.x) == "float32"
    assert dtype(cancer.x[:200]) == dtype(cancer.x, batch_size=600) == dtype(cancer.x, dtype="float64") == "float64"
    assert dtype(cancer.x[:200].astype("float32")) == dtype(cancer.x[:200], dtype="float32") == "float32"


def test_an_optimizer_that_asks_again_is_given_all_rows(cancer: Data) -> None:
    fitted = LayerkitClassifier(optimizer="lbfgs", max_iter=20, random_state=0).fit(*cancer)
    assert fitted.trainer_.history.records[0]["epoch"] == 1
    assert fitted.score(*cancer) > 0.98
    assert fitted.model_.dtype == "float64"


class _Pressed(Callback):
    """Ctrl-C after so many steps."""

    every_steps = 1

    def __init__(self, step: int) -> None:
        self.step = step

    def fit_started(self, fit: FitView) -> None:
        if self.step == 0:
            raise KeyboardInterrupt

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_learned(cancer: Data) -> None:
    # three batches an epoch
    fitted = LayerkitClassifier(random_state=0, n_iter_no_change=np.inf, warm_start=True, callbacks=[_Pressed(7)])
    with pytest.warns(UserWarning, match="interrupted in epoch 3, after 2 whole ones"):
        assert fitted.fit(*cancer) is fitted
    whole = LayerkitClassifier(random_state=0, n_iter_no_change=np.inf, max_iter=5).fit(*cancer)
    assert fitted.n_iter_ == 2
    assert fitted.loss_curve_ == whole.loss_curve_[:2]
    assert fitted.score(*cancer) > 0.5
    # what goes on takes up the epoch where it is, and counts from there
    fitted.set_params(max_iter=3, callbacks=()).fit(*cancer)
    assert fitted.loss_curve_ == whole.loss_curve_
    assert np.array_equal(fitted.predict_proba(cancer.x), whole.predict_proba(cancer.x))
    before = fitted.predict_proba(cancer.x)
    with pytest.warns(UserWarning, match="after 5 whole ones"):
        fitted.set_params(callbacks=[_Pressed(0)]).fit(*cancer)
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 5
    assert np.array_equal(fitted.predict_proba(cancer.x), before)


def test_ctrl_c_in_the_first_epoch(diabetes: Data) -> None:
    fitted = LayerkitRegressor(random_state=0, callbacks=[_Pressed(2)])
    with pytest.warns(UserWarning, match="interrupted in epoch 1"):
        fitted.fit(*diabetes)
    assert fitted.n_iter_ == 0
    assert fitted.loss_curve_ == []
    assert fitted.loss_ == fitted.best_loss_ > 0
    assert fitted.predict(diabetes.x).shape == (442,)
    with pytest.warns(UserWarning, match="interrupted in epoch 1"):
        LayerkitRegressor(random_state=0, early_stopping=True, callbacks=[_Pressed(1)]).fit(*diabetes)
    with pytest.raises(KeyboardInterrupt):
        LayerkitRegressor(random_state=0, callbacks=[_Pressed(0)]).fit(*diabetes)
