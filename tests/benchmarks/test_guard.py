"""The guard says what is slow, and what was not measured at all."""

from __future__ import annotations

import pytest

from benchmarks import guard

MEASURED = guard.diagnosis_share


@pytest.fixture(autouse=True)
def _quick_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not measured here: other tests run at the same time."""
    monkeypatch.setattr(guard, "diagnosis_share", lambda: 0.5)


def test_a_slow_diagnosis_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(guard, "diagnosis_share", lambda: 1.5)
    assert guard.main() == 1
    assert "diagnosis became slow" in capsys.readouterr().out


def test_the_diagnosis_is_measured() -> None:
    assert 0 < MEASURED() < 1000


def test_it_ends_well_only_if_every_ratio_is_within_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    within = dict.fromkeys(guard.LIMITS, 0.1)
    monkeypatch.setattr(guard, "measured", lambda: within)
    assert guard.main() == 0
    monkeypatch.setattr(guard, "measured", lambda: within | {("784-30-10/10", "layerkit"): 9.0})
    assert guard.main() == 1


def test_what_is_not_measured_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(guard, "measured", dict)
    assert guard.main() == 1
    assert "not measured: 784-30-10/10 layerkit" in capsys.readouterr().out
