"""Try every promise many times, and print what came of it: `python -m benchmarks.reliability`."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reliability.fragile import FRAGILE
from benchmarks.reliability.memory_folder import memory_folder
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.training import LONG, TRAININGS
from layerkit import __version__

# how often in full and in the quick form; the quick one takes seconds
PARTS = {
    "mutants": (10_000, 150),
    "flips": (10_000, 200),
    "hostile": (10_000, 150),
    "forged_state": (100_000, 80),
    "amplified": (100_000, 60),
    "kills": (1_000, 10),
    "resumes": (2_000, 2),
    "interruptions": (1_000, 6),
    "growth": (1_000, 10),
    "full_disk": (100_000, 100),
    "data_mutants": (10_000, 150),
    "signals": (100, 2),
    "nonfinite": (50, 5),
    "healthy": (200, 6),
    "sick": (68, 17),
    "searches": (200, 4),
}
_IN_MEMORY = {
    "mutants",
    "flips",
    "hostile",
    "forged_state",
    "amplified",
    "resumes",
    "growth",
    "data_mutants",
    "full_disk",
    "nonfinite",
    "healthy",
    "sick",
}
"""What does not need a disk is tried in memory where the system offers a folder there: many times faster."""


def main() -> int:
    """Run all parts, or some; 1 if a promise was broken."""
    options = _options()
    if options.quick:
        for training in LONG:
            del TRAININGS[training]
        FRAGILE.pop("compiled", None)
    results: dict[str, dict[str, Any]] = {}
    for name in options.parts or PARTS:
        began = time.perf_counter()
        promise, outcome = tried(name, options.count or PARTS[name][options.quick], options.seed)
        seconds = round(time.perf_counter() - began, 1)
        results[name] = {"promise": promise, **outcome.as_json(), "seconds": seconds}
        _print(results[name])
    report = {
        "layerkit": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "seed": options.seed,
        "parts": results,
    }
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    broken = sum(result["failures"] for result in results.values())
    print(f"\n{broken} broken promises" if broken else "\nEvery promise was kept.")
    return 1 if broken else 0


def tried(name: str, count: int, seed: int) -> tuple[str, Outcome]:
    """A part's promise, and what came of trying it."""
    part = import_module(f"benchmarks.reliability.parts.{name}")
    with tempfile.TemporaryDirectory(dir=memory_folder() if name in _IN_MEMORY else None) as folder:
        return part.PROMISE, part.run(count, seed, Path(folder))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="the form that the tests run")
    parser.add_argument("--count", type=int, help="how often each part is tried")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the results here")
    return parser.parse_args()


def _print(result: dict[str, Any]) -> None:
    print(f"\n{result['promise']}")
    print(f"  tried {result['tried']:,} times in {result['seconds']} s; broken: {result['failures']}")
    if result["slowest seconds"]:
        print(f"  slowest: {result['slowest seconds']:.3f} s")
    if result["largest growth in MiB"]:
        print(f"  largest growth: {result['largest growth in MiB']} MiB")
    for what, number in sorted(result["counts"].items()):
        print(f"  {number:>7,}  {what}")
    for told in result["first failures"]:
        print(f"  ! {told}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
