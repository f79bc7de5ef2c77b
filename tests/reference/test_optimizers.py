"""Optimizers, transforms and schedules move parameters as PyTorch's do, for ten updates."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Adam,
    ClipNorm,
    CosineDecay,
    GradientDescent,
    Optimizer,
    Schedule,
    StepDecay,
    Transform,
    WeightDecay,
)
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from tests.reference.values import assert_close, reference

SLICES = (ParameterSlice("0.weight", 0, 12, (4, 3), ()), ParameterSlice("0.bias", 12, 15, (3,), ("bias",)))
CASES: list[tuple[str, Optimizer, Transform | None]] = [
    ("gradient_descent", GradientDescent(0.1), None),
    ("momentum", GradientDescent(0.1, momentum=0.9), None),
    ("nesterov", GradientDescent(0.1, momentum=0.8, nesterov=True), None),
    ("adam", Adam(0.05), None),
    ("adam_other", Adam(0.02, beta1=0.7, beta2=0.95, epsilon=1e-3), None),
    ("adamw", Adam(0.05), WeightDecay(0.2)),
    ("clipped", GradientDescent(0.1), ClipNorm(1.5)),
]


def new_context(steps_per_epoch: int | None = None) -> UpdateContext:
    rng = np.random.default_rng(0)
    return UpdateContext(SLICES, np.dtype(np.float32), rng=rng, steps_per_epoch=steps_per_epoch)


@pytest.mark.parametrize(("name", "optimizer", "transform"), CASES, ids=[case[0] for case in CASES])
def test_ten_updates(name: str, optimizer: Optimizer, transform: Transform | None) -> None:
    values = reference("optimizers")
    parameters = np.concatenate([values["weight"].ravel(), values["bias"]])
    ctx, around = new_context(), new_context()
    for step in range(10):
        gradient = np.concatenate([values["weight_gradients"][step].ravel(), values["bias_gradients"][step]])
        for each in (ctx, around):
            each.step, each.learning_rate = step, float(optimizer.learning_rate)  # type: ignore[arg-type]
        if transform is not None:
            transform.before(parameters, gradient, around)
        given = gradient.copy()
        optimizer.update(parameters, gradient, ctx)
        np.testing.assert_array_equal(gradient, given)
        if transform is not None:
            transform.after(parameters, around)
        assert_close(parameters[:12].reshape(4, 3), values[f"{name}/weight"][step])
        assert_close(parameters[12:], values[f"{name}/bias"][step])


def test_clipping_takes_place_in_the_last_steps_alone() -> None:
    values = reference("optimizers")
    same = [
        np.allclose(values["clipped/weight"][step], values["gradient_descent/weight"][step], atol=1e-7)
        for step in range(10)
    ]
    assert same == [True] * 7 + [False] * 3


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("step", StepDecay(0.4, every=3, factor=0.5)),
        ("step", StepDecay(0.4, every=15, factor=0.5, unit="step")),
        ("cosine", CosineDecay(0.4, length=11, final=0.01)),
        ("cosine", CosineDecay(0.4, length=55, final=0.01, unit="step")),
    ],
    ids=repr,
)
def test_schedules(name: str, schedule: Schedule) -> None:
    ctx = new_context(steps_per_epoch=5)
    rates = [schedule.rate(5 * epoch, ctx) for epoch in range(12)]
    np.testing.assert_allclose(rates, reference("schedules")[name], rtol=1e-12)
