"""Gradients by central differences, in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerkit.types import Array

_STEP = 3e-4


def differences(value: Callable[[], float], at: Array) -> Array:
    """d value / d each number of ``at``, which is moved in place; the error falls with the step's fourth power."""
    found = np.empty(at.shape)
    for place in np.ndindex(*at.shape):
        kept = float(at[place])
        step = _STEP * max(1.0, abs(kept))
        total = 0.0
        for factor, distance in ((8, 1), (-8, -1), (-1, 2), (1, -2)):
            at[place] = kept + distance * step
            total += factor * value()
        at[place] = kept
        found[place] = total / (12 * step)
    return found


def assert_gradient(found: Array, expected: Array, name: str = "", *, rounding: float = 0.0) -> None:
    """Each within 1e-6 · max(|g|, 0.01 · max|G|), or within the ``rounding`` that differences have by themselves."""
    assert found.shape == expected.shape, name
    scale = np.maximum(np.abs(expected), 0.01 * np.abs(expected).max(initial=0.0))
    wrong = np.abs(found - expected) > np.maximum(1e-6 * scale, rounding)
    assert not wrong.any(), f"{name}: {found[wrong][:5]} should be {expected[wrong][:5]}"
