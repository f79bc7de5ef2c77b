from __future__ import annotations

import numpy as np
import pytest

from layerkit import Orthogonal


def drawn(shape: tuple[int, ...], seed: int = 0, gain: float = 1.0) -> np.ndarray:
    return np.asarray(Orthogonal(gain).initialize(shape, np.random.default_rng(seed), np.dtype("float64"), 1, 1))


@pytest.mark.parametrize(("rows", "columns"), [(4, 4), (6, 3), (4, 12), (4, 10)])
def test_blocks_are_orthogonal(rows: int, columns: int) -> None:
    values = drawn((rows, columns), gain=2.0)
    width = min(rows, columns)
    for start in range(0, columns, width):
        block = values[:, start : start + width]
        np.testing.assert_allclose(block.T @ block, 4 * np.eye(block.shape[1]), atol=1e-12)


def test_either_sign_is_as_likely() -> None:
    positive = np.mean([[drawn((1, 1), seed) > 0, drawn((3, 3), seed)[:1, :1] > 0] for seed in range(200)], axis=0)
    assert (np.abs(positive - 0.5) < 0.15).all()
