"""Targets far from what a network puts out are told, before the first step and at the end, with the cure that cures."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    LBFGS,
    R2,
    AbsoluteError,
    Adam,
    AdamW,
    CosineDecay,
    CosineSimilarity,
    Cost,
    Dense,
    Diagnosis,
    GradientDescent,
    Huber,
    Layer,
    Lion,
    Optimizer,
    Poisson,
    Quadratic,
    ReLU,
    Rescale,
    RMSProp,
    Schedule,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.errors import LayerkitError, LayerkitWarning
from layerkit.interfaces.update_context import UpdateContext

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1000, 5))
SHAPE = X[:, 0] + np.sin(X[:, 1])
PRICES = 300_000 + 50_000 * SHAPE


def hidden() -> list[Layer]:
    return [Dense(32, activation=ReLU()), Dense(1)]


def trained(
    optimizer: Optimizer,
    y: Any = PRICES,
    *,
    layers: list[Layer] | None = None,
    cost: Cost | None = None,
    epochs: int = 10,
    weights: Any = None,
    batch_size: int = 32,
    **options: Any,
) -> tuple[Trainer, list[LayerkitWarning], Diagnosis]:
    trainer = Trainer(Sequential(layers or hidden()), cost=cost or Quadratic(), optimizer=optimizer, seed=0, **options)
    diagnosis = Diagnosis()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit((X, y), epochs=epochs, weights=weights, batch_size=batch_size, callbacks=[diagnosis])
    return trainer, [one.message for one in caught if isinstance(one.message, LayerkitWarning)], diagnosis


@pytest.mark.parametrize("rate", [0.005, 0.05])
def test_prices_are_told_before_the_first_step_and_at_the_end_with_the_cure_that_cures(rate: float) -> None:
    trainer, [before, later], diagnosis = trained(Adam(rate), metrics=[R2()])
    assert before.name == later.name == "target-scale"
    for warning in (before, later):
        assert "standardize_targets=True" in str(warning)
    assert "320 updates, Adam comes to no more than" in str(before)
    [finding] = diagnosis.findings
    assert finding["epoch"] == 10
    assert finding["figure"] > 1
    assert trainer.evaluate((X, PRICES))["r2"] < 0
    cured, told, _ = trained(Adam(0.005), metrics=[R2()], standardize_targets=True)
    assert told == []
    assert cured.evaluate((X, PRICES))["r2"] > 0.9


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(),
        AdamW(),
        RMSProp(),
        Lion(1e-3),
        Adam(CosineDecay(0.01, length=10, unit="epoch")),
        Adam(CosineDecay(0.01, length=300)),
    ],
    ids=repr,
)
def test_a_rate_that_cannot_come_to_them_is_told(optimizer: Optimizer) -> None:
    _, told, _ = trained(optimizer)
    assert [warning.name for warning in told] == ["target-scale", "target-scale"]


@pytest.mark.parametrize("optimizer", [GradientDescent(0.01), GradientDescent(0.001, momentum=0.9)], ids=repr)
def test_steps_as_long_as_the_error_are_told_before_they_end_the_fit(optimizer: Optimizer) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer = Trainer(Sequential(hidden()), cost=Quadratic(), optimizer=optimizer, seed=0)
        with contextlib.suppress(LayerkitError):
            trainer.fit((X, PRICES), epochs=3)
    assert "target-scale: " in str(caught[0].message)
    assert "as long as the error" in str(caught[0].message)


@pytest.mark.parametrize("cost", [AbsoluteError(), Huber()], ids=repr)
def test_steps_that_do_not_grow_with_the_error_come_no_further(cost: Cost) -> None:
    _, told, _ = trained(GradientDescent(0.01), cost=cost)
    assert told[0].name == "target-scale"
    assert "GradientDescent comes to no more than" in str(told[0])


def test_of_several_outputs_the_farthest_is_told() -> None:
    y = np.stack([20 + 5 * X[:, 0], 1000 + 5 * X[:, 1]], axis=1)
    _, [warning, *_], _ = trained(Adam(0.005), y, layers=[Dense(2)])
    assert "targets have a mean of 999.8 and a deviation of 4.822" in str(warning)


HEALTHY: dict[str, tuple[Optimizer, dict[str, Any]]] = {
    "standardised": (Adam(0.01), {"standardize_targets": True}),
    "about 1": (Adam(0.01), {"y": SHAPE + 4}),
    "a linear model by gradient descent": (GradientDescent(0.1), {"layers": [Dense(1)]}),
    "a rate that goes far": (Adam(1.0), {"y": 1000 * SHAPE}),
    "a line search": (
        LBFGS(),
        {"layers": [Dense(8, activation=Tanh()), Dense(1)], "y": SHAPE * 1000, "batch_size": 1000, "epochs": 40},
    ),
    "directions alone": (Adam(), {"cost": CosineSimilarity(), "layers": [Dense(2)], "y": PRICES[:, None] * X[:, :2]}),
    "counts": (Adam(0.01), {"cost": Poisson(), "y": RNG.poisson(200, 1000) * 1.0}),
    "a scale at the end": (Adam(0.01), {"layers": [*hidden(), Rescale(50_000.0, offset=300_000.0)]}),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_what_copes_with_them_is_not(name: str) -> None:
    optimizer, options = HEALTHY[name]
    _, told, _ = trained(optimizer, **options)
    assert "target-scale" not in [warning.name for warning in told]


def test_targets_out_of_reach_are_told_as_that() -> None:
    _, told, _ = trained(Adam(), layers=[Dense(1, activation=Sigmoid())])
    assert [warning.name for warning in told] == ["unreachable-targets"]


def test_rows_that_do_not_count_are_not_looked_at() -> None:
    y, weights = SHAPE.copy(), np.ones(1000)
    y[::2] = 1e6
    weights[::2] = 0
    _, told, _ = trained(Adam(0.01), y, weights=weights)
    assert "target-scale" not in [warning.name for warning in told]


def test_a_scale_of_other_targets_is_told_with_what_learns_it_anew() -> None:
    trainer, told, _ = trained(Adam(0.01), standardize_targets=True)
    assert told == []
    other = PRICES * 1000
    again = Trainer(trainer.model, cost=Quadratic(), optimizer=Adam(1e-3), standardize_targets=True, seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        again.fit((X, other), epochs=10, callbacks=[Diagnosis()])
    assert len(caught) == 2
    assert all("Trainer.adapt(data)" in str(one.message) for one in caught)
    again.adapt((X, other))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # what these steps have spoiled is another matter
        again.fit((X, other), epochs=3, callbacks=[Diagnosis(silence=["flat"])])


def test_a_few_odd_rows_are_no_scale() -> None:
    y = SHAPE.copy()
    y[:10] = 1e9
    _, told, _ = trained(Adam(0.01), y, cost=Huber())
    assert "target-scale" not in [warning.name for warning in told]


def test_a_network_that_has_come_to_them_is_not_told_again() -> None:
    trainer, _, _ = trained(Adam(1.0), 1000 + SHAPE * 100, epochs=30)
    again = Trainer(trainer.model, cost=Quadratic(), optimizer=Adam(1e-4), seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again.fit((X, 1000 + SHAPE * 100), epochs=1, callbacks=[Diagnosis()])


def test_each_door_is_silenced_by_the_name() -> None:
    _, told, diagnosis = trained(Adam(0.005), silence=["target-scale"])
    assert [warning.name for warning in told] == ["target-scale"]
    assert diagnosis.findings
    silent = Trainer(Sequential(hidden()), cost=Quadratic(), optimizer=Adam(0.005), silence=["target-scale"], seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        silent.fit((X, PRICES), epochs=4, callbacks=[Diagnosis(silence=["target-scale"])])


def test_streams_and_memory_maps_are_left_alone(tmp_path: Path) -> None:
    def batches() -> Iterator[tuple[Any, Any]]:
        yield X, PRICES

    np.save(tmp_path / "x.npy", X)
    for data in (batches, (np.load(tmp_path / "x.npy", mmap_mode="r"), PRICES)):
        trainer = Trainer(Sequential(hidden()).initialize(5), cost=Quadratic(), optimizer=Adam(), seed=0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            trainer.fit(data, epochs=1)


class Counting(Schedule):
    """Somebody's own, which fails far from where it is."""

    def rate(self, step: int, ctx: UpdateContext) -> float:
        if step > 100:
            raise RuntimeError("mine")
        return 1e-3


def test_a_schedule_that_fails_says_so_itself() -> None:
    trainer = Trainer(Sequential(hidden()), cost=Quadratic(), optimizer=Adam(Counting()), seed=0)
    trainer.fit((X, PRICES), epochs=1)


@pytest.mark.parametrize("size", [1e-4, 1e4])
def test_the_end_tells_of_targets_that_are_too_small_too(size: float) -> None:
    y = size * (5 + SHAPE)
    _, told, diagnosis = trained(Adam(0.02), y, epochs=4)
    assert [finding["name"] for finding in diagnosis.findings] == ["target-scale"]
    assert all(warning.name == "target-scale" for warning in told)
