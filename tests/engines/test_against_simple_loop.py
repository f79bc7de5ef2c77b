"""Whatever an engine does to be fast, it gives what the contracts say, one call after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    Adam,
    BatchNormalization,
    BinaryCrossEntropy,
    ClipNorm,
    Cost,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Identity,
    Layer,
    Optimizer,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    StepDecay,
    Tanh,
    Trainer,
    Transform,
    WeightDecay,
)
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.update_context import UpdateContext
from layerkit.models.passes import Pass, commit
from layerkit.random_streams import RandomStreams
from layerkit.types import Array
from tests.models.custom import Branches, RunningMean, Scale

ROWS = 22


def simple_loop(
    model: Sequential,
    cost: Cost,
    optimizer: Optimizer,
    transforms: list[Transform],
    data: tuple[Array, ...],
    given: Any,
) -> list[float]:
    """Training as the contracts describe it: fresh contexts at every step, nothing kept but what must be."""
    x, y, weights = data
    structure, streams = model.structure, RandomStreams(3)
    slices, count, dtype = structure.slices(), structure.trainable, structure.dtype
    contexts = [
        UpdateContext(slices, dtype, rng=streams.generator(name), steps_per_epoch=-(-ROWS // given["batch_size"]))
        for name in ("optimizer", *(f"transform {place}" for place in range(len(transforms))))
    ]
    step, costs = 0, []
    for epoch in range(given["epochs"]):
        order = streams.fresh("shuffle", epoch).permutation(ROWS)
        total = weight = 0.0
        for start in range(0, ROWS, given["batch_size"]):
            rows = order[start : start + given["batch_size"]]
            tree = Pass(structure, structure.node, streams, training=True, gradient=structure.gradient)
            ctx = Context("cost", PassState(lambda path: np.random.default_rng(0)), Scratch(dtype), training=True)
            prediction = tree.forward(x[rows].astype(dtype), float(weights[rows].sum()))
            each = cost.forward(prediction, y[rows].astype(dtype), ctx).copy()
            scale = (weights[rows] / weights[rows].sum()).astype(dtype)
            tree.backward(cost.backward(prediction, y[rows].astype(dtype), ctx) * scale[:, None])
            total += float(weights[rows] @ each)
            weight += float(weights[rows].sum())
            gradient, parameters = structure.gradient[:count], structure.parameters[:count]
            rate = optimizer.learning_rate
            for update in contexts:
                update.step = step
                update.learning_rate = rate if isinstance(rate, float) else rate.rate(step, update)
            for transform, update in zip(transforms, contexts[1:], strict=True):
                transform.before(parameters, gradient, update)
            optimizer.update(parameters, gradient, contexts[0])
            for transform, update in zip(transforms, contexts[1:], strict=True):
                transform.after(parameters, update)
            commit(tree.shared.proposals)
            step += 1
        costs.append(total / weight)
    return costs


@st.composite
def layers(draw: st.DrawFn) -> list[Layer]:
    """Chains of any kind, some of whose layers occur twice or are frozen."""
    shared = Dense(4, activation=Tanh())
    kinds: list[Layer] = [
        Dense(4), Dense(4, activation=Sigmoid()), Dense(4, activation=ReLU(), use_bias=False), Sigmoid(), Tanh(),
        Softmax(), Identity(), Dropout(0.3), BatchNormalization(), Rescale(0.5, offset=1.0), Flatten(),
        Residual(Sequential([Dense(4, activation=Tanh()), Dropout(0.2)])), Branches(Scale(), Dense(4)), RunningMean(),
    ]  # fmt: skip
    chain = draw(st.lists(st.sampled_from([*kinds, None]), max_size=5))
    found = [shared if layer is None else layer.copy() for layer in chain]
    for layer in found:
        if draw(st.integers(0, 5)) == 0:
            layer.freeze()
    return [*found, Dense(3)]


@pytest.mark.filterwarnings("ignore::layerkit.errors.LayerkitWarning")
@settings(max_examples=60, deadline=None)
@given(
    chain=layers(),
    cost=st.sampled_from([Quadratic(), CrossEntropy(), BinaryCrossEntropy()]),
    optimizer=st.sampled_from(
        [GradientDescent(0.05), GradientDescent(StepDecay(0.01, every=1), momentum=0.9, nesterov=True), Adam(0.01)]
    ),
    transforms=st.sampled_from([[], [ClipNorm(0.1), WeightDecay(0.1)]]),
    batch_size=st.sampled_from([1, 3, 4, 22, 30]),
    dtype=st.sampled_from(["float32", "float64"]),
    weighted=st.booleans(),
)
@pytest.mark.filterwarnings("ignore:single-row")
def test_the_numpy_engine(
    chain: list[Layer],
    cost: Cost,
    optimizer: Optimizer,
    transforms: list[Transform],
    batch_size: int,
    dtype: str,
    weighted: bool,
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(ROWS, 4)), np.eye(3)[rng.integers(0, 3, ROWS)]
    weights = rng.random(ROWS) + 0.5 if weighted else np.ones(ROWS)
    model = Sequential(chain).initialize(4, seed=0, dtype=dtype)
    plain = model.copy()
    given: Any = {"batch_size": batch_size, "epochs": 3}
    trainer = Trainer(model, cost=cost, optimizer=optimizer, transforms=transforms, seed=3)
    history = trainer.fit((x, y, weights) if weighted else (x, y), **given)
    costs = simple_loop(plain, cost, optimizer, list(transforms), (x, y, weights), given)

    tolerance = 1e-9 if dtype == "float64" else 1e-3
    np.testing.assert_allclose(history["cost"], costs, rtol=tolerance)
    for found, expected in ((model.parameters, plain.parameters), (model.states, plain.states)):
        assert list(found) == list(expected)
        for path, array in found.items():
            np.testing.assert_allclose(array, expected[path], rtol=tolerance, atol=tolerance, err_msg=path)
