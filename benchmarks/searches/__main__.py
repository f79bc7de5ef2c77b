"""Search on MNIST for 15 minutes, and count trials a minute beside peers: `python -m benchmarks.searches`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.data import find_mnist
from benchmarks.searches.pace import OWN, paces
from layerkit.experiments import Experiment, find
from layerkit.tuning import parse_search, report_html, tune_experiment, winner_toml

FOLDER = Path(__file__).parent
GOALS = {"assignment": 0.982, "open": 0.986}


def main() -> int:
    """Run the parts that are named; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*GOALS, "pace", []], metavar="PART", help="assignment, open, pace")
    parser.add_argument("--minutes", type=float, default=15.0, help="of each search")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--trials", type=int, default=192, help="of each contender of the part 'pace'")
    parser.add_argument("--data", type=Path, help="the folder with MNIST's four files")
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "layerkit-searches")
    options = parser.parse_args()
    mnist = find_mnist(options.data)
    parts = options.parts or [*GOALS, "pace"]
    if mnist is None and parts != ["pace"]:
        print("MNIST is not here: name its folder by --data", file=sys.stderr)
        return 1
    options.results.mkdir(parents=True, exist_ok=True)
    missed = 0
    for part in parts:
        if part == "pace":
            missed += _pace(options)
        else:
            missed += _search(part, mnist, options)
    return 1 if missed else 0


def _search(part: str, mnist: Path | None, options: Any) -> int:
    began, used = time.perf_counter(), _processor_seconds()
    experiment = find(str(FOLDER / f"{part}.toml"))
    assert isinstance(experiment, Experiment)
    dataset = type(experiment.dataset)(data_dir=str(mnist))  # type: ignore[call-arg]
    search = parse_search(experiment.search)
    result = tune_experiment(
        experiment.with_settings(dataset=dataset), search, jobs=options.jobs, time_limit=60 * options.minutes
    )
    minutes = (time.perf_counter() - began) / 60
    processor_minutes = (_processor_seconds() - used) / 60
    states = [outcome.state for outcome in result.outcomes]
    print(f"{part}: {len(states)} trials ({states.count('pruned')} pruned, {states.count('failed')} failed)")
    print(
        f"  in {minutes:.1f} minutes on {options.jobs} processes, {processor_minutes:.1f} of a processor's; "
        f"the winner: {dict(result.best_params)}"
    )
    print(f"  test accuracy, median and spread over {len(result.figures)} seeds: {result.median}, {result.spread}")
    told = {"minutes": minutes, "processor_minutes": processor_minutes, **result.as_json()}
    (options.results / f"{part}.json").write_text(json.dumps(told, indent=2))
    (options.results / f"{part}.toml").write_text(winner_toml(result))
    (options.results / f"{part}.html").write_text(report_html(result))
    return int(result.median is None or result.median < GOALS[part])


def _processor_seconds() -> float:
    """What this process and those that it has started and ended have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _pace(options: Any) -> int:
    found = paces(options.trials, options.jobs)
    for name, pace in found.items():
        print(f"{name:>28}  {'not installed' if pace is None else f'{pace:8.1f} trials a minute'}")
    (options.results / "pace.json").write_text(json.dumps(found, indent=2))
    own = [pace for name, pace in found.items() if pace is not None and name in OWN]
    peers = [pace for name, pace in found.items() if pace is not None and name not in OWN]
    if not own or not peers:
        return 0
    print(f"layerkit: {max(own) / max(peers):.1f} times the best of {len(peers)} peers")
    return int(max(own) < 5 * max(peers))


if __name__ == "__main__":
    sys.exit(main())
