"""Class weights: scikit-learn's numbers, PyTorch's step, and one clear error where they cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    Batch,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    RandomAccess,
    Schema,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.engines import Targets
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.scratch import Scratch
from layerkit.steps.class_weights import ClassWeights
from layerkit.types import Array
from tests.reference.values import reference

DOUBLE = np.dtype(np.float64)
X = np.random.default_rng(0).normal(size=(24, 4))
LABELS = np.random.default_rng(1).choice(3, p=[0.7, 0.2, 0.1], size=24)
ONE_HOT = np.eye(3)[LABELS]
MAPPING = {0: 0.5, 1: 3.0, 2: 1.25}


def class_weights(given: Any, classes: int, names: Any = None) -> ClassWeights:
    return ClassWeights(given, Targets(CrossEntropy(), (classes,), DOUBLE), names)


def new_trainer(**options: Any) -> Trainer:
    model = Sequential([Dense(3)]).initialize(4, seed=0, dtype="float64")
    return Trainer(model, **{"cost": CrossEntropy(), "optimizer": GradientDescent(0.5), "seed": 1, **options})


def trained(data: Any, **options: Any) -> Array:
    """Parameters after two epochs."""
    trainer = new_trainer(**{name: options.pop(name) for name in ("engine", "cost") if name in options})
    trainer.fit(data, epochs=2, **{"batch_size": 5, **options})
    return trainer.model.structure.parameters.copy()


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    values = reference("scikit_learn", "balanced/")
    y, weights = values["y"], values["weights"]
    for given, name in ((None, "of_classes"), (weights, "of_weighted")):
        found = class_weights("balanced", 4).combined(y, given)
        of_classes = dict(zip(values["classes"].tolist(), values[name].tolist(), strict=True))
        own = np.array([of_classes[label] for label in y.tolist()])
        np.testing.assert_allclose(found, own if given is None else own * given, rtol=1e-13)


def test_balanced_classes_weigh_the_same_in_all() -> None:
    weights = np.random.default_rng(2).uniform(0, 2, 24)
    found = class_weights("balanced", 3).combined(LABELS, weights)
    np.testing.assert_allclose(np.bincount(LABELS, found), weights.sum() / 3)


@pytest.mark.parametrize("engine", [NumpyEngine, NumbaEngine])
def test_a_step_is_that_of_pytorch(engine: Callable[[], Any]) -> None:
    values = reference("class_weights")
    trainer = new_trainer(engine=engine())
    trainer.model.parameters["0.weight"][...] = values["before"]
    trainer.model.parameters["0.bias"][...] = values["bias_before"]
    given = dict(enumerate(values["weights"].tolist()))
    history = trainer.fit((values["x"], values["y"]), epochs=1, batch_size=12, class_weights=given)
    assert history["cost"][0] == pytest.approx(float(values["cost"]))
    np.testing.assert_allclose(trainer.model.parameters["0.weight"], values["after"], rtol=1e-10)
    np.testing.assert_allclose(trainer.model.parameters["0.bias"], values["bias_after"], rtol=1e-10)


@pytest.mark.parametrize("engine", [NumpyEngine, NumbaEngine])
@pytest.mark.parametrize("y", [LABELS, ONE_HOT, ONE_HOT.astype(int)], ids=["labels", "rows", "rows of integers"])
def test_they_are_weights_of_the_examples(engine: Callable[[], Any], y: Array) -> None:
    own = np.random.default_rng(3).uniform(0.1, 2, 24)
    wanted = trained((X, LABELS), weights=own * np.array([0.5, 3.0, 1.25])[LABELS])
    found = trained((X, y), weights=own, class_weights=MAPPING, engine=engine())
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_one_output_has_the_classes_0_and_1() -> None:
    labels = (X[:, 0] > 0.8).astype(int)
    results = []
    for y in (labels, labels[:, None], labels.astype(bool), labels.astype(float), labels[:, None].astype(float)):
        model = Sequential([Dense(1, activation=Sigmoid())]).initialize(4, seed=0, dtype="float64")
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.5), seed=1)
        trainer.fit((X, y), epochs=2, batch_size=5, class_weights={0: 1, 1: 7.5})
        results.append(model.structure.parameters.copy())
    wanted = Sequential([Dense(1, activation=Sigmoid())]).initialize(4, seed=0, dtype="float64")
    trainer = Trainer(wanted, cost=Quadratic(), optimizer=GradientDescent(0.5), seed=1)
    trainer.fit((X, labels), epochs=2, batch_size=5, weights=np.where(labels, 7.5, 1.0))
    for found in results:
        np.testing.assert_allclose(found, wanted.structure.parameters, rtol=1e-12)


class Rows(RandomAccess):
    def __len__(self) -> int:
        return len(X)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(X[rows], LABELS[rows])


def pieces() -> Iterator[tuple[Array, Array]]:
    for start in range(0, 24, 5):
        yield X[start : start + 5], LABELS[start : start + 5]


@pytest.mark.parametrize("data", [Rows(), pieces], ids=["rows", "stream"])
def test_a_mapping_works_batch_by_batch_and_balanced_is_refused(data: Any) -> None:
    found = trained(data, class_weights=MAPPING, shuffle=False)
    np.testing.assert_allclose(found, trained((X, LABELS), class_weights=MAPPING, shuffle=False), rtol=1e-10)
    with pytest.raises(DataError, match=r"how often each class occurs.*give a weight for each class, such as"):
        trained(data, class_weights="balanced")


def test_a_generator_that_can_be_read_once_has_them_too() -> None:
    trainer = new_trainer()
    trainer.fit(pieces(), epochs=1, class_weights=MAPPING)
    other = new_trainer()
    other.fit((X, LABELS), epochs=1, batch_size=5, class_weights=MAPPING, shuffle=False)
    np.testing.assert_allclose(trainer.model.structure.parameters, other.model.structure.parameters, rtol=1e-10)


NAMES = ("no", "yes", "maybe")


@pytest.mark.parametrize(
    "given",
    [
        {"maybe": 1.25, "no": 0.5, "yes": 3},
        {"no": 0.5, 1: 3.0, "2": 1.25},
        {np.int64(0): np.float32(0.5), np.str_("yes"): 3.0, 2: 1.25},
    ],
)
def test_classes_go_by_label_or_name(given: Any) -> None:
    named = Examples(X, LABELS, classes=NAMES)
    np.testing.assert_array_equal(trained(named, class_weights=given), trained(named, class_weights=MAPPING))
    # the model knows the names from then on, whatever order data has them in
    trainer = new_trainer()
    trainer.model.schema = Schema(classes=("maybe", "no", "yes"))
    trainer.fit(named, epochs=2, batch_size=5, class_weights=given)
    weighted = new_trainer()
    weighted.fit((X, np.array([1, 2, 0])[LABELS]), epochs=2, batch_size=5, class_weights={1: 0.5, 2: 3.0, 0: 1.25})
    np.testing.assert_allclose(trainer.model.structure.parameters, weighted.model.structure.parameters, rtol=1e-12)


def test_names_that_are_digits_are_names() -> None:
    named = Examples(X, LABELS, classes=("2", "1", "0"))
    found = trained(named, class_weights={"2": 0.5, "1": 3.0, "0": 1.25})
    for given in ({2: 0.5, 1: 3.0, 0: 1.25}, {2.0: 0.5, "1.0": 3.0, np.int64(0): 1.25}):
        np.testing.assert_array_equal(found, trained(named, class_weights=given))


def test_evaluation_knows_nothing_of_them() -> None:
    trainer = new_trainer(optimizer=GradientDescent(0.0))
    plain = trainer.evaluate((X, LABELS))["cost"]
    history = trainer.fit(
        (X, LABELS), epochs=1, validation=(X, LABELS), class_weights=MAPPING, training_metrics=True, batch_size=24
    )
    assert history["validation_cost"] == history["training_cost"] == [pytest.approx(plain)]
    assert history["cost"][0] != pytest.approx(plain)


def test_a_class_of_weight_0_is_left_out() -> None:
    kept = LABELS != 1
    found = trained((X, LABELS), class_weights={0: 1, 1: 0, 2: 1}, batch_size=24)
    np.testing.assert_allclose(found, trained((X[kept], LABELS[kept]), batch_size=24), rtol=1e-12)


def test_only_what_they_are_to_each_other_counts() -> None:
    wanted = trained((X, LABELS), class_weights=MAPPING)
    for size in (1e-290, 1e290):
        scaled = {label: weight * size for label, weight in MAPPING.items()}
        np.testing.assert_allclose(trained((X, LABELS), class_weights=scaled), wanted, rtol=1e-9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("balance", "class_weights must be 'balanced', or a mapping .* got 'balance'"),
        ([1.0, 2.0, 3.0], "class_weights must be 'balanced', or a mapping"),
        ({}, "class_weights must be 'balanced', or a mapping"),
        ({0: 1.0, 1: -1.0, 2: 1.0}, r"class_weights\[1\] must be a finite number at least 0, got -1.0"),
        ({0: 1.0, 1: np.inf, 2: 1.0}, r"class_weights\[1\] must be a finite number"),
        ({"no": 1.0, "yes": "2", "maybe": 1.0}, r"class_weights\['yes'\] must be a finite number"),
        ({0: 1.0, 2: 1.0}, "class_weights lack the class 'yes': give each class a weight"),
        ({"yes": 1.0}, "class_weights lack the classes 'no', 'maybe'"),
        ({0: 1, 1: 1, 2: 1, 3: 1}, "class_weights name 3, which is no class.*The classes: 'no', 'yes', 'maybe'"),
        ({"mabye": 1, 0: 1}, "class_weights name 'mabye', which is no class. Did you mean 'maybe'"),
        ({-1: 1}, "class_weights name -1, which is no class"),
        ({0.5: 1}, "class_weights name 0.5, which is no class"),
        ({"no": 1, 0: 2, 1: 1, 2: 1}, "class_weights name one class twice, as 'no' and as 0"),
        ({0: 0, 1: 0, 2: 0}, "class_weights are all 0"),
    ],
)
def test_what_are_no_class_weights_is_refused_before_the_first_step(given: Any, message: str) -> None:
    trainer = new_trainer()
    before = trainer.model.structure.parameters.copy()
    with pytest.raises(ArgumentError, match=f"Trainer.fit: {message}"):
        trainer.fit(Examples(X, LABELS, classes=NAMES), epochs=1, class_weights=given)
    np.testing.assert_array_equal(trainer.model.structure.parameters, before)


def test_labels_without_names_are_told_by_their_numbers() -> None:
    with pytest.raises(ArgumentError, match=r"name 7, which is no class\. The classes: 0 to 2"):
        trained((X, LABELS), class_weights={7: 1.0})
    with pytest.raises(ArgumentError, match="lack the classes 1, 2"):
        trained((X, LABELS), class_weights={0: 1.0})


@pytest.mark.parametrize(
    "y",
    [np.full((24, 3), 1 / 3), np.ones((24, 3)), np.random.default_rng(0).normal(size=(24, 3))],
    ids=["probabilities", "several classes", "numbers"],
)
def test_targets_that_say_no_class_each_are_refused(y: Array) -> None:
    with pytest.raises(DataError, match="class_weights need targets that say one class each"):
        trained((X, y), cost=Quadratic(), class_weights=MAPPING)


def test_where_no_example_counts_is_told() -> None:
    with pytest.raises(DataError, match="all 0, so no example counts"):
        trained((X, np.zeros(24, int)), class_weights={0: 0, 1: 1, 2: 1})


def test_a_class_for_each_position_is_refused() -> None:
    model = Sequential([Dense(3)]).initialize((6, 4), seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1))
    with pytest.raises(ArgumentError, match=r"a class for each of the positions.*weights=…"):
        trainer.fit((X.reshape(4, 6, 4), LABELS.reshape(4, 6)), epochs=1, class_weights=MAPPING)


def test_a_mask_of_sequences_with_one_class_each_changes_no_count() -> None:
    sequences, mask = X.reshape(8, 3, 4), np.arange(3) < np.array([1, 2, 3, 1, 2, 3, 1, 2])[:, None]
    found = class_weights("balanced", 3).combined(LABELS[:8], None)
    taken = Examples(sequences, LABELS[:8], mask=mask)
    from layerkit import Flatten
    from layerkit.engines import take_in

    model = Sequential([Flatten(), Dense(3)]).initialize((3, 4), seed=0)
    source = take_in(taken, model, CrossEntropy(), split="train", to_train=True, class_weights="balanced").source
    assert isinstance(source, Examples)
    assert source.weights is not None
    np.testing.assert_allclose(source.weights, found)
