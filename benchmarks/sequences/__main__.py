"""``python -m benchmarks.sequences``: layers for sequences, and the whole step of ``sequence/stories``, on one thread.

All contenders take turns in one process, round by round, and so does the peak of the processor: medians of the rounds,
and ratios of the medians; processor time, so that another program does not count. PyTorch is measured where it is
installed. Before any time is believed, gradients, and parameters after a few steps, are compared with the numpy
engine's.
"""

from __future__ import annotations

import argparse

from threadpoolctl import threadpool_limits

from benchmarks.passes import HEAD, pass_times, row, timed
from benchmarks.sequences.layers import CASES
from benchmarks.sequences.stories import step_times

_STORIES = "sequence/stories, a step"


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sequences", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often each is measured")
    parser.add_argument("--only", default="", help="those whose name contains this")
    asked = parser.parse_args()
    print(HEAD)
    with threadpool_limits(1):
        for case in CASES:
            if asked.only in case.name:
                times = pass_times(case.name, case.contenders(), asked.rounds)
                print(f"| {row(case.name, times, 'compiled', case.operations)} |", flush=True)
        if asked.only in _STORIES:
            print(f"| {row(_STORIES, step_times(max(3, asked.rounds // 3), timed), 'compiled')} |")


if __name__ == "__main__":
    main()
