"""The benchmark of convolutions measures passes that leave the right gradients."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("layerkit_conv")
pytest.importorskip("layerkit_numba")

from benchmarks.convolutions import layers
from benchmarks.passes import pass_times, row
from benchmarks.peak import gigaflops


def test_all_contenders_leave_the_same_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "BATCH", 2)
    case = layers.Case(5, 3, 4)
    assert case.operations == 3 * 2 * 2 * 25 * 9 * 3 * 4
    times = pass_times(case.name, layers.contenders(case), rounds=2)
    assert {"compiled", "numpy", "peak"} <= set(times)
    assert all(len(values) == 2 and min(values) > 0 for values in times.values())


def test_a_row_has_times_ratio_and_share_of_the_peak() -> None:
    times = {
        "own": [2e-3, 1e-3, 3e-3],
        "numpy": [4e-3],
        "torch": [8e-3],
        "torch, channels last": [5e-3],
        "peak": [100.0],
    }
    assert row("some", times, "own", operations=10**8) == "some | 2.00 | 4.00 | 5.00 | 0.40 | 50 | 50%"
    assert row("some", {"own": [2e-3], "numpy": [4e-3]}, "own") == "some | 2.00 | 4.00 | absent |  |  | "


def test_the_peak_is_more_than_a_loop_of_numpy_reaches() -> None:
    assert np.isfinite(gigaflops(turns=1000))
