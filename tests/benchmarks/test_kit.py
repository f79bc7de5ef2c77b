"""``python -m benchmarks.kit``: what it prints; and the kit's quick form is quick."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import kit


def test_the_quick_form_is_measured_check_by_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_setaffinity", lambda process, cores: None, raising=False)
    monkeypatch.setattr(kit, "QUICK", 60.0)
    assert kit.main(["--quick", "--rounds", "1", "--json", str(tmp_path / "times.json")]) == 0
    assert "The quick form: " in capsys.readouterr().out
    quick = json.loads((tmp_path / "times.json").read_text())["quick"]
    assert list(quick) == ["Dense 784 → 100", "Tanh", "Quadratic"]
    assert all(seconds > 0 for times in quick.values() for seconds in times.values())
    assert "parameter-gradients" in quick["Dense 784 → 100"]
    monkeypatch.setattr(kit, "QUICK", 0.0)
    assert kit.main(["--quick", "--rounds", "1"]) == 1


def test_components_of_every_kind_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = [("schedules", "acme/slow", {"no-memory": 0.25}), ("costs", "acme/quick", {"gradient-matches": 0.01})]
    monkeypatch.setattr(kit, "components", lambda rounds: iter(measured))
    kit._measured(1)
    lines = capsys.readouterr().out.splitlines()
    assert "schedules: 0.250 s for the middle one of 1, slow" in lines
    assert lines.index("costs: 0.010 s for the middle one of 1") > lines.index(
        "schedules: 0.250 s for the middle one of 1, slow"
    )
    assert lines[-2].split() == ["250.0", "ms", "no-memory", "(schedule)"]


def test_a_component_that_can_be_found_by_name_is_among_them() -> None:
    name = next(name for kind, name, _ in kit.components(1) if kind == "layers")
    assert name == "layerkit/dense"
