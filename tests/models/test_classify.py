"""From predictions to classes: labels, names, labels of which an example may have several, and the threshold."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import (
    Adam,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    Quadratic,
    ReLU,
    Sequential,
    Sigmoid,
    Trainer,
    resume,
    save_checkpoint,
)
from layerkit.errors import ArgumentError, ModelFileError, NotBuiltError
from layerkit.interfaces.cost import Cost
from layerkit.models.schema import Schema
from layerkit.types import Array

X = np.random.default_rng(0).normal(size=(40, 3))


def model(outputs: int, cost: Cost, *, names: tuple[str, ...] | None = None, shape: Any = 3) -> Sequential:
    """Its logits are the inputs."""
    made = Sequential([Dense(outputs)]).initialize(shape, seed=0)
    made.parameters["0.weight"][...] = np.eye(3)[:, :outputs]
    Trainer(made, cost=cost, optimizer=GradientDescent(0.1))
    made.schema = Schema(classes=names)
    return made


def test_a_single_output_says_yes_above_the_threshold() -> None:
    made = model(1, BinaryCrossEntropy())
    assert made.threshold == 0.5
    assert made.classify(X).tolist() == (X[:, 0] > 0).astype(int).tolist()
    assert made.classify(X).dtype == np.int64
    made.threshold = 0.9
    assert made.classify(X).tolist() == (X[:, 0] > np.log(9)).astype(int).tolist()
    made.schema = Schema(classes=("no", "yes"))
    assert made.classify(X).tolist() == np.where(X[:, 0] > np.log(9), "yes", "no").tolist()


def test_classes_that_exclude_each_other_are_told_by_the_largest_output() -> None:
    for cost in (CrossEntropy(), Quadratic()):
        assert model(3, cost).classify(X).tolist() == X.argmax(axis=1).tolist()
        named = model(3, cost, names=("a", "b", "c"))
        assert named.classify(X).tolist() == np.array(["a", "b", "c"])[X.argmax(axis=1)].tolist()


def test_the_second_of_two_classes_has_a_threshold_too() -> None:
    made = model(2, CrossEntropy(), names=("no", "yes"))
    logit = X[:, 1] - X[:, 0]
    assert made.classify(X).tolist() == np.where(logit > 0, "yes", "no").tolist()
    made.threshold = 0.2
    assert made.classify(X).tolist() == np.where(logit > np.log(0.25), "yes", "no").tolist()


def test_labels_that_do_not_exclude_each_other_are_booleans_or_lists_of_names() -> None:
    plain = model(3, BinaryCrossEntropy())
    np.testing.assert_array_equal(plain.classify(X), X > 0)
    plain.threshold = (0.5, 0.9, 0.1)
    np.testing.assert_array_equal(plain.classify(X), [0, np.log(9), -np.log(9)] < X)
    named = model(3, BinaryCrossEntropy(), names=("a", "b", "c"))
    found = named.classify(X)
    assert found.shape == (40,)
    assert found.tolist() == [[name for name, yes in zip("abc", row, strict=True) if yes] for row in X > 0]


def test_sequences_have_a_class_at_each_step() -> None:
    x = np.random.default_rng(1).normal(size=(6, 4, 3))
    one = model(1, BinaryCrossEntropy(), names=("no", "yes"), shape=(4, 3))
    assert one.classify(x).tolist() == np.where(x[..., 0] > 0, "yes", "no").tolist()
    many = model(3, BinaryCrossEntropy(), names=("a", "b", "c"), shape=(4, 3)).classify(x)
    assert many.shape == (6, 4)
    assert many[2, 3] == [name for name, yes in zip("abc", x[2, 3] > 0, strict=True) if yes]


def test_names_that_are_not_those_of_all_classes_are_left_out() -> None:
    assert model(3, CrossEntropy(), names=("a",)).classify(X).dtype == np.int64
    assert model(3, BinaryCrossEntropy(), names=("a", "b")).classify(X).dtype == bool


def test_a_threshold_between_two_float32_numbers_is_not_rounded_to_one_of_them() -> None:
    made = model(1, BinaryCrossEntropy())
    one = np.float32(0.3)
    two = np.nextafter(one, np.float32(1))
    made.threshold = (float(one) + float(two)) / 2
    assert made.decision.classes(np.array([[one], [two]])).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (Sequential([Dense(1)]), "single output that is no probability"),
        (Sequential([Dense(1), ReLU()]), "single output that is no probability"),
    ],
)
def test_what_tells_no_class_is_refused(made: Sequential, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        made.initialize(3, seed=0).classify(X)


def test_a_model_without_values_is_told_so() -> None:
    with pytest.raises(NotBuiltError):
        Sequential([Dense(1, activation=Sigmoid())]).classify(X)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), "0.5", None, True, (), (0.5, 2), ((0.5,),)])
def test_only_probabilities_are_thresholds(threshold: Any) -> None:
    made = model(1, BinaryCrossEntropy())
    with pytest.raises(ArgumentError, match="threshold must be a finite number at least 0 and at most 1"):
        made.threshold = threshold
    assert made.threshold == 0.5


@pytest.mark.parametrize(
    ("made", "threshold", "told"),
    [
        (model(3, CrossEntropy()), 0.3, "the model has 3 outputs from 0 to 1: of several classes the largest"),
        (model(2, Quadratic()), 0.3, "the model has 2 outputs from -inf to inf"),
        (model(3, BinaryCrossEntropy()), (0.3, 0.4), "threshold has 2 numbers, .* but the model has 3 labels"),
    ],
)
def test_a_threshold_that_does_not_fit_is_told_when_it_is_used(
    made: Sequential, threshold: Any, told: str, tmp_path: Path
) -> None:
    made = made.copy()
    made.threshold = threshold
    for use in (made.classify, lambda x: made.decision, lambda x: kit.save(made, tmp_path / "m")):
        with pytest.raises(ArgumentError, match=told):
            use(X)


@pytest.mark.parametrize("threshold", [0.25, (0.25, 0.5, 0.75)])
def test_the_threshold_goes_with_the_model(threshold: Any, tmp_path: Path) -> None:
    made = model(3, BinaryCrossEntropy())
    made.threshold = threshold
    kit.save(made, tmp_path / "m.safetensors", cost=BinaryCrossEntropy())
    twins = [copy.deepcopy(made), made.copy(), pickle.loads(pickle.dumps(made)), kit.load(tmp_path / "m.safetensors")]
    for twin in twins:
        assert twin.threshold == threshold
        np.testing.assert_array_equal(twin.classify(X), made.classify(X))


@pytest.mark.parametrize("threshold", [None, "0.5", 2, -1, True, [], [0.5], [0.5, 0.5, 2], [[0.5]] * 3, {"a": 1}])
def test_a_forged_threshold_is_refused(threshold: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    kit.save(model(3, BinaryCrossEntropy()), path)
    anatomy = Anatomy.of(path.read_bytes())
    anatomy.envelope["content"]["model"]["threshold"] = threshold
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match="threshold"):
        kit.load(path)


def new_trainer() -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=BinaryCrossEntropy(), optimizer=Adam(), seed=0)


def test_a_resumed_run_has_the_threshold_of_its_checkpoint(tmp_path: Path) -> None:
    first, data = new_trainer(), (X, X[:, 0] > 0)
    first.fit(data, epochs=1)
    first.model.threshold = 0.125
    save_checkpoint(first, tmp_path / "c.safetensors")
    second = new_trainer()
    resume(second, tmp_path / "c.safetensors")
    assert second.model.threshold == 0.125
    anatomy = Anatomy.of((tmp_path / "c.safetensors").read_bytes())
    anatomy.envelope["content"]["model"]["threshold"] = 7
    anatomy.sign()
    (tmp_path / "c.safetensors").write_bytes(anatomy.assemble())
    third = new_trainer()
    with pytest.raises((ModelFileError, ArgumentError), match="threshold"):
        resume(third, tmp_path / "c.safetensors")
    assert third.model.threshold == 0.5


def test_names_come_back_as_they_came_in(tmp_path: Path) -> None:
    kinds: Array = np.array(["setosa", "versicolor", "virginica"])[X.argmax(axis=1)]
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=Adam(0.1), seed=0)
    trainer.fit((X, kinds), epochs=200)
    assert (trainer.model.classify(X) == kinds).mean() > 0.95
    kit.save(trainer.model, tmp_path / "m.safetensors")
    np.testing.assert_array_equal(kit.load(tmp_path / "m.safetensors").classify(X), trainer.model.classify(X))
    tags = Trainer(Sequential([Dense(3)]), cost=BinaryCrossEntropy(), optimizer=Adam(0.1), seed=0)
    tags.fit(Examples(X, X > 0, classes=("a", "b", "c")), epochs=300)
    wanted = [[name for name, yes in zip("abc", row, strict=True) if yes] for row in X > 0]
    assert np.mean([found == true for found, true in zip(tags.model.classify(X), wanted, strict=True)]) > 0.9


def test_a_single_output_has_a_single_threshold() -> None:
    made = Sequential([Dense(1, activation=Sigmoid())]).initialize(2, seed=0)
    with pytest.raises(ArgumentError, match=r"a model of one output has one threshold, a number, got \[0\.5\]"):
        made.threshold = [0.5]  # type: ignore[assignment]
    assert made.threshold == 0.5
