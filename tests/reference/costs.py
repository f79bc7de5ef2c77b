"""Costs by themselves, the way training runs them, and beside PyTorch's."""

from __future__ import annotations

import numpy as np

from layerkit import Cost
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, DTypeLike
from tests.reference.values import assert_close, reference


class CostBench:
    """A cost and a context to run it in."""

    def __init__(self, cost: Cost, dtype: DTypeLike = "float64", mask: Array | None = None) -> None:
        self._cost = cost
        shared = PassState(lambda path: RandomStreams(0).fresh(path))
        shared.mask = mask
        self.context = Context("cost", shared, Scratch(np.dtype(dtype)), training=True)

    def forward(self, prediction: Array, target: Array) -> Array:
        """Each example's cost, as a copy."""
        return np.array(self._cost.forward(prediction, target, self.context))

    def backward(self, prediction: Array, target: Array) -> Array:
        """The gradient, as a copy."""
        return np.array(self._cost.backward(prediction, target, self.context))


def assert_as_in_pytorch(cost: Cost, case: str, *, file: str = "costs") -> None:
    """Costs and gradient are those of ``case`` in the file of costs, in float32."""
    expected = reference(file, f"{case}/")
    prediction = expected["prediction"]
    bench = CostBench(cost, prediction.dtype)
    target = expected["target"].astype(prediction.dtype)
    assert_close(bench.forward(prediction, target), expected["cost"])
    assert_close(bench.backward(prediction, target), expected["gradient"])


def assert_as_in_pytorch_in_both_dtypes(cost: Cost, name: str) -> None:
    """Costs and gradient are those of ``name`` in the file of further costs, for examples and for sequences."""
    for case in ("2d", "3d"):
        expected = reference("further_costs", f"{name}/{case}/")
        for dtype, tolerance in {"float32": 2e-6, "float64": 1e-13}.items():
            prediction, target = expected["prediction"].astype(dtype), expected["target"].astype(dtype)
            bench = CostBench(cost, dtype)
            found = {"cost": bench.forward(prediction, target), "gradient": bench.backward(prediction, target)}
            for key, array in found.items():
                assert array.dtype == dtype
                rounding = tolerance * max(1.0, float(np.abs(expected[key]).max()))
                np.testing.assert_allclose(array, expected[key], rtol=0, atol=rounding, err_msg=f"{case}/{key}")
