"""The benchmark of layers for sequences measures passes that leave the right gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

pytest.importorskip("layerkit_numba")

from layerkit_sequence import SimpleRNN

from benchmarks.passes import pass_times
from benchmarks.sequences import layers, stories


def test_all_contenders_leave_the_same_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "BATCH", 2)
    monkeypatch.setattr(layers, "STEPS", 3)
    case = replace(layers.CASES[0], layer=lambda: SimpleRNN(4), features=4, products=2 * 4 * 4)
    assert case.operations == 3 * 2 * (2 * 3) * (2 * 4 * 4)
    times = pass_times(case.name, case.contenders(), rounds=2)
    assert {"compiled", "numpy", "peak"} <= set(times)
    assert all(len(values) == 2 and min(values) > 0 for values in times.values())


@pytest.mark.thorough
def test_the_stories_are_learned_alike_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    # both engines are compared in the package's own tests
    pytest.importorskip("torch")
    monkeypatch.setattr(stories, "BATCH", 2)
    calls = []

    def measure(run: Callable[[], object]) -> float:
        run()
        calls.append(run)
        return 1.0

    times = stories.step_times(1, measure, steps=1)
    assert {"compiled", "numpy"} <= set(times)
    assert len(calls) == len(times)
