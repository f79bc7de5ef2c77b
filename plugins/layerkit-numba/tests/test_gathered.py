"""Products whose left matrix lies in memory by places give what NumPy gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba.compilation import OPTIONS
from layerkit_numba.copying import copy_run
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
        gathered_product(
            tall,
            abreast,
            rows,
            depth,
            left,
            3,
            places[0],
            1,
            places[1],
            2,
            panel,
            4,
            width + 1,
            result,
            5,
            places[2],
            columns,
            begins,
            start,
            1,
        )

    rng = np.random.default_rng(0)
    left, start = rng.normal(size=203).astype(dtype), rng.normal(size=width + 1).astype(dtype)
    for rows, depth, columns, begins in (
        (1, 1, width, 1),
        (tall, 9, width, 0),
        (tall + 1, 13, width, 1),
        (3 * tall - 1, 20, width - 1, 1),
        (2 * tall, 7, 1, 0),
        (5, 0, width, 1),
        (5, 0, 3, 0),
    ):
        # every array is begun with behind its own beginning
        panel = rng.normal(size=4 + depth * (width + 1)).astype(dtype)
        at, along = rng.integers(0, 150, rows + 1), rng.integers(0, 50, depth + 2)
        targets = rng.permutation(rows + 1) * (width + 3)
        places = tuple(np.asarray(each, np.int32) for each in (at, along, targets))
        result = rng.normal(size=5 + (rows + 1) * (width + 3)).astype(dtype)
        expected, right = result.copy(), panel[4:].reshape(depth, width + 1)[:, :columns]
        for row, target in zip(at[1:], targets[1:] + 5, strict=True):
            begun = start[1 : columns + 1] if begins else result[target : target + columns]
            expected[target : target + columns] = begun + left[3 + row + along[2:]] @ right
        run(rows, depth, left, places, panel, result, columns, begins, start)
        np.testing.assert_allclose(result, expected, rtol=0, atol=TOLERANCE[dtype] * (depth + 1))


@pytest.mark.parametrize("itemsize", [4, 8])
def test_blocks_fill_the_registers_and_there_are_three(itemsize: int) -> None:
    found = {gathered_blocks(width, itemsize) for width in range(1, 200)}
    assert len(found) == 3
    for tall, abreast in found:
        assert 8 <= tall * abreast <= 28
        assert panel_depth(abreast, itemsize) * panel_width(abreast, itemsize) * itemsize <= 20_480


def test_a_run_is_copied_from_a_place_to_a_place() -> None:
    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def run(source: Any, target: Any) -> None:
        copy_run(source, 2, target, 1, 3)

    target = np.zeros(6)
    run(np.arange(9.0), target)
    np.testing.assert_array_equal(target, [0, 2, 3, 4, 0, 0])
