"""scikit-learn's own checks of estimators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from layerkit.sklearn import LayerkitClassifier, LayerkitRegressor  # noqa: E402


@parametrize_with_checks([LayerkitClassifier(), LayerkitRegressor()])
def test_every_check_of_scikit_learn_passes(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
