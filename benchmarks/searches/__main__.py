"""Search on MNIST for 15 minutes, and count trials a minute beside peers: `python -m benchmarks.searches`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.data import find_mnist
from benchmarks.searches.pace import OWN, paces
from benchmarks.searches.threads import compared
from layerkit.experiments import Experiment, find
from layerkit.tuning import parse_search, report_html, tune_experiment, winner_toml

FOLDER = Path(__file__).parent
GOALS = {"assignment": 0.982, "open": 0.986}
_OTHERS = ("pace", "threads")


def main() -> int:
    """Run the parts that are named; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*GOALS, *_OTHERS, []], metavar="PART", help=", ".join([*GOALS, *_OTHERS])
    )
    parser.add_argument("--minutes", type=float, default=15.0, help="of each search")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--trials", type=int, default=384, help="of each contender of the part 'pace'")
    parser.add_argument("--data", type=Path, help="the folder with MNIST's four files")
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "layerkit-searches")
    options = parser.parse_args()
    mnist = find_mnist(options.data)
    parts = options.parts or [*GOALS, *_OTHERS]
    if mnist is None and any(part in GOALS for part in parts):
        print("MNIST is not here: name its folder by --data", file=sys.stderr)
        return 1
    options.results.mkdir(parents=True, exist_ok=True)
    missed = 0
    for part in parts:
        if part == "pace":
            missed += _pace(options)
        elif part == "threads":
            missed += _threads(mnist, options)
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
    print("trials a minute, processor seconds a trial")
    for name, pace in found.items():
        told = "not installed" if pace is None else f"{pace.trials_a_minute:8.1f}  {pace.processor_seconds:8.3f}"
        print(f"{name:>28}  {told}")
    plain = {name: None if pace is None else asdict(pace) for name, pace in found.items()}
    (options.results / "pace.json").write_text(json.dumps(plain, indent=2))
    own = [pace for name, pace in found.items() if pace is not None and name in OWN]
    peers = [pace for name, pace in found.items() if pace is not None and name not in OWN]
    if not own or not peers:
        return 0
    times = max(each.trials_a_minute for each in own) / max(each.trials_a_minute for each in peers)
    cheaper = min(each.processor_seconds for each in peers) / min(each.processor_seconds for each in own)
    print(f"layerkit: {times:.1f} times the best of {len(peers)} peers; a trial takes 1/{cheaper:.1f} of the processor")
    return int(times < 5)


def _threads(mnist: Path | None, options: Any) -> int:
    for name, measured in compared(mnist, options.jobs).items():
        print(f"{name:>14}  " + ", ".join(f"{how} {pace:.0f}" for how, pace in measured.items()) + " trials a minute")
    return 0


if __name__ == "__main__":
    sys.exit(main())
