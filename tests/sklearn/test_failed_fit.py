"""A fit that fails leaves what an earlier one found as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")]
pytest.importorskip("sklearn")

from layerkit.interfaces.callback import Callback, FitView  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402

X = np.random.default_rng(0).normal(size=(40, 3))
WIDER = np.random.default_rng(1).normal(size=(40, 5))
WORDS = np.where(X[:, 0] > 0, "yes", "no")
OTHERS = np.array(["a", "b", "c", "d"] * 10)


class Raises(Callback):
    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def fit_started(self, fit: FitView) -> None:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_a_callback_raises_leaves_the_earlier_classifier(error: type[BaseException]) -> None:
    estimator = LayerkitClassifier(max_iter=2, n_iter_no_change=np.inf, random_state=0).fit(X, WORDS)
    before, expected = dict(vars(estimator)), estimator.predict(X)
    estimator.set_params(callbacks=[Raises(error)])
    with pytest.raises(error):
        estimator.fit(WIDER, OTHERS)
    assert {**vars(estimator), "callbacks": None}.keys() == before.keys()
    assert estimator.n_features_in_ == 3
    assert estimator.classes_.tolist() == ["no", "yes"]
    assert estimator.predict(X).tolist() == expected.tolist()


@pytest.mark.parametrize("bad", [np.full(40, np.nan), np.zeros(39)])
def test_bad_targets_leave_the_earlier_regressor(bad: Any) -> None:
    estimator = LayerkitRegressor(max_iter=2, n_iter_no_change=np.inf, random_state=0).fit(X, X[:, 0])
    expected = estimator.predict(X)
    with pytest.raises(ValueError, match=r"NaN|inconsistent|missing"):
        estimator.fit(WIDER, bad)
    assert estimator.n_features_in_ == 3
    assert estimator.predict(X).tolist() == expected.tolist()


def test_a_first_fit_that_fails_leaves_nothing() -> None:
    estimator = LayerkitClassifier(callbacks=[Raises(RuntimeError)])
    before = set(vars(estimator))
    with pytest.raises(RuntimeError):
        estimator.fit(X, WORDS)
    assert set(vars(estimator)) == before
