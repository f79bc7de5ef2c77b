"""What people give as data becomes plain arrays, or is refused with one clear word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Dense, Examples, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.arrays import cast, plain_array
from layerkit.errors import DataError

RAGGED = [[1.0, 2.0], [3.0]]


class Sparse:
    """As SciPy's matrices are asked for their numbers."""

    def toarray(self) -> Any: ...


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (RAGGED, ["different lengths", "mask="]),
        ([np.zeros(2), np.zeros(3)], ["different lengths", "mask="]),
        (np.ma.masked_array([[1.0], [2.0]], [[True], [False]]), ["1 masked value", "filled"]),
        (Sparse(), ["Sparse", "toarray()"]),
    ],
)
def test_what_is_no_array_is_refused_with_a_word_about_it(value: Any, words: list[str]) -> None:
    trainer = Trainer(Sequential([Dense(1)]).initialize(1), cost=Quadratic(), optimizer=GradientDescent(0.1))
    y = np.zeros((2, 1))
    for door in (
        lambda: plain_array(value, "x"),
        lambda: trainer.fit((value, y), epochs=1),
        lambda: trainer.fit((y, value), epochs=1),
        lambda: trainer.fit([(value, y)], epochs=1),
        lambda: trainer.evaluate((value, y)),
        lambda: trainer.model.predict(value),
        lambda: trainer.model.predictor(2).predict(value),
        lambda: Examples(value),
    ):
        with pytest.raises(DataError) as caught:
            door()
        assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_memory_map_stays_one_and_a_subclass_does_not(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert plain_array(mapped, "x") is mapped
    assert type(plain_array(np.ma.masked_array([1.0]), "x")) is np.ndarray


def test_numbers_too_large_for_the_dtype_are_told() -> None:
    for value in (np.array([1e300]), np.array([1]).astype(np.longdouble) * np.longdouble("1e300")):
        with pytest.raises(DataError, match=r"too large for float32, beyond 3e\+38.*float64"):
            cast(value, np.dtype(np.float32))
        assert cast(value, np.dtype(np.float64)).dtype == np.float64
    np.testing.assert_array_equal(cast(np.array([np.inf, np.nan]), np.dtype(np.float32)), [np.inf, np.nan])
