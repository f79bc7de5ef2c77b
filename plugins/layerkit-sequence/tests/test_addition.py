"""The example: its data, its measure, and that it learns."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from layerkit_sequence import Addition, ExactMatch, Orthogonal
from layerkit_sequence.addition import text

from layerkit import Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.experiments import Experiment, Session, find
from layerkit.types import Array


def test_sums_are_right_and_splits_apart() -> None:
    dataset = Addition(train=300, test=100, seed=4)
    seen = set()
    for split in ("train", "test"):
        part = dataset.load(split).slice(0, 300)
        assert part.y is not None
        for x, y in zip(part.x, part.y, strict=True):
            question, answer = text(x), text(y)
            one, other = question.rstrip(" =").split("+")
            assert question == f"{one}+{other}=    "
            assert answer == " " * 8 + f"{int(one) + int(other):04}"[::-1]
            seen.add((one, other))
    assert len(seen) == 400


def test_the_same_seed_gives_the_same_pairs_and_the_test_is_that_of_any_training() -> None:
    one, same, larger, other = (
        Addition(digits=2, train=train, test=50, seed=seed).load("test").x
        for train, seed in ((100, 1), (100, 1), (200, 1), (100, 2))
    )
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(one, larger)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("digits", [1, 2, 9])
def test_any_number_of_digits(digits: int) -> None:
    examples = Addition(digits=digits, train=80, test=20).load("train")
    assert examples.x.shape == examples.y.shape == (80, 3 * digits + 3)  # type: ignore[union-attr]
    assert len({text(x) for x in examples.x}) == 80


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"digits": 0}, "digits"),
        ({"digits": 10}, "digits must be at most 9"),
        ({"digits": 1, "train": 90, "test": 11}, "100 pairs"),
        ({"train": 0}, "train"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_generated_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        Addition(**arguments)


def test_a_split_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ArgumentError, match="split"):
        Addition().load("validation")


def measured(labels: Array, mask: Array | None = None, weights: Array | None = None) -> float:
    """The metric of a network that gives back what it is given: ``(batch, time, classes)``."""
    from layerkit import GradientDescent, Identity

    output = np.eye(3)[[[0, 1, 2], [2, 2, 2], [1, 0, 0]]]
    model = Sequential([Identity()]).initialize((3, 3))
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[ExactMatch()])
    return trainer.evaluate((output, labels), mask=mask, weights=weights)["exact_match"]


def test_exact_match_counts_whole_sequences() -> None:
    labels = np.array([[0, 1, 2], [2, 2, 0], [1, 0, 1]])
    assert measured(labels) == pytest.approx(1 / 3)
    assert measured(np.eye(3)[labels]) == pytest.approx(1 / 3)
    assert measured(labels, mask=np.array([[True] * 3, [True, True, False], [True] * 3])) == pytest.approx(2 / 3)
    assert measured(labels, weights=np.array([3.0, 1.0, 0.0])) == 0.75
    assert math.isnan(ExactMatch().result(ExactMatch().start()))


def test_exact_match_refuses_targets_of_another_shape() -> None:
    metric, unused = ExactMatch(), Any
    with pytest.raises(ShapeError, match=r"ExactMatch.*\(2, 4\).*\(2, 3, 5\)"):
        metric.update(metric.start(), np.zeros((2, 3, 5)), np.zeros((2, 4), int), np.ones(2), unused)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(5, 5), (5, 15), (5, 12)])
def test_blocks_of_an_orthogonal_matrix_keep_lengths(shape: tuple[int, int]) -> None:
    rows, columns = shape
    matrix = Orthogonal(2.0).initialize(shape, np.random.default_rng(0), np.dtype(float), 1, 1)
    for start in range(0, columns, rows):
        block = matrix[:, start : start + rows]
        np.testing.assert_allclose(block.T @ block, 4 * np.eye(block.shape[1]), atol=1e-12)


def example() -> Experiment:
    found: Any = find("sequence/addition")
    experiment: Experiment = found()
    return experiment


def missed(experiment: Experiment) -> list[str]:
    assert experiment.target
    session = Session(experiment)
    session.fit()
    return experiment.missed(session.measure())


@pytest.mark.thorough
def test_the_example_learns_to_add() -> None:
    assert not missed(example())


def test_listing_the_package_imports_no_numpy() -> None:
    code = "import sys, layerkit_sequence.hooks as hooks; hooks.layerkit_layers(); assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
