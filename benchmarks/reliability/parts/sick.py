"""Trainings that do not learn for a known reason: layerkit must say which, and where."""

from __future__ import annotations

import itertools
from pathlib import Path

from benchmarks.reliability.observed_run import ObservedRun
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.sick_runs import sick_run

PROMISE = "trainings that do not learn for one known reason: told by name, of the right layer; cured, nothing is told"
_NOTHING_LEARNT = 0.9


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Try ``count`` trainings that did not learn, by what was measured, the kinds in turn, each with its cure."""
    outcome = Outcome()
    for number in itertools.count():
        if outcome.tried == count:
            break
        sick, cured = sick_run(number, seed)
        warnings, findings, left = sick.outcome()
        better_warnings, better_findings, better = cured.outcome()
        told = [*warnings, *(f"{finding['name']} in {finding['layer']}" for finding in findings)]
        if left < _NOTHING_LEARNT and left < 2 * better:
            outcome.count(f"not counted: {sick.kind}, but it learnt")
            continue
        outcome.tried += 1
        if not _is_told(sick, warnings, findings):
            outcome.fail("not told", f"{sick.kind}, number {number}: told was {told}")
        elif better_warnings or better_findings:
            outcome.fail("false alarms", f"{sick.kind}, number {number}, cured: {better_warnings} {better_findings}")
        else:
            outcome.count(f"{sick.kind}: told")
    return outcome


def _is_told(sick: ObservedRun, warnings: list[str], findings: list[dict[str, object]]) -> bool:
    if not sick.layer:
        return any(name in sick.expected for name in (*warnings, *(finding["name"] for finding in findings)))
    return any(
        finding["name"] in sick.expected and str(finding["layer"]).startswith(sick.layer) for finding in findings
    )
