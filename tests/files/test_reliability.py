"""The suite of promises, in its quick form; `python -m benchmarks.reliability` tries each of them far more often."""

from __future__ import annotations

import pytest

from benchmarks.reliability.__main__ import PARTS, tried


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_promise_is_kept(name: str) -> None:
    count = PARTS[name][1]
    _, outcome = tried(name, count, 1)
    assert outcome.tried >= count
    assert outcome.failures == []
