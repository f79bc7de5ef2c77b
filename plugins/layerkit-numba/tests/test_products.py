"""The products that are written for a layer's shapes give what NumPy gives, whatever the shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba.compilation import OPTIONS
from layerkit_numba.packed import packed_product, panel_size
from layerkit_numba.product import product
from layerkit_numba.testing import check_kernel
from layerkit_numba.tiles import ADD, BIAS, STORE, best_blocks, best_together
from layerkit_numba.turning import turn
from numba import njit

from layerkit import Dense
from layerkit.types import Array

TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


class Case:
    """x ``(rows, features)`` and W ``(features, units)``; ``index`` names the groups of columns of x that count."""

    def __init__(self, rows: int, features: int, units: int, dtype: str, together: int, *, indexed: bool) -> None:
        rng = np.random.default_rng(rows * features + units)
        self.x = rng.normal(size=(rows, features)).astype(dtype)
        self.weight = rng.normal(size=(features, units)).astype(dtype)
        self.bias = rng.normal(size=units).astype(dtype)
        self.dy = rng.normal(size=(rows, units)).astype(dtype)
        groups = features // together
        kept = rng.choice(groups, groups // 2 + 1, replace=False) if indexed else np.arange(groups)
        self.index = np.sort(kept).astype(np.int64)
        self.columns = (self.index[:, None] * together + np.arange(together)).ravel()

    def check(self, run: Any, start: int) -> None:
        """``run`` fills y, then the weights' gradient, from what they hold and ``start``."""
        y, gradient = np.full_like(self.dy, 3), np.full_like(self.weight, 2)
        begun = {STORE: 0, ADD: 3, BIAS: self.bias}[start]
        expected = self.x[:, self.columns] @ self.weight[self.columns] + begun
        turned = gradient.copy()
        turned[self.columns] = self.x[:, self.columns].T @ self.dy + (2 if start == ADD else 0)
        run(len(self.x), len(self.index), self.x, self.weight, y, self.bias, self.dy, gradient, self.index)
        tolerance = TOLERANCE[str(y.dtype)] * max(self.x.shape)
        np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)
        np.testing.assert_allclose(gradient, turned, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("rows", "features", "units", "dtype", "indexed", "start"),
    [
        (1, 1, 1, "float32", 0, STORE),
        (7, 32, 1, "float32", 1, BIAS),
        (11, 24, 2, "float64", 1, ADD),
        (10, 32, 8, "float32", 1, ADD),
        (5, 30, 3, "float32", 0, BIAS),
        (9, 20, 5, "float32", 1, BIAS),
        (9, 20, 5, "float64", 0, ADD),
        (13, 17, 30, "float32", 1, ADD),
        (10, 64, 10, "float64", 1, STORE),
        (33, 77, 61, "float32", 0, BIAS),
    ],
)
def test_products_in_registers(rows: int, features: int, units: int, dtype: str, indexed: int, start: int) -> None:
    size = np.dtype(dtype).itemsize
    together = best_together(features, units, size)
    tall, abreast = best_blocks(rows, units, size, together=together)
    high, broad = best_blocks(features // together, units, size, together=together)
    back = STORE if start == BIAS else start

    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def run(n: Any, depth: Any, x: Any, weight: Any, y: Any, bias: Any, dy: Any, gradient: Any, index: Any) -> None:
        product(
            tall,
            abreast,
            units,
            features,
            0,
            start,
            indexed,
            together,
            0,
            0,
            n,
            depth,
            x,
            weight,
            y,
            bias,
            index,
            x,
            index,
        )
        product(
            high,
            broad,
            units,
            features,
            1,
            back,
            indexed,
            together,
            0,
            0,
            depth,
            n,
            x,
            dy,
            gradient,
            bias,
            index,
            x,
            index,
        )

    Case(rows, features, units, dtype, together, indexed=bool(indexed)).check(run, start)


@pytest.mark.parametrize(
    ("rows", "features", "units", "dtype", "indexed", "start"),
    [
        (33, 300, 61, "float32", 1, BIAS),
        (24, 129, 100, "float32", 0, ADD),
        (150, 70, 200, "float64", 1, STORE),
        (31, 256, 48, "float32", 1, ADD),
        (3, 2, 17, "float64", 0, BIAS),
    ],
)
def test_products_by_panels(rows: int, features: int, units: int, dtype: str, indexed: int, start: int) -> None:
    panel = np.zeros(panel_size(np.dtype(dtype).itemsize), dtype)
    back = STORE if start == BIAS else start

    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def compiled(
        n: Any, depth: Any, x: Any, weight: Any, y: Any, bias: Any, dy: Any, gradient: Any, index: Any, room: Any
    ) -> None:
        packed_product(
            units, features, 0, start, indexed, 0, 0, units, n, depth, x, weight, y, bias, room, index, x, index
        )
        packed_product(
            units, features, 1, back, indexed, 0, 0, units, depth, n, x, dy, gradient, bias, room, index, x, index
        )

    case = Case(rows, features, units, dtype, 1, indexed=bool(indexed))
    case.check(lambda *arguments: compiled(*arguments, panel), start)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_matrix_is_turned(dtype: str) -> None:
    @njit(**OPTIONS)  # type: ignore[untyped-decorator]
    def run(matrix: Any, turned: Any) -> None:
        turn(matrix, turned, 0, len(matrix))

    for shape in ((1, 1), (8, 10), (16, 16), (33, 47), (64, 17), (5, 100)):
        matrix: Array = np.arange(shape[0] * shape[1], dtype=dtype).reshape(shape)
        turned = np.zeros(shape[::-1], dtype)
        run(matrix, turned)
        np.testing.assert_array_equal(turned, matrix.T)


def test_a_sum_over_many_rows_is_made_in_pieces() -> None:
    """As where a dense layer stands behind a long sequence: what it reads does not stay in the nearest cache."""
    checks = ["gradients", "short-batches", "in-pieces", "descends-by-its-gradients"]
    report = check_kernel(Dense, arguments={"units": 12}, input_shapes=[(1100, 10)], checks=checks)
    assert report.ok, report
    assert set(report.ran) == set(checks)
