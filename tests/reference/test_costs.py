"""Costs give PyTorch's values and gradients, in float32."""

from __future__ import annotations

import pytest

from layerkit import Cost, CrossEntropy, Quadratic
from tests.reference.costs import CostBench
from tests.reference.values import assert_close, reference

CASES = [(Quadratic(), "quadratic/2d"), (Quadratic(), "quadratic/3d")] + [
    (CrossEntropy(), f"cross_entropy/{name}") for name in ("2d", "3d", "soft")
]


@pytest.mark.parametrize(("cost", "name"), CASES, ids=str)
def test_cost(cost: Cost, name: str) -> None:
    expected = reference("costs", f"{name}/")
    prediction = expected["prediction"]
    bench = CostBench(cost, prediction.dtype)
    target = expected["target"].astype(prediction.dtype)
    assert_close(bench.forward(prediction, target), expected["cost"])
    assert_close(bench.backward(prediction, target), expected["gradient"])
