"""How long the conformance kit takes, on one core: `python -m benchmarks.kit`.

First the quick form, which a person waits for: a dense layer of 784 → 100, an activation and a cost. Then every
component of each kind, built in or installed, and the checks that take longest.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from layerkit import Dense, Quadratic, Tanh
from layerkit.engines import limited
from layerkit.plugin import default_host
from layerkit.registry.kinds import KINDS
from layerkit.testing.case import as_case, cases_of
from layerkit.testing.checking import attempt, selected
from layerkit.testing.subject import Subject, subject_of

QUICK = 0.3
"""Seconds that the quick form may take."""
SLOW = 0.1
"""Seconds from which a kind's component counts as slow."""
_SLOWEST = 15

Times = dict[str, float]


def quick_form(rounds: int) -> dict[str, Times]:
    """Seconds of each check of the three components, the least of some rounds."""
    subjects = {
        "Dense 784 → 100": subject_of(Dense, as_case({"arguments": {"units": 100}, "input_shapes": [(784,)]})),
        "Tanh": subject_of(Tanh, as_case({})),
        "Quadratic": subject_of(Quadratic, as_case({})),
    }
    return {name: times_of(subject, rounds) for name, subject in subjects.items()}


def components(rounds: int) -> Iterator[tuple[str, str, Times]]:
    """The kind and the name of each component that can be found by name, with its checks' seconds in its first case."""
    host = default_host()
    for entry in host.components():
        if KINDS[entry.kind].base is not None:
            target = host.load(entry.kind, entry.qualified_name)
            subject = subject_of(target, cases_of(target, entry.cases)[0])
            yield entry.kind, entry.qualified_name, times_of(subject, rounds)


def times_of(subject: Subject, rounds: int) -> Times:
    """Seconds of each check, the least of some rounds; a round before them imports what is needed."""
    found: Times = {}
    for number in range(rounds + 1):
        for each in selected(subject):
            began = time.perf_counter()
            attempt(each, subject)
            seconds = time.perf_counter() - began
            if number:
                found[each.name] = min(seconds, found.get(each.name, seconds))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if the quick form took too long."""
    options = _options(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with limited(1):
        quick = quick_form(options.rounds)
        total = sum(sum(times.values()) for times in quick.values())
        print(f"The quick form: {total:.3f} s (at most {QUICK} s)")
        for name, times in quick.items():
            print(f"  {sum(times.values()):7.3f} s  {name:<18} {_shown(times, 4)}")
        report: dict[str, Any] = {"quick": quick}
        if not options.quick:
            report["components"] = _measured(options.rounds)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(total > QUICK)


def _measured(rounds: int) -> dict[str, dict[str, Times]]:
    """The components by kind, printed: kinds from the slowest, then the checks that take longest."""
    found: dict[str, dict[str, Times]] = {}
    for kind, name, times in components(rounds):
        found.setdefault(kind, {})[name] = times
    middle = {kind: median(sum(times.values()) for times in each.values()) for kind, each in found.items()}
    slowest: dict[tuple[str, str], float] = {}
    for kind in sorted(found, key=middle.__getitem__, reverse=True):
        slow = ", slow" if middle[kind] > SLOW else ""
        print(f"\n{kind}: {middle[kind]:.3f} s for the middle one of {len(found[kind])}{slow}")
        for name, times in sorted(found[kind].items(), key=lambda each: -sum(each[1].values())):
            print(f"  {sum(times.values()):7.3f} s  {name:<36} {_shown(times, 3)}")
            for check, seconds in times.items():
                slowest[kind, check] = max(slowest.get((kind, check), 0.0), seconds)
    print("\nThe checks that take longest, for the component for which they do:")
    for kind, check in sorted(slowest, key=slowest.__getitem__, reverse=True)[:_SLOWEST]:
        print(f"  {1e3 * slowest[kind, check]:7.1f} ms  {check} ({KINDS[kind].singular})")
    return found


def _shown(times: Times, count: int) -> str:
    longest = sorted(times, key=times.__getitem__, reverse=True)[:count]
    return ", ".join(f"{name} {1e3 * times[name]:.0f} ms" for name in longest)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the quick form alone")
    parser.add_argument("--rounds", type=int, default=3, help="each check's time is the least of so many")
    parser.add_argument("--json", type=Path, help="write the seconds of every check here")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
