"""The classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self, final

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from layerkit.activations.unstandardize import Unstandardize
from layerkit.arguments import shown
from layerkit.data.class_names import class_values
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.metrics.accuracy import Accuracy
from layerkit.metrics.binary_accuracy import BinaryAccuracy
from layerkit.models.node import Node
from layerkit.models.output_range import prediction_range
from layerkit.sklearn.estimator import LayerkitEstimator
from layerkit.sklearn.files import as_told, classes_told
from layerkit.sklearn.network import cost_of_classes, cost_of_own_outputs, outputs_of_classes
from layerkit.sklearn.settings import AUTO
from layerkit.sklearn.sparse_rows import SparseRows
from layerkit.steps.class_weights import check_class_weights
from layerkit.types import Array

_KINDS = ("binary", "multiclass", "multilabel-indicator", "multiclass-multioutput")


@final
class LayerkitClassifier(ClassifierMixin, LayerkitEstimator):
    """A classifier for scikit-learn that is a layerkit model: of two classes, several, or labels that may hold at once.

    Args:
        hidden_layer_sizes: the units of each hidden layer.
        activation: theirs.
        layers: the hidden layers themselves, in place of the two above; also a model. They are copied, with the values
            that they have.
        output: ``"auto"`` adds the output layer that follows from ``y``; None: the layers have it among them.
        cost: what is minimised; ``"auto"`` is cross-entropy, of one output where there are two classes.
        optimizer: how gradients move the parameters.
        learning_rate_init: the optimizer's learning rate, or a schedule; None leaves the optimizer's own.
        alpha: the strength of the L2 penalty on weights, divided by the rows of a batch.
        transforms: what acts around every update besides.
        batch_size: rows a batch; ``"auto"`` is min(200, n), and n for an optimizer such as LBFGS.
        max_iter: the most epochs that ``fit`` trains.
        shuffle: whether rows are taken in a new random order each epoch.
        random_state: the trainer's seed, or where it is drawn from.
        tol: what the training cost (with ``early_stopping``, the score) must improve by to count as better.
        verbose: whether to print a line an epoch; an integer above 0 says so, too.
        warm_start: whether ``fit`` goes on from the last one, with what the optimizer remembers.
        early_stopping: whether a part of the data is kept apart, of each class its share, and the values are kept that
            are the most accurate on it.
        validation_fraction: how much that is.
        n_iter_no_change: after more epochs than this without a better one training ends; ``np.inf`` says never.
        class_weight: a weight for each class, or ``"balanced"``: n / (k · n_c), of rows that weigh n.
        standardize: whether the network begins with ``Standardize``, which learns mean and deviation of the features.
        dtype: what the network computes in; ``"auto"`` is float32, and float64 for data in it that makes one batch.
        engine: what runs the steps; ``"auto"`` is the fastest installed one.
        callbacks: what watches the fit.
        silence: names of warnings that are not wanted (``docs/diagnosis.md``).

    Components are given as objects, by name (``"adam"``, ``"acme/dense"``), or as tables of a name and arguments,
    ``{"component": "dense", "units": 30}``.

    After ``fit`` there are ``model_``, the layerkit model; ``trainer_``; ``classes_``; ``loss_curve_``, the mean cost
    of each epoch; ``loss_`` and ``best_loss_``; ``n_iter_``, how many epochs there were in all; ``validation_scores_``
    and ``best_validation_score_``; ``n_features_in_`` and ``feature_names_in_``.

    >>> from layerkit.sklearn import LayerkitClassifier
    >>> from sklearn.datasets import load_iris
    >>> x, y = load_iris(return_X_y=True)
    >>> classifier = LayerkitClassifier((16,), standardize=True, learning_rate_init=0.05, random_state=0).fit(x, y)
    >>> classifier.score(x, y) > 0.95
    True
    """

    classes_: Array
    n_outputs_: int
    _multi_label: bool

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
        class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
        standardize: bool = False,
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
        self.class_weight = class_weight
        self.standardize = standardize
        self.dtype = dtype
        self.engine = engine
        self.callbacks = callbacks
        self.silence = silence

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train on X, ``(n, features)``, and y, ``(n,)`` classes or ``(n, labels)`` of 0 and 1.

        Raises:
            ValueError: a parameter or the data cannot be used; the message says which, and what to do.
        """
        return self._fit(X, y, sample_weight, once=False)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:  # noqa: N803
        """Go through the data once, from where training stands: ``max_iter`` calls are one ``fit``.

        ``classes``: all that there are, at the first call, if y lacks some.

        Raises:
            ValueError: as ``fit``.
        """
        if isinstance(self.class_weight, str):
            raise ArgumentError(
                "LayerkitClassifier: partial_fit sees a part of the data, which does not tell how often each class "
                "occurs: give class_weight as a mapping, such as {0: 1.0, 1: 5.0}, or call fit"
            )
        return self._fit(X, y, sample_weight, once=True, classes=classes)

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The class of each row, ``(n,)``; of labels, 0 or 1 for each, ``(n, labels)``."""
        prediction = self._predicted(X)
        if len(self.classes_) == 1:
            return np.repeat(self.classes_, len(prediction))
        found = self.model_.decision.classes(prediction)
        return found.astype(np.int64) if self._multi_label else self.classes_[found]

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """How much speaks for each class, in front of the readout (logits): ``(n, classes)``, or ``(n, labels)``.

        Of two classes ``(n,)``, above 0 for the second one.
        """
        found = self._predicted(X, in_front_of_readout=True)
        if self._multi_label:
            return found
        return found[:, -1] - (found[:, 0] if found.shape[1] == 2 else 0) if found.shape[1] <= 2 else found

    def _tells_probabilities(self) -> bool:
        if not hasattr(self, "model_"):
            return True
        lowest, highest = prediction_range(self.model_.structure.node, self.model_.readout)
        return lowest >= 0 and highest <= 1

    @available_if(_tells_probabilities)
    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """The probability of each class, ``(n, classes)``, or of each label: what ``model_.predict`` gives.

        Of two classes the network may have one output, that of the second; the first column is the rest then.
        """
        prediction = self._predicted(X)
        if len(self.classes_) == 1:
            return np.ones((len(prediction), 1), prediction.dtype)
        return np.hstack([1 - prediction, prediction]) if prediction.shape[1] == 1 else prediction

    @available_if(_tells_probabilities)
    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """The logarithm of ``predict_proba``."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _take_in(self, y: Array, *, goes_on: bool, classes: Any = None) -> Array:
        kind = type_of_target(y, input_name="y")
        if kind not in _KINDS:
            # says what y is instead
            check_classification_targets(y)
        if kind == "multiclass-multioutput":
            raise DataError(
                f"LayerkitClassifier: y has {y.shape[1]} columns of classes: give one column, or labels of 0 and 1, or "
                "wrap it in sklearn.multioutput.MultiOutputClassifier"
            )
        if goes_on and classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
            raise DataError(
                f"LayerkitClassifier: classes is {shown(classes)}, and training goes on with "
                f"{shown(self.classes_.tolist())}: leave it out, or begin anew with all classes"
            )
        multi_label = kind == "multilabel-indicator"
        if not multi_label:
            y = column_or_1d(y, warn=True)
        if goes_on and multi_label != self._multi_label:
            raise DataError(
                "LayerkitClassifier: training goes on with "
                + ("labels (n, labels)" if self._multi_label else "classes (n,)")
                + f", and y has shape {y.shape}: give the same sort, or begin anew, by fit with warm_start=False"
            )
        if multi_label:
            known = self.classes_ if goes_on else np.arange(y.shape[1])
            if len(known) != y.shape[1]:
                raise DataError(f"LayerkitClassifier: y has {y.shape[1]} labels, and there are {len(known)}")
            found = np.asarray(y, np.float64)
        else:
            values, codes = np.unique(y, return_inverse=True)
            known = self.classes_ if goes_on else values if classes is None else np.unique(np.asarray(classes))
            foreign = values[~np.isin(values, known)]
            if len(foreign):
                raise DataError(
                    f"LayerkitClassifier: y holds {', '.join(map(repr, foreign[:10].tolist()))}, and the classes are "
                    f"{', '.join(map(repr, known[:10].tolist()))}: leave such rows out, or begin anew with all classes"
                )
            found = np.searchsorted(known, values)[codes].astype(np.int64)
        self._multi_label, self.classes_ = multi_label, known
        self.n_outputs_ = len(known)
        return found

    def _default_cost(self) -> Cost:
        return cost_of_classes(len(self.classes_), multi_label=self._multi_label)

    def _outputs(self, cost: Cost) -> int:
        return outputs_of_classes(type(self).__name__, cost, len(self.classes_), multi_label=self._multi_label)

    def _cost_of_own_outputs(self, cost: Cost, last: Layer, node: Node) -> Cost:
        owner, chosen = type(self).__name__, self.cost != AUTO
        classes, several = len(self.classes_), self._multi_label
        return cost_of_own_outputs(owner, cost, last, node, classes, multi_label=several, chosen=chosen)

    def _metric(self) -> Metric:
        return BinaryAccuracy() if self._multi_label else Accuracy()

    def _class_names(self) -> tuple[str, ...] | None:
        """What the classes are called in a model file; None where they are the labels themselves."""
        if self._multi_label or len(self.classes_) == 1 or np.array_equal(self.classes_, range(len(self.classes_))):
            return None
        return tuple(map(str, self.classes_.tolist()))

    def _names(self) -> dict[str, Any]:
        return {"classes": self._class_names(), "labels": None if self._multi_label else True}

    def _class_weights(self, data: Examples | SparseRows) -> dict[Any, float] | None:
        given = self.class_weight
        if given is None:
            return None
        if self._multi_label:
            raise ArgumentError(
                "LayerkitClassifier: class_weight is a weight for classes that exclude each other, and y has labels "
                "(n, labels): leave it out, or give sample_weight"
            )
        check_class_weights(self, given)
        classes, y = self.classes_.tolist(), data.y
        assert y is not None
        if isinstance(given, str):
            counts = np.bincount(y, data.weights, minlength=len(classes))
            weights = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, np.finfo(float).tiny))
            found = np.where(counts > 0, weights, 0.0).tolist()
        else:
            foreign = [name for name in given if name not in classes]
            if foreign:
                raise ArgumentError(
                    f"LayerkitClassifier: class_weight names {foreign[0]!r}, which is no class; the classes: "
                    f"{', '.join(map(repr, classes[:10]))}"
                )
            found = [float(given.get(name, 1.0)) for name in classes]
        names = self._class_names() if isinstance(data, Examples) else None
        if len(classes) == 1:
            found = [*found, 1.0]
        return dict(zip(names or range(len(found)), found, strict=True))

    def _about_targets(self) -> dict[str, Any]:
        return {"kind": "classifier", **as_told(type(self).__name__, self.classes_)}

    def _fitted_by_model(self, cost: Cost | None, about: dict[str, Any] | None) -> None:
        model = self.model_
        outputs = model.output_shape[-1]
        lowest, highest = prediction_range(model.structure.node, model.readout)
        no_class = outputs == 1 and (lowest < 0 or highest > 1)
        told = about is not None and about["kind"] == "classifier"
        if not told and (about is not None or isinstance(model.readout, Unstandardize) or no_class):
            raise ArgumentError(
                "LayerkitClassifier: the model in this file predicts numbers, no classes: load it by LayerkitRegressor"
            )
        self._multi_label = model.decision.multi_label
        names = model.schema.classes
        if about is not None:
            self.classes_ = classes_told(about, outputs)
        elif names is None or self._multi_label:
            self.classes_ = np.arange(2 if outputs == 1 else outputs)
        else:
            self.classes_ = _values_of(names)
        self.n_outputs_ = len(self.classes_)


def _values_of(names: Sequence[str]) -> Array:
    """Classes as they were before they became text: numbers or truths where all of them are, else words."""
    numbers = class_values(names)
    if len(numbers) != len(names):
        return np.array(names)
    if {name.lower() for name in names} == {"true", "false"}:
        return np.array([name.lower() == "true" for name in names])
    values = np.array(list(numbers))
    whole = all("." not in name and "e" not in name.lower() for name in names)
    return values.astype(np.int64) if whole else values
