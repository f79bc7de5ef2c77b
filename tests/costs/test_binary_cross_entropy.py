from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Batch,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array
from tests.reference.costs import CostBench, assert_as_in_pytorch

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
YES = X[:, 0] > 0.2
NAMES = np.where(YES, "yes", "no")


@pytest.mark.parametrize("shape", ["one", "labels", "3d"])
@pytest.mark.parametrize("form", ["hard", "soft"])
def test_it_is_pytorchs(shape: str, form: str) -> None:
    assert_as_in_pytorch(BinaryCrossEntropy(), f"{shape}/{form}", file="binary_cross_entropy")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_of_huge_logits_is_exact(dtype: str) -> None:
    logits = np.array([[1e4], [-1e4], [1e4], [-1e4], [0.0]], dtype)
    target = np.array([[0], [1], [1], [0], [0.5]], dtype)
    bench = CostBench(BinaryCrossEntropy(), dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(bench.forward(logits, target), [1e4, 1e4, 0, 0, np.log(2)], rtol=1e-6)
        np.testing.assert_allclose(bench.backward(logits, target), [[1], [-1], [0], [0], [0]], atol=1e-6)


def test_small_costs_keep_their_digits() -> None:
    logits, target = np.array([[40.0], [-40.0]]), np.array([[1.0], [0.0]])
    bench = CostBench(BinaryCrossEntropy())
    np.testing.assert_allclose(bench.forward(logits, target), np.exp(-40.0), rtol=1e-12)
    np.testing.assert_allclose(bench.backward(logits, target)[1], np.exp(-40.0), rtol=1e-12)


def test_it_is_cross_entropy_of_two_classes_with_one_logit_fixed() -> None:
    logits, labels = RNG.normal(size=(20, 1)), RNG.integers(0, 2, 20)
    both = np.hstack([np.zeros((20, 1)), logits])
    wanted = CostBench(CrossEntropy()).forward(both, np.eye(2)[labels])
    np.testing.assert_allclose(CostBench(BinaryCrossEntropy()).forward(logits, labels[:, None] * 1.0), wanted)


def test_its_readout_is_sigmoid() -> None:
    assert isinstance(BinaryCrossEntropy().readout(), Sigmoid)


def new_trainer(outputs: int = 1, shape: Any = 4) -> Trainer:
    model = Sequential([Dense(outputs)]).initialize(shape, seed=0)
    return Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.1), seed=0)


@pytest.mark.parametrize(
    "y",
    [YES, YES * 1, YES.astype(np.uint8), YES[:, None] * 1, YES * 1.0, YES[:, None] * 1.0, NAMES, NAMES[:, None],
     NAMES.tolist(), NAMES.astype(object)],
    ids=lambda y: f"{np.asarray(y).dtype} {np.asarray(y).shape}",
)  # fmt: skip
def test_two_classes_told_in_any_way_are_the_same_training(y: Any) -> None:
    wanted = new_trainer()
    wanted.fit((X, YES[:, None] * 1.0), epochs=2)
    found = new_trainer()
    found.fit((X, y), epochs=2)
    assert found.model.structure.parameters.tobytes() == wanted.model.structure.parameters.tobytes()
    assert found.evaluate((X, y)) == wanted.evaluate((X, YES))
    named = np.asarray(y).dtype.kind in "UO"
    assert found.model.schema.classes == (("no", "yes") if named else None)


def test_probabilities_are_targets() -> None:
    trainer = new_trainer()
    trainer.fit((np.ones((40, 4)), np.full(40, 0.8)), epochs=300)
    np.testing.assert_allclose(trainer.model.predict(np.ones((1, 4))), 0.8, atol=1e-3)


def test_rows_are_labels_that_do_not_exclude_each_other() -> None:
    y = np.stack([X[:, 0] > 0, X[:, 1] > 0, X[:, 0] > -1], axis=1)
    trainer = new_trainer(3)
    trainer.fit((X, y), epochs=300)
    assert (trainer.model.classify(X) == y).mean() > 0.95
    one = new_trainer()
    one.model.parameters["0.weight"][...] = trainer.model.parameters["0.weight"][:, :1]
    one.model.parameters["0.bias"][...] = trainer.model.parameters["0.bias"][:1]
    np.testing.assert_allclose(one.model.predict(X), trainer.model.predict(X)[:, :1], rtol=1e-5)


def test_labels_of_several_outputs_are_one_against_the_rest() -> None:
    labels = RNG.integers(0, 3, 60)
    one, other = new_trainer(3), new_trainer(3)
    one.fit((X, labels), epochs=2)
    other.fit((X, np.eye(3)[labels]), epochs=2)
    assert one.model.structure.parameters.tobytes() == other.model.structure.parameters.tobytes()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("outputs", "y", "told"),
    [
        (1, np.array([0, 1, 2, 1]), "labels must be 0 to 1.*got 2 in row 2: for more classes give the network"),
        (1, np.array([1, -1, 1, -1]), r"got -1 in row 1: write \(y \+ 1\) // 2"),
        (1, np.array([[1], [-1], [1], [1]]), r"row 1 holds -1: write \(y \+ 1\) / 2"),
        (1, np.array([0.0, 1, 0.5, 1.01]), r"row 3 holds 1\.01: .*Quadratic"),
        (1, np.array([0.0, 1, -0.01, 1]), r"row 2 holds -0\.01"),
        (2, np.array([[0, 1], [1, 1], [0, 3], [0, 0]]), "row 2, place 1 holds 3"),
    ],
)
def test_other_targets_are_refused_before_the_first_step(outputs: int, y: Array, told: str, stream: bool) -> None:
    trainer = new_trainer(outputs)
    before = trainer.model.structure.parameters.copy()
    with pytest.raises(DataError, match=told):
        trainer.fit([Batch(X[:4], y)] if stream else (X[:4], y), epochs=1)
    np.testing.assert_array_equal(trainer.model.structure.parameters, before)
    with pytest.raises(DataError, match=told):
        trainer.evaluate((X[:4], y))


def test_rounding_is_no_miss() -> None:
    new_trainer().fit((X, np.full((60, 1), 1 + 1e-7)), epochs=1)


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"targets must have that shape"):
        new_trainer(3).fit((X, np.zeros((60, 2))), epochs=1)


def test_what_a_mask_leaves_out_may_hold_anything() -> None:
    x, y = RNG.normal(size=(12, 3, 4)), RNG.integers(0, 2, (12, 3, 1)) * 1.0
    mask = np.ones((12, 3), bool)
    y[5, 2], mask[5, 2] = -7, False
    trainer = new_trainer(shape=(3, 4))
    with pytest.raises(DataError, match=r"row 5, place 2, 0 holds -7"):
        trainer.fit((x, y), epochs=1)
    trainer.fit((x, y), mask=mask, epochs=1)
    found = trainer.evaluate((x, y), mask=mask)
    y[5, 2] = 0
    assert trainer.evaluate((x, y), mask=mask) == found != trainer.evaluate((x, y))
    assert trainer.evaluate((x, y[..., 0].astype(int)), mask=mask) == found


def test_classes_in_another_order_are_matched_by_name() -> None:
    trainer = new_trainer()
    trainer.fit((X, NAMES), epochs=2)
    turned = Examples(X, (~YES) * 1, classes=("yes", "no"))
    assert trainer.evaluate(turned) == trainer.evaluate((X, NAMES))
    assert trainer.evaluate((X[YES], NAMES[YES]))["cost"] == trainer.evaluate((X[YES], np.ones(YES.sum(), int)))["cost"]
    with pytest.raises(DataError, match="'perhaps'"):
        trainer.evaluate((X[:2], ["perhaps", "no"]))


def test_a_network_of_two_layers_learns_with_recorded_steps() -> None:
    x = RNG.normal(size=(640, 2))
    model = Sequential([Dense(16, activation=Tanh()), Dense(1)])
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=Adam(0.02), seed=0)
    y = x[:, 0] * x[:, 1] > 0
    history = trainer.fit((x, y), epochs=40, batch_size=32)
    assert history["cost"][-1] < 0.2
    assert (model.classify(x) == y).mean() > 0.93


def test_one_logit_descends_like_logistic_regression() -> None:
    model = Sequential([Dense(1)]).initialize(4, seed=0, dtype="float64")
    weight, bias = model.parameters["0.weight"].copy(), model.parameters["0.bias"].copy()
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.5), seed=0)
    trainer.fit((X, YES), epochs=5, batch_size=60, shuffle=False)
    for _ in range(5):
        error = 1 / (1 + np.exp(-(X @ weight + bias))) - YES[:, None]
        weight -= 0.5 * X.T @ error / 60
        bias -= 0.5 * error.mean(axis=0)
    np.testing.assert_allclose(model.parameters["0.weight"], weight, rtol=1e-12)
