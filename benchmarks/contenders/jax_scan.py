"""JAX: one compiled scan over all steps of a round."""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.contender import Contender, Problem
from benchmarks.data import Array
from benchmarks.reference import Parameters


@final
class JaxScan(Contender):
    """``jit`` of a ``lax.scan`` whose body takes the gradient; the data lies on the device, parameters are donated."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        rate = problem.case.learning_rate
        self._x, self._y = jnp.asarray(problem.data.x), jnp.asarray(problem.data.y)
        self._parameters: Any = [tuple(map(jnp.asarray, layer)) for layer in problem.initial]

        def forward(parameters: Any, x: Any) -> Any:
            for weights, biases in parameters:
                x = jax.nn.sigmoid(x @ weights + biases)
            return x

        def cost(parameters: Any, x: Any, y: Any) -> Any:
            return 0.5 * jnp.mean(jnp.sum((forward(parameters, x) - y) ** 2, axis=1))

        def run(parameters: Any, x: Any, y: Any, rows: Any) -> Any:
            def step(carried: Any, batch: Any) -> Any:
                value, gradient = jax.value_and_grad(cost)(carried, x[batch], y[batch])
                return jax.tree.map(lambda p, g: p - rate * g, carried, gradient), value

            return jax.lax.scan(step, parameters, rows)

        self._run: Any = jax.jit(run, donate_argnums=0)
        self._forward: Any = jax.jit(forward)

    def train(self, rows: Array) -> float:
        self._parameters, costs = self._run(self._parameters, self._x, self._y, jnp.asarray(rows.astype(np.int32)))
        return float(costs.sum()) * rows.shape[1]

    def parameters(self) -> Parameters:
        return [(np.asarray(weights), np.asarray(biases)) for weights, biases in self._parameters]

    def predict(self, x: Array) -> Array:
        return np.asarray(self._forward(self._parameters, x))
