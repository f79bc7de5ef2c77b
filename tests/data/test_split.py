from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerkit.data.examples import Examples
from layerkit.data.split import split_part, split_rows
from layerkit.errors import DatasetError

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
