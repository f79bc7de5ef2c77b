"""How many threads a computation may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerkit.engines import cores, limited
from layerkit.errors import ArgumentError
from layerkit.steps import threads


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "allowed_cores", lambda: 4)
    for name in ("LAYERKIT_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize(
    ("own", "usual", "wanted"),
    [("", "", 4), ("3", "", 3), ("3", "1", 3), ("", "2", 2), ("", "2,1", 2), ("9", "", 4), ("", "many", 4)],
)
def test_the_environment_gives_at_most_what_the_process_may_use(
    own: str, usual: str, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERKIT_THREADS", own)
    monkeypatch.setenv("OMP_NUM_THREADS", usual)
    assert cores() == wanted


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERKIT_THREADS", given)
    with pytest.raises(ArgumentError, match="LAYERKIT_THREADS must be a number of threads, 1 or more"):
        cores()


@pytest.mark.usefixtures("four_cores")
def test_a_limit_holds_for_all_computations_only_where_it_says_so() -> None:
    with limited(1):
        assert cores() == 4
    with limited(2, everything=True), limited(None, everything=True):
        assert cores() == 2
    assert cores() == 4


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"cpu.max": "250000 100000\n"}, 2.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
        ({"cpu.max": "nonsense\n"}, None),
    ],
)
def test_the_quota_of_a_control_group(files: dict[str, str], wanted: float | None, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert threads._quota(tmp_path) == wanted


def test_a_process_has_a_core_at_least() -> None:
    assert threads.allowed_cores() >= 1
