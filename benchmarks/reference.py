"""The same training in float64, written for reading: what every contender's result is compared with."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np

from benchmarks.cases import Case
from benchmarks.data import Array

Parameters = list[tuple[Array, Array]]
"""For each layer its weights ``(n_in, n_out)`` and biases ``(n_out,)``."""

CostName = Literal["quadratic", "cross-entropy"]


def initial_parameters(case: Case) -> Parameters:
    """Glorot's uniform weights and zero biases, float32, the same in every process."""
    rng = np.random.default_rng(0)
    parameters: Parameters = []
    for n_in, n_out in pairwise(case.sizes):
        limit = np.sqrt(6 / (n_in + n_out))
        weights = rng.uniform(-limit, limit, (n_in, n_out)).astype(np.float32)
        parameters.append((weights, np.zeros(n_out, np.float32)))
    return parameters


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(−z)), in the form that cannot overflow."""
    result: Array = 0.5 * np.tanh(0.5 * z) + 0.5
    return result


def learning_rate(case: Case, cost: CostName) -> float:
    """The case's rate; a tenth of it for the cross-entropy, whose delta lacks the sigmoid's slope of at most ¼."""
    return case.learning_rate if cost == "quadratic" else 0.1 * case.learning_rate


def train(case: Case, x: Array, y: Array, rows: Array, cost: CostName) -> tuple[float, Parameters]:
    """Train on ``rows``, ``(steps, batch)``, from the initial parameters.

    Returns the sum of the examples' costs, each at the parameters that its step started from, and the final parameters.
    The quadratic cost is ½ Σ (a − y)²; the cross-entropy, for peers that offer no other cost on sigmoids, is
    −Σ y log a + (1 − y) log(1 − a).
    """
    parameters = [(weights.astype(float), biases.astype(float)) for weights, biases in initial_parameters(case)]
    total = 0.0
    for batch in rows:
        activations, target = [x[batch].astype(float)], y[batch].astype(float)
        for weights, biases in parameters:
            activations.append(sigmoid(activations[-1] @ weights + biases))
        output = activations[-1]
        if cost == "quadratic":
            total += 0.5 * float(((output - target) ** 2).sum())
            delta = (output - target) * output * (1 - output)
        else:
            total -= float((target * np.log(output) + (1 - target) * np.log1p(-output)).sum())
            delta = output - target
        rate = learning_rate(case, cost) / len(batch)
        for index in reversed(range(len(parameters))):
            weights, biases = parameters[index]
            below = activations[index]
            next_delta = (delta @ weights.T) * below * (1 - below)
            weights -= rate * below.T @ delta
            biases -= rate * delta.sum(axis=0)
            delta = next_delta
    return total, parameters


def deviation(case: Case, found: Parameters, expected: Parameters) -> float:
    """The largest difference between two results, relative to how far that layer's parameters have moved."""
    largest = 0.0
    for start, ours, theirs in zip(initial_parameters(case), found, expected, strict=True):
        for before, a, b in zip(start, ours, theirs, strict=True):
            largest = max(largest, float(np.abs(a - b).max() / np.abs(b - before).max()))
    return largest
