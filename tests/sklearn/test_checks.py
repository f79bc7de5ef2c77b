"""scikit-learn's own checks of estimators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from layerkit import Dense, Dropout, ReLU  # noqa: E402
from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402

FAST: dict[str, Any] = {"learning_rate_init": 0.01, "max_iter": 100, "hidden_layer_sizes": (20,)}
COMPOSED: dict[str, Any] = {
    **FAST,
    "hidden_layer_sizes": (100,),
    "layers": [Dense(20, activation=ReLU()), Dropout(0.05)],
}


@parametrize_with_checks([LayerkitClassifier(), LayerkitRegressor()])
def test_every_check_of_scikit_learn_passes(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def explained(estimator: Any) -> dict[str, str]:
    """Why a variant is not the same by weights as by repetition."""
    why = "what is kept apart is drawn by rows, not by weights"
    if estimator.dtype == "float32":
        why = "scikit-learn compares to 7 digits, which float32 has not"
    if estimator.layers is not None:
        why = "dropout draws for each row"
    return {f"check_sample_weight_equivalence_on_{kind}_data": why for kind in ("dense", "sparse")}


@pytest.mark.thorough
@parametrize_with_checks(
    [
        LayerkitClassifier(early_stopping=True, **FAST),
        LayerkitClassifier(**COMPOSED),
        LayerkitClassifier(standardize=True, dtype="float32", **FAST),
        LayerkitRegressor(early_stopping=True, **FAST),
        LayerkitRegressor(**COMPOSED),
        LayerkitRegressor(standardize=True, dtype="float32", **FAST),
    ],
    expected_failed_checks=explained,
)
def test_other_estimators_pass_what_can_hold_for_them(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
