"""Estimators for scikit-learn: ``LayerkitClassifier`` and ``LayerkitRegressor`` (extra ``sklearn``)."""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'layerkit.sklearn needs scikit-learn, which is not installed: pip install "layerkit[sklearn]"'
    ) from error

from layerkit.sklearn.classifier import LayerkitClassifier
from layerkit.sklearn.regressor import LayerkitRegressor

__all__ = ["LayerkitClassifier", "LayerkitRegressor"]
