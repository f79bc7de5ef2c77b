"""Products whose left matrix lies in memory by places give what NumPy gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba.compilation import OPTIONS
from layerkit_numba.gathered import gathered_blocks, gathered_product, panel_depth, panel_width
from numba import njit

TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


@pytest.mark.parametrize(("dtype", "most"), [("float32", 16), ("float64", 24)])
def test_the_numbers_lie_where_rows_and_columns_say(dtype: str, most: int) -> None:
    itemsize = np.dtype(dtype).itemsize
    tall, abreast = gathered_blocks(most, itemsize)
    width = panel_width(abreast, itemsize)

    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def run(
        rows: Any, depth: Any, left: Any, places: Any, panel: Any, result: Any, columns: Any, begins: Any, start: Any
    ) -> None:
        product = gathered_product
        product(
            tall,
            abreast,
            rows,
            depth,
            left,
            places[0],
            places[1],
            panel,
            width,
            result,
            places[2],
            columns,
            begins,
            start,
        )

    rng = np.random.default_rng(0)
    left, start = rng.normal(size=200).astype(dtype), rng.normal(size=width).astype(dtype)
    for rows, depth, columns, begins in (
        (1, 1, width, 1),
        (tall, 9, width, 0),
        (tall + 1, 13, width, 1),
        (3 * tall - 1, 20, width - 1, 1),
        (2 * tall, 7, 1, 0),
        (5, 0, width, 1),
        (5, 0, 3, 0),
    ):
        panel = rng.normal(size=(depth, width)).astype(dtype)
        at, along = rng.integers(0, 150, rows), rng.integers(0, 50, depth)
        places = tuple(np.asarray(each, np.int32) for each in (at, along, rng.permutation(rows) * (width + 3)))
        result = rng.normal(size=rows * (width + 3)).astype(dtype)
        expected = result.copy()
        for row, place in enumerate(places[2]):
            begun = start[:columns] if begins else result[place : place + columns]
            expected[place : place + columns] = begun + left[at[row] + along] @ panel[:, :columns]
        run(rows, depth, left, places, panel.ravel(), result, columns, begins, start)
        np.testing.assert_allclose(result, expected, rtol=0, atol=TOLERANCE[dtype] * (depth + 1))


@pytest.mark.parametrize("itemsize", [4, 8])
def test_blocks_fill_the_registers_and_there_are_three(itemsize: int) -> None:
    found = {gathered_blocks(width, itemsize) for width in range(1, 200)}
    assert len(found) == 3
    for tall, abreast in found:
        assert 8 <= tall * abreast <= 28
        assert panel_depth(abreast, itemsize) * panel_width(abreast, itemsize) * itemsize <= 20_480
