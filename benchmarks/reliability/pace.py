"""How fast this machine is now: promises of seconds are those of a processor that nobody shares."""

from __future__ import annotations

import time

_ROUNDS = 1_000_000
_USUAL_SECONDS = 0.05
"""Of a processor of today that is not the fastest."""


def slowness() -> float:
    """How many times the usual processor time Python takes at the moment; 1 where it takes less."""
    return max(1.0, min(_seconds() for _ in range(3)) / _USUAL_SECONDS)


def _seconds() -> float:
    began = time.process_time()
    total = 0
    for number in range(_ROUNDS):
        total += number & 7
    assert total
    return time.process_time() - began
