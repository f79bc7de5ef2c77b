"""Trainings that learn, of many kinds: layerkit must not say that they do not."""

from __future__ import annotations

from pathlib import Path

from benchmarks.reliability.healthy_runs import healthy_run
from benchmarks.reliability.outcome import Outcome
from layerkit.errors import NonFiniteError

PROMISE = "trainings that learn: no warning before the first step, no finding later"
_LEARNT = 0.7


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Draw trainings until ``count`` of them have learnt, by what was measured at the end."""
    outcome = Outcome()
    number = 0
    while outcome.tried < count:
        drawn = 10_000 * seed + number
        number += 1
        training = healthy_run(drawn)
        try:
            warnings, findings, left = training.outcome()
        except NonFiniteError:
            outcome.count("not counted: ended by a number that is not finite")
            continue
        told = [*warnings, *(finding["name"] for finding in findings)]
        if left > _LEARNT:
            outcome.count(f"not counted: did not learn; {'told why' if told else 'nothing was told'}")
            continue
        outcome.tried += 1
        outcome.count(f"{training.kind}, learnt")
        if told:
            outcome.fail("false alarms", f"{training.kind} of seed {drawn} was told {told}, with {left:.2f} left")
    return outcome
