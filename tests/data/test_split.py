from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerkit import Digits, Examples, folds, split
from layerkit.data.split import split_part, split_rows
from layerkit.errors import ArgumentError, DataError, DatasetError
from tests.reference.values import reference

SEEDS = st.integers(0, 2**32)
FRACTIONS = st.floats(0.01, 0.99)


@given(st.integers(1, 500), FRACTIONS, SEEDS)
def test_every_row_is_in_one_part(count: int, fraction: float, seed: int) -> None:
    train, test = split_rows(count, test_fraction=fraction, seed=seed)
    assert sorted([*train, *test]) == list(range(count))
    assert abs(len(test) - count * fraction) <= 0.5 + 1e-9


@given(st.lists(st.integers(0, 4), min_size=1, max_size=300), FRACTIONS, SEEDS)
def test_every_class_gives_its_share(labels: list[int], fraction: float, seed: int) -> None:
    y = np.array(labels)
    _, test = split_rows(len(y), y, test_fraction=fraction, seed=seed)
    shares = np.bincount(y[test], minlength=5) - np.bincount(y, minlength=5) * fraction
    assert np.abs(shares).max() < 1 + 1e-9


def test_the_seed_alone_decides() -> None:
    first, again, other = (split_rows(100, test_fraction=0.3, seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_the_split_is_the_same_on_every_machine_and_version() -> None:
    assert split_rows(20, test_fraction=0.25, seed=0)[1].tolist() == [1, 3, 8, 14, 16]


def test_the_parts_keep_x_and_y_together() -> None:
    x = np.arange(20).reshape(10, 2)
    parts = [split_part("f", Examples(x, x[:, 0] % 4), split, test_fraction=0.2, seed=0) for split in ("train", "test")]
    assert [len(part) for part in parts] == [8, 2]
    for part in parts:
        np.testing.assert_array_equal(part.x[:, 0] % 4, part.y)


@pytest.mark.parametrize(("rows", "fraction"), [(2, 0.2), (3, 0.9), (1, 0.5)])
def test_too_few_rows_are_refused(rows: int, fraction: float) -> None:
    with pytest.raises(DatasetError, match=rf"few.csv: {rows} rows are too few to keep {fraction} of them"):
        split_part("few.csv", Examples(np.zeros((rows, 2)), None), "train", test_fraction=fraction, seed=0)


def test_split_keeps_everything_that_examples_have() -> None:
    x = np.arange(40.0).reshape(20, 2)
    examples = Examples(
        x, np.arange(20) % 2, weights=x[:, 0], names=("a", "b"), target_name="kind", classes=("no", "yes")
    )
    parts = split(examples, test_fraction=0.25, seed=3)
    assert [len(part) for part in parts] == [15, 5]
    for part in parts:
        assert (part.names, part.target_name, part.classes) == (("a", "b"), "kind", ("no", "yes"))
        assert isinstance(part.x, np.ndarray)
        np.testing.assert_array_equal(part.weights, part.x[:, 0])
        np.testing.assert_array_equal(part.y, part.x[:, 0] // 2 % 2)
    rows = np.concatenate([part.weights for part in parts if part.weights is not None])
    assert sorted(rows.tolist()) == x[:, 0].tolist()


def test_split_is_that_of_the_datasets_in_files() -> None:
    x, y = np.arange(30.0)[:, None], np.arange(30) % 3
    train, test = split((x, y), test_fraction=0.3, seed=5)
    for name, part in (("train", train), ("test", test)):
        np.testing.assert_array_equal(
            part.x,
            split_part("f", Examples(x, y), name, test_fraction=0.3, seed=5).x,
        )


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_dataframes_keep_their_names(library: str) -> None:
    frame = pytest.importorskip(library).DataFrame({"a": range(12), "b": [0.5] * 12, "kind": ["x", "y", "y"] * 4})
    for data in ((frame, "kind"), (frame[["a", "b"]], frame["kind"])):
        train, test = split(data, test_fraction=0.5)
        for part in (train, test, *next(folds(data, k=2))):
            assert (part.names, part.target_name, part.classes) == (("a", "b"), "kind", ("x", "y"))
            assert part.y is not None
            assert np.bincount(part.y).tolist() == [2, 4]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_classes_have_the_shares_of_scikit_learns_split(fraction: float) -> None:
    values = reference("scikit_learn", "splits/")
    y, theirs = values["y"], values[f"test/{fraction}"]
    _, test = split((y[:, None], y), test_fraction=fraction)
    assert test.y is not None
    found = np.bincount(test.y, minlength=4)
    # both round each class's share to a whole number, up or down
    assert np.abs(found - theirs).max() <= 1
    assert np.abs(found - np.bincount(y) * fraction).max() < 1


@pytest.mark.parametrize("k", [2, 5, 10])
def test_classes_have_the_shares_of_scikit_learns_folds(k: int) -> None:
    values = reference("scikit_learn", "splits/")
    y = values["y"]
    tests = [test.y for _, test in folds((y[:, None], y), k=k)]
    found = np.array([np.bincount(part, minlength=4) for part in tests if part is not None])
    theirs = values[f"folds/{k}"]
    assert np.abs(np.sort(found, axis=0) - np.sort(theirs, axis=0)).max() == 0
    assert sorted(found.sum(axis=1)) == sorted(values[f"sizes/{k}"])


@given(st.integers(2, 60), st.integers(2, 12), SEEDS, st.booleans())
def test_each_row_is_in_one_test_part_and_in_all_other_training_parts(
    count: int, k: int, seed: int, stratify: bool
) -> None:
    k = min(k, count)
    pairs = list(folds((np.arange(count)[:, None], np.arange(count) % 3), k=k, stratify=stratify, seed=seed))
    tests = [test.x[:, 0].tolist() for _, test in pairs if isinstance(test.x, np.ndarray)]
    assert sorted(row for rows in tests for row in rows) == list(range(count))
    assert max(map(len, tests)) - min(map(len, tests)) <= 1
    for (train, _), rows in zip(pairs, tests, strict=True):
        assert isinstance(train.x, np.ndarray)
        assert sorted([*train.x[:, 0].tolist(), *rows]) == list(range(count))


def test_the_folds_are_the_same_on_every_machine_and_version() -> None:
    found = [test.x.ravel().tolist() for _, test in folds((np.arange(9)[:, None], None), k=3)]
    assert found == [[3, 7, 8], [2, 4, 6], [0, 1, 5]]


LABELS = np.repeat([0, 1], [90, 10])
ROWS = np.arange(100)[:, None]


@pytest.mark.parametrize(
    ("y", "stratify"),
    [
        (LABELS, True),
        (LABELS[:, None], True),
        (LABELS.astype(bool), True),
        (np.eye(2)[LABELS], True),
        (np.eye(2)[LABELS].astype(int), True),
        (LABELS * 1.0, LABELS),
        (LABELS * 1.0, LABELS.tolist()),
        (None, np.array(["no", "yes"])[LABELS]),
    ],
)
def test_what_is_shared_out_by_class(y: Any, stratify: Any) -> None:
    for seed in range(5):
        _, test = split((ROWS, y), stratify=stratify, seed=seed)
        assert isinstance(test.x, np.ndarray)
        assert np.bincount(LABELS[test.x[:, 0]]).tolist() == [18, 2]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_series_may_say_by_what_to_share_out(library: str) -> None:
    series = pytest.importorskip(library).Series(["yes" if label else "no" for label in LABELS])
    _, test = split((ROWS, None), stratify=series)
    assert isinstance(test.x, np.ndarray)
    assert np.bincount(LABELS[test.x[:, 0]]).tolist() == [18, 2]


def test_a_dataframe_alone_is_refused() -> None:
    with pytest.raises(DataError, match="does not tell which column is the target"):
        split(pytest.importorskip("polars").DataFrame({"a": [1]}))


@pytest.mark.parametrize("y", [LABELS, LABELS * 1.0, np.ones((100, 2)), None])
def test_what_is_drawn_without_regard_to_classes(y: Any) -> None:
    rare = []
    for seed in range(20):
        _, test = split((ROWS, y), stratify=y is not LABELS, seed=seed)
        assert isinstance(test.x, np.ndarray)
        rare.append(int((test.x >= 90).sum()))
    assert len(set(rare)) > 2


def test_several_inputs_and_masks_stay_together() -> None:
    examples = Examples((ROWS, ROWS[:, None] * 2), LABELS, mask=ROWS % 3 == 0)
    for part in split(examples):
        assert isinstance(part.x, tuple)
        np.testing.assert_array_equal(part.x[0] * 2, part.x[1][:, 0])
        np.testing.assert_array_equal(part.mask, part.x[0] % 3 == 0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"test_fraction": 0}, ArgumentError, "split: test_fraction must be a finite number above 0 and below 1"),
        ({"test_fraction": 5}, ArgumentError, "split: test_fraction must be"),
        ({"seed": -1}, ArgumentError, "split: seed must be an integer of at least 0"),
        ({"stratify": [1, 2]}, ArgumentError, r"one value for each of the 100 rows, got shape \(2,\)"),
        ({"stratify": "kind"}, ArgumentError, "one value for each of the 100 rows, got 'kind'"),
        ({"stratify": np.array([1, "a"] * 50, object)}, ArgumentError, "stratify must hold values of one kind"),
        ({"test_fraction": 0.001}, DataError, "100 rows are too few to keep 0.001 of them for testing: give more rows"),
    ],
)
def test_what_cannot_be_split_so_is_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        split((ROWS, LABELS), **arguments)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ROWS, "data must be arrays .* got ndarray"),
        (Digits(), r"of a data set, dataset.load\('train'\).* got Digits"),
        ((ROWS, LABELS[:7]), "x has 100, y has 7"),
    ],
)
def test_what_is_no_data_in_arrays_is_refused(data: Any, message: str) -> None:
    for cut in (split, folds):
        with pytest.raises(DataError, match=message):
            cut(data)


def test_folds_need_a_row_each() -> None:
    with pytest.raises(DataError, match="folds: 3 rows are too few for 4 folds"):
        folds((ROWS[:3], None), k=4)
    with pytest.raises(ArgumentError, match="folds: k must be an integer of at least 2, got 1"):
        folds((ROWS, LABELS), k=1)
