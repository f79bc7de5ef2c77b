"""scikit-learn's perceptron."""

from __future__ import annotations

import warnings
from typing import final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters, learning_rate


@final
class SklearnMLP(Contender):
    """One-hot targets give it sigmoids at the output; on those its cost is the cross-entropy, and it has no other."""

    cost = "cross-entropy"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        case = problem.case
        self._model = MLPClassifier(
            hidden_layer_sizes=case.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0.0,
            batch_size=case.batch_size,
            learning_rate_init=learning_rate(case, "cross-entropy"),
            max_iter=1,
            shuffle=False,
            momentum=0.0,
            nesterovs_momentum=False,
            warm_start=True,
        )
        self.train(np.arange(case.batch_size).reshape(1, -1))  # lays its parameters out
        self._model.coefs_ = [weights.copy() for weights, _ in problem.initial]
        self._model.intercepts_ = [biases.copy() for _, biases in problem.initial]

    def train(self, rows: Array) -> float:
        data, chosen = self.problem.data, rows.ravel()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # one pass at a time is what is wanted
            self._model.fit(data.x[chosen], data.y[chosen].astype(np.int64))
        return float(self._model.loss_) * rows.size

    def parameters(self) -> Parameters:
        return list(zip(self._model.coefs_, self._model.intercepts_, strict=True))

    def predict(self, x: Array) -> Array:
        return np.asarray(self._model.predict_proba(x))
