"""What the interface of kernels carries: parts, several inputs, integers, masks, labels, old forms; and refusals."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layerkit_numba import Call, LayerKernel, NumbaEngine, Part, kernel
from layerkit_numba.interface import MAKERS, target_of
from layerkit_numba.natives import spent
from layerkit_numba.testing import check_kernel

from layerkit import (
    Activation,
    Adam,
    CrossEntropy,
    Dense,
    Engine,
    GradientDescent,
    Identity,
    Layer,
    NumpyEngine,
    Quadratic,
    Residual,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.errors import EngineError
from layerkit.types import Array

PACKAGES = str(Path(__file__).parent / "packages")
sys.path.insert(0, PACKAGES)
try:
    acme: Any = importlib.import_module("acme_networks")
    old: Any = importlib.import_module("acme_numba_layers")
finally:
    sys.path.remove(PACKAGES)

RNG = np.random.default_rng(3)


def trained(engine: Engine, layers: Any, shape: Any, data: Any, cost: Any, **options: Any) -> tuple[Array, list[float]]:
    model = Sequential(layers()).initialize(shape, seed=1, dtype="float64")
    optimizer = options.pop("optimizer", lambda: GradientDescent(0.1))()
    trainer = Trainer(model, cost=cost(), optimizer=optimizer, engine=engine, seed=2)
    history = trainer.fit(data, epochs=2, batch_size=5, **options)
    return model.structure.parameters.copy(), history["cost"]


def assert_equal(layers: Any, shape: Any, data: Any, cost: Any, **options: Any) -> None:
    found, wanted = (trained(engine, layers, shape, data, cost, **options) for engine in (NumbaEngine(), NumpyEngine()))
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-9)


def test_a_graph_of_two_inputs_one_of_them_integers_with_a_cost_of_labels() -> None:
    x = RNG.integers(0, 9, 23), RNG.normal(size=(23, 4))
    data = (x, RNG.integers(0, 3, 23).astype(np.uint8))
    assert_equal(lambda: [acme.TwoWays(9, 4), Dense(3)], ((), (4,)), data, acme.Hinge, optimizer=lambda: Adam(0.02))


def test_masks_reach_layers_and_costs_through_containers() -> None:
    x, mask = RNG.normal(size=(17, 4, 3)), np.arange(4) < RNG.integers(1, 5, (17, 1))

    def around() -> Layer:
        # what goes through unchanged is read again further out, and is not to be written over
        return Residual(Sequential([Dense(3, activation=Tanh()), acme.Through(Identity())]))

    assert_equal(lambda: [Dense(3), around()], (4, 3), (x, RNG.integers(0, 3, (17, 4))), CrossEntropy, mask=mask)
    data = x, RNG.normal(size=(17, 2))
    assert_equal(lambda: [around(), acme.LastStep(), Dense(2)], (4, 3), data, Quadratic, mask=mask)


def test_integers_are_looked_up_in_a_table() -> None:
    data = (RNG.integers(0, 7, (19, 4)), RNG.normal(size=(19, 2)))
    assert_equal(lambda: [acme.Lookup(7, 3), acme.LastStep(), Dense(2)], (4,), data, Quadratic)


def test_a_kernel_that_knows_no_masks_is_not_run_under_one() -> None:
    x, mask = RNG.normal(size=(7, 4, 3)), np.ones((7, 4), bool)
    with pytest.raises(EngineError, match=r"the cost Doubled knows no masks.*'numpy'"):
        trained(NumbaEngine(), lambda: [Dense(3)], (4, 3), (x, x), old.Doubled, mask=mask)


def test_kernels_in_the_first_form_of_the_interface_run() -> None:
    x, y = RNG.normal(size=(13, 4)), RNG.normal(size=(13, 2))
    assert_equal(
        lambda: [Dense(4, activation=old.Swish(1.5)), old.Scale(), Dense(2)],
        (4,),
        (x, y),
        old.Doubled,
        optimizer=lambda: old.HalfStep(0.1),
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("component", "options"),
    [
        (acme.Lookup, {"arguments": {"rows": 7, "features": 5}, "inputs": lambda rng, size: rng.integers(0, 7, size)}),
        (
            acme.TwoWays,
            {
                "arguments": {"rows": 7, "features": 3},
                "input_shapes": [((), (3,))],
                "inputs": [lambda rng, size: rng.integers(0, 7, size), lambda rng, size: rng.normal(size=size)],
            },
        ),
        (acme.LastStep, {"input_shapes": [(4, 3)]}),
        (acme.Hinge, {"input_shapes": [(4,)]}),
        (old.Swish, {"arguments": {"beta": 1.5}}),
        (old.Scale, {"input_shapes": [(5,)]}),
        (old.Doubled, {"input_shapes": [(3,)]}),
        (old.HalfStep, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_kernels_of_others_pass_their_checks(component: Any, options: dict[str, Any]) -> None:
    report = check_kernel(component, **options)
    assert report.ok, str(report)


class Inside(Activation):
    """An activation for kernels that say something wrong."""

    def forward(self, x: Array, ctx: Any) -> Array:
        return x

    def backward(self, grad: Array, ctx: Any) -> Array:
        return grad


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (LayerKernel(forward=(Call(acme.add, "x:rows", "weight", "y"),)), "asks for 'weight'; it may ask for .*y"),
        (LayerKernel(forward=(Call(acme.add, "x:wide", "x", "y"),)), "'x:wide'; the forms are rows, table"),
        (LayerKernel(forward=(acme.Forward("inner", "x"),)), "runs the part 'inner'"),
        (LayerKernel(buffers={"b": acme.Buffer((2,), dtype="complex")}), "buffer of 'complex'; the dtypes are"),
        (acme.CostKernel(()), "must be a LayerKernel or an Elementwise, got CostKernel"),
    ],
    ids=["name", "form", "part", "dtype", "kind"],
)
def test_what_a_kernel_says_wrongly_is_told_before_the_first_step(made: Any, told: str) -> None:
    @kernel(Inside)
    def _inside(part: Part) -> Any:
        return made

    try:
        with pytest.raises(EngineError, match=f"layer 1 .Inside.*{told}|{told}"):
            trained(NumbaEngine(), lambda: [Dense(2), Inside()], (3,), (np.ones((6, 3)), np.ones((6, 2))), Quadratic)
    finally:
        MAKERS.pop(target_of(Inside))


def test_another_number_that_is_not_fixed_compiles_nothing() -> None:
    counts = []
    for momentum in (0.5, 0.9):
        trained(
            NumbaEngine(),
            lambda: [Dense(2), old.Swish(momentum)],  # noqa: B023
            (3,),
            (np.ones((6, 3)), np.ones((6, 2))),
            Quadratic,
            optimizer=lambda: GradientDescent(0.1, momentum=momentum),  # noqa: B023
        )
        counts.append(spent.compiled + spent.loaded)
    assert counts[0] == counts[1]
