"""Products whose left matrix has equal steps give what NumPy gives: plain, turned, and a part of a larger one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba.compilation import OPTIONS
from layerkit_numba.gathered import gathered_blocks, panel_width
from layerkit_numba.strided import strided_product
from numba import njit


@pytest.mark.parametrize("turned", [False, True])
def test_rows_and_columns_lie_equally_far_apart(turned: bool) -> None:
    tall, abreast = gathered_blocks(8, 8)
    width = panel_width(abreast, 8)

    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def run(
        rows: Any, depth: Any, left: Any, along: Any, across: Any, panel: Any, result: Any, begins: Any, start: Any
    ) -> None:
        strided_product(
            tall,
            abreast,
            rows,
            depth,
            left,
            2,
            along,
            across,
            panel,
            1,
            width,
            result,
            3,
            width + 1,
            width - 1,
            begins,
            start,
            1,
        )

    rng = np.random.default_rng(0)
    for rows, depth, begins in ((1, 4, 1), (tall + 1, 5, 0), (2 * tall, 1, 1), (3, 0, 1)):
        left = rng.normal(size=2 + (rows + 2) * (depth + 1))
        matrix = left[2:].reshape(depth + 1, -1).T if turned else left[2:].reshape(-1, depth + 1)
        panel, start = rng.normal(size=1 + depth * width), rng.normal(size=width + 1)
        result = rng.normal(size=3 + rows * (width + 1))
        expected = result.copy()
        rows_of_result = expected[3:].reshape(rows, width + 1)[:, : width - 1]
        begun = start[1:width] if begins else rows_of_result
        rows_of_result[...] = begun + matrix[:rows, :depth] @ panel[1:].reshape(depth, width)[:, : width - 1]
        along, across = (1, rows + 2) if turned else (depth + 1, 1)
        run(rows, depth, left, along, across, panel, result, begins, start)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-13 * (depth + 1))
