"""What the estimators share: parameters, how they are fitted, and what is predicted."""

from __future__ import annotations

import copy
import os
from abc import abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from layerkit.config.paths import replaced
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.models.sequential import Sequential
from layerkit.sklearn.drawing import with_network
from layerkit.sklearn.early_stopping import kept_apart
from layerkit.sklearn.ending import cost_so_far, has_learned, tell_end
from layerkit.sklearn.files import read, write
from layerkit.sklearn.given import require_no_gap, require_no_text
from layerkit.sklearn.parameters import SEPARATOR, nested, with_nested
from layerkit.sklearn.settings import checked_settings
from layerkit.sklearn.sparse_rows import SparseRows, dense_pieces
from layerkit.sklearn.training import (
    callbacks_of,
    made_of,
    new_trainer,
    require_same_network,
    seed_of,
    trainer_of,
    trainer_to_go_on,
)
from layerkit.training.trainer import Trainer
from layerkit.types import Array

_ROWS = 1024


class LayerkitEstimator(BaseEstimator):
    """A layerkit model and its trainer, as scikit-learn wants estimators: see ``LayerkitClassifier``."""

    layers: Any
    cost: Any
    early_stopping: Any

    random_state: Any

    model_: Model
    """The network that was trained: ``predict`` is its, and any file, engine or explanation of layerkit takes it."""
    _target_name: Any
    trainer_: Trainer
    """What trains it, with the optimizer's memory: ``warm_start`` and ``partial_fit`` go on with it."""

    @abstractmethod
    def _take_in(self, y: Array, *, goes_on: bool, classes: Any = None) -> Array:
        """The targets as the network learns them; what is known of them is kept, or compared where training goes on."""

    @abstractmethod
    def _default_cost(self) -> Cost:
        """The cost that follows from the targets."""

    @abstractmethod
    def _outputs(self, cost: Cost) -> int:
        """How many outputs the network has for the targets."""

    @abstractmethod
    def _metric(self) -> Metric:
        """The score by which early stopping goes."""

    @abstractmethod
    def _names(self) -> dict[str, Any]:
        """What the targets are called, as arguments of ``Examples``."""

    @abstractmethod
    def _about_targets(self) -> dict[str, Any]:
        """What a file says of the targets, JSON-safe, with the ``kind`` of estimator."""

    @abstractmethod
    def _fitted_by_model(self, cost: Cost | None, about: dict[str, Any] | None) -> None:
        """Take what is known of the targets from a file: from ``model_``, and what an estimator has said beside it.

        Raises:
            ArgumentError: the file is one of the other kind of estimator.
            ModelFileError: what is said does not fit the model.
        """

    def _standardizes_targets(self, cost: Cost) -> bool:
        return False

    def _cost_of_own_outputs(self, cost: Cost, last: Layer, node: Node) -> Cost:
        """The cost where the layers have the output among them, ``last``, with the shapes of ``node``.

        Raises:
            ArgumentError: the outputs do not fit the targets.
        """
        return cost

    def _class_weights(self, data: Examples | SparseRows) -> dict[Any, float] | None:
        return None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; if ``deep``, also those inside components, such as ``layers__1__units``."""
        parameters: dict[str, Any] = super().get_params(deep=False)
        return {**parameters, **nested(parameters)} if deep else parameters

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, also inside components: ``set_params(layers__1__units=64)``.

        The estimator is given changed copies of its components, which are not built and have no values.

        Raises:
            ValueError: there is no such parameter, or a component refuses a value.
        """
        own = {name: value for name, value in params.items() if SEPARATOR not in name}
        super().set_params(**own)
        inside: dict[str, dict[str, Any]] = {}
        for path in params.keys() - own.keys():
            name, _, rest = path.partition(SEPARATOR)
            inside.setdefault(name, {})[rest] = params[path]
        for name, changes in inside.items():
            if name not in self._get_param_names():
                # says which parameters there are
                super().set_params(**{name: changes})
            setattr(self, name, with_nested(type(self).__name__, name, getattr(self, name), changes))
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file, as ``layerkit.save`` does: the network, its values, names and cost.

        Beside it the file says what the classes are, values and dtype, or how y was shaped. The estimator's other
        parameters, and what the optimizer remembers, are kept by a pickle.

        Raises:
            NotFittedError: there is no model yet.
            ArgumentError, ModelFileError: the model cannot be saved, or a file cannot hold the dtype of its classes.
        """
        check_is_fitted(self)
        write(path, self.model_, self.trainer_.cost, self._about_targets())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """A fitted estimator of the model in a file, whoever has written it: ``save``, or ``layerkit.save``.

        Raises:
            ModelFileError: the file is refused.
            ArgumentError: the model takes more than one array, or is none of this kind of estimator.
        """
        model, cost, about = read(path)
        estimator = cls(layers=[*_parts(model)], output=None, cost="auto" if cost is None else cost)
        shape = model.input_shape
        if not shape or not isinstance(shape[0], int):
            raise ArgumentError(f"{cls.__name__}: the model takes inputs of shape {shape}, and an estimator rows of X")
        estimator.model_ = model
        estimator._fitted_by_model(cost, about)
        estimator.n_features_in_ = shape[0]
        if model.schema.columns is not None:
            estimator.feature_names_in_ = np.array(model.schema.columns, object)
        estimator.trainer_ = trainer_of(estimator, checked_settings(estimator), model, cost)
        estimator._made_of = made_of(estimator)
        return estimator

    def __sklearn_clone__(self) -> Self:
        other: Self = super().__sklearn_clone__()
        # scikit-learn copies a list item by item, and one layer in two places is to stay one
        other.layers = copy.deepcopy(self.layers)
        return other

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _html_repr(self) -> str:
        return with_network(self, super()._html_repr())

    def _fit(self, x: Any, y: Any, sample_weight: Any, *, once: bool, classes: Any = None) -> Self:
        """Train as ``_fit_anew_or_on``; where that fails, what an earlier fit found stays what it was."""
        before = dict(vars(self))
        try:
            return self._fit_anew_or_on(x, y, sample_weight, once=once, classes=classes)
        except BaseException:
            # one by one, for other threads may predict
            for name in vars(self).keys() - self._get_param_names():
                if name not in before:
                    delattr(self, name)
                elif vars(self)[name] is not before[name]:
                    setattr(self, name, before[name])
            raise

    def _fit_anew_or_on(self, x: Any, y: Any, sample_weight: Any, *, once: bool, classes: Any) -> Self:
        """Train for ``max_iter`` epochs, or ``once`` through the data, from where training stands."""
        settings = checked_settings(self)
        goes_on = (once or settings.warm_start) and hasattr(self, "trainer_")
        if goes_on:
            require_same_network(self)
        if once and settings.early_stopping:
            raise ArgumentError(
                f"{type(self).__name__}: partial_fit keeps nothing apart, so early_stopping=True has nothing to go by: "
                "set it to False, or call fit"
            )
        self._target_name = _target_name(y)
        require_no_gap(type(self).__name__, y)
        x, y = self._validated(x, y, reset=not goes_on, multi_output=True)
        y = self._take_in(y.toarray() if hasattr(y, "toarray") else y, goes_on=goes_on, classes=classes)
        data = self._data(x, y, _checked_weights(self, sample_weight, len(y)))
        seed = self.trainer_.seed if goes_on else seed_of(self.random_state)
        held_out = None
        if settings.early_stopping:
            labels = y if y.ndim == 1 and y.dtype.kind == "i" else None
            fraction = settings.validation_fraction
            data, held_out = kept_apart(type(self).__name__, data, labels, fraction=fraction, seed=seed)
        trainer = trainer_to_go_on(self, settings, data) if goes_on else new_trainer(self, settings, data, seed=seed)
        trainer.metrics = (self._metric(),) if settings.early_stopping else ()
        rows = settings.rows(len(data), trainer.optimizer)
        converged: bool | None = False
        try:
            history = trainer.fit(
                data,
                epochs=1 if once else settings.max_iter,
                batch_size=rows,
                validation=held_out,
                # of one batch, the order does not count
                shuffle=settings.shuffle and rows < len(data),
                class_weights=self._class_weights(data),
                callbacks=callbacks_of(self, settings, trainer.metrics, once=once),
            )
            converged = once or settings.patience is None or history.stop_reason is not None
        except KeyboardInterrupt:
            if not goes_on and not has_learned(trainer):
                raise
            converged = None
        self._keep(trainer)
        tell_end(self, converged)
        return self

    def _data(self, x: Any, y: Array, weights: Array | None) -> Examples | SparseRows:
        if hasattr(x, "toarray"):
            return SparseRows(x, y, weights)
        names = getattr(self, "feature_names_in_", None)
        about = {"names": None if names is None else names.tolist(), "target_name": self._target_name, **self._names()}
        return Examples(x, y, weights=weights, **about)

    def _keep(self, trainer: Trainer) -> None:
        """Take over what was trained."""
        self.trainer_, self.model_, self._made_of = trainer, trainer.model, made_of(self)
        records = trainer.history.records
        self.n_iter_ = len(records)
        self.loss_curve_ = [record["cost"] for record in records]
        losses = self.loss_curve_ or [cost_so_far(trainer)]
        self.loss_, self.best_loss_ = losses[-1], min(losses)
        name = next((f"validation_{metric.name}" for metric in trainer.metrics), None)
        scores: Any = None if name is None else [record[name] for record in records if name in record]
        self.validation_scores_ = scores
        self.best_validation_score_ = max(scores) if scores else None

    def _predicted(self, x: Any, *, in_front_of_readout: bool = False) -> Array:
        """What the model predicts for X, or puts out in front of its readout, ``(n, outputs)``."""
        check_is_fitted(self)
        x = self._validated(x, reset=False)
        model = self.model_
        pieces = dense_pieces(x, _ROWS) if hasattr(x, "toarray") else [x]
        found = [
            model.outputs(each, layers=[""])[""] if in_front_of_readout else model.predict(each) for each in pieces
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _validated(self, *data: Any, **how: Any) -> Any:
        """X, or X and y, as arrays.

        Raises:
            ValueError, TypeError: they are none, as scikit-learn says; DataError where a column of a frame holds text.
        """
        try:
            # images and sequences are for layers that somebody has composed
            axes = self.layers is not None
            found = validate_data(self, *data, accept_sparse="csr", dtype="numeric", allow_nd=axes, **how)
        except (TypeError, ValueError):
            require_no_text(type(self).__name__, data[0])
            raise
        if (found[0] if len(data) == 2 else found).dtype.kind == "O":
            # a frame of categories and numbers
            require_no_text(type(self).__name__, data[0])
        return found


def _checked_weights(owner: object, given: Any, rows: int) -> Array | None:
    """Weights of rows as float64; one number is that of all.

    Raises:
        DataError: they are not one number a row, or all 0.
    """
    if given is None:
        return None
    weights = np.asarray(given, np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, weights)
    if weights.shape != (rows,):
        raise DataError(
            f"{type(owner).__name__}: sample_weight must be one number for each of {rows} rows, got shape "
            f"{weights.shape}"
        )
    if not weights.any():
        raise DataError(f"{type(owner).__name__}: sample_weight is zero for every row, so that no weight is left")
    return weights


def _target_name(y: Any) -> str | tuple[str, ...] | None:
    """What a Series, or the columns of a DataFrame, are called."""
    columns = getattr(y, "columns", None)
    names: list[Any] = [getattr(y, "name", None)] if columns is None else list(columns)
    if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        return None
    return names[0] if len(names) == 1 else tuple(names)


def _parts(model: Model) -> list[Any]:
    """A model's layers as parameters: not built, and without values."""
    found: list[Any] = replaced([*model.layers] if isinstance(model, Sequential) else [model], {})
    return found
