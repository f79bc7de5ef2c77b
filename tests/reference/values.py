"""Reads the reference values."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from layerkit.types import Array


def reference(file: str, prefix: str = "") -> dict[str, Array]:
    """The values of a file whose names begin with ``prefix``, by the rest of their names."""
    with np.load(Path(__file__).parent / f"{file}.npz") as values:
        return {name.removeprefix(prefix): values[name] for name in values.files if name.startswith(prefix)}


def assert_close(found: Array, expected: Array, tolerance: float = 1e-5) -> None:
    """Equal within ``tolerance`` of the larger of each value and 1, and of one dtype."""
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
