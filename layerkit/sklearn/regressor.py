"""The regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self, final

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from layerkit.arguments import check_choice
from layerkit.costs.quadratic import Quadratic
from layerkit.errors import ArgumentError, DataError, ModelFileError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.metric import Metric
from layerkit.metrics.r2 import R2
from layerkit.sklearn.estimator import LayerkitEstimator
from layerkit.sklearn.network import outputs_of_numbers
from layerkit.sklearn.training import cost_of
from layerkit.types import Array


@final
class LayerkitRegressor(RegressorMixin, LayerkitEstimator):
    """A regressor for scikit-learn that is a layerkit model: of one number an example, or several.

    Args:
        hidden_layer_sizes: the units of each hidden layer.
        activation: theirs.
        cost: what is minimised; ``"auto"`` is Quadratic, half the squared error.
        early_stopping: whether a part of the data is kept apart, and the values are kept whose R² on it is the best.
        standardize_targets: whether the network learns targets of mean 0 and deviation 1, and brings its predictions
            back; ``"auto"``: where the cost is one of numbers without a readout.

    All other parameters, and what there is after ``fit``, are those of ``LayerkitClassifier``.

    >>> from layerkit.sklearn import LayerkitRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> x, y = load_diabetes(return_X_y=True)
    >>> regressor = LayerkitRegressor((16,), max_iter=100, n_iter_no_change=float("inf"), random_state=0).fit(x, y)
    >>> regressor.score(x, y) > 0.5
    True
    """

    n_outputs_: int

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        layers: Any = None,
        output: Literal["auto"] | None = "auto",
        cost: Any = "auto",
        optimizer: Any = "adam",
        learning_rate_init: Any = None,
        alpha: float = 0.0001,
        transforms: Sequence[Any] = (),
        batch_size: int | Literal["auto"] = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        standardize: bool = False,
        standardize_targets: bool | Literal["auto"] = "auto",
        dtype: Literal["auto", "float32", "float64"] = "auto",
        engine: Any = None,
        callbacks: Sequence[Any] = (),
        silence: Sequence[str] = (),
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.layers = layers
        self.output = output
        self.cost = cost
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.transforms = transforms
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.standardize = standardize
        self.standardize_targets = standardize_targets
        self.dtype = dtype
        self.engine = engine
        self.callbacks = callbacks
        self.silence = silence

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train on X, ``(n, features)``, and numbers y, ``(n,)`` or ``(n, outputs)``.

        Raises:
            ValueError: a parameter or the data cannot be used; the message says which, and what to do.
        """
        return self._fit(X, y, sample_weight, once=False)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Go through the data once, from where training stands: ``max_iter`` calls are one ``fit``.

        Raises:
            ValueError: as ``fit``.
        """
        return self._fit(X, y, sample_weight, once=True)

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The numbers of each row, shaped as y was."""
        prediction = self._predicted(X)
        return prediction[:, 0] if self._one_axis and prediction.shape[1:] == (1,) else prediction

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """R², the mean of that of each column of y.

        Raises:
            ArgumentError: the cost is one of several predictions for a number, as Quantile may be: R² is of one.
        """
        check_is_fitted(self)
        _require_one_prediction(self.trainer_.cost, "score")
        return float(super().score(X, y, sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _take_in(self, y: Array, *, goes_on: bool, classes: Any = None) -> Array:
        try:
            found = np.asarray(y, np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"LayerkitRegressor: y must be numbers, got {y.dtype}: write y.astype(float), or take "
                "LayerkitClassifier for classes"
            ) from None
        outputs = 1 if found.ndim == 1 else found.shape[1]
        if goes_on and outputs != self.n_outputs_:
            raise DataError(f"LayerkitRegressor: y has {outputs} columns, and training goes on with {self.n_outputs_}")
        self._one_axis, self.n_outputs_ = found.ndim == 1, outputs
        return found

    def _default_cost(self) -> Cost:
        return Quadratic()

    def _outputs(self, cost: Cost) -> int:
        return outputs_of_numbers(type(self).__name__, cost, self.n_outputs_)

    def _standardizes_targets(self, cost: Cost) -> bool:
        asked = self.standardize_targets
        if isinstance(asked, str):
            check_choice(self, "standardize_targets", asked, ("auto",))
            return not cost.of_classes and cost.target_form == "dense" and cost.readout() is None
        return bool(asked)

    def _metric(self) -> Metric:
        _require_one_prediction(cost_of(self), "early_stopping")
        return R2()

    def _names(self) -> dict[str, Any]:
        return {"labels": False}

    def _about_targets(self) -> dict[str, Any]:
        return {"kind": "regressor", "one_axis": self._one_axis}

    def _fitted_by_model(self, cost: Cost | None, about: dict[str, Any] | None) -> None:
        of_classes = self.model_.schema.classes is not None or (
            cost is not None and (cost.of_classes or cost.target_form == "labels")
        )
        if of_classes or (about is not None and about["kind"] != "regressor"):
            raise ArgumentError(
                "LayerkitRegressor: the model in this file tells classes, no numbers: load it by LayerkitClassifier"
            )
        self.n_outputs_ = self.model_.output_shape[-1] // (1 if cost is None else cost.outputs_per_target)
        self._one_axis = self.n_outputs_ == 1
        if about is not None:
            if not isinstance(about["one_axis"], bool):
                raise ModelFileError("its estimator does not say how y was shaped")
            self._one_axis = about["one_axis"]


def _require_one_prediction(cost: Cost, what: str) -> None:
    """Refuse to measure several predictions for one number by R².

    Raises:
        ArgumentError: the cost has several.
    """
    if cost.outputs_per_target > 1:
        raise ArgumentError(
            f"LayerkitRegressor: {what} is by R², of one prediction for each number, and {type(cost).__name__} has "
            f"{cost.outputs_per_target}: measure a column of predict, by sklearn.metrics.mean_pinball_loss, say, or "
            "give a search scoring=…"
        )
