"""A guard against slowness that creeps in: `python -m benchmarks.guard`, a step of CI.

Compares ratios alone, so that the speed of the machine cancels out: the steps of layerkit's engines against the
hand-written loop's, round by round in one paired run, and what the diagnosis takes of a run. What disturbs one of them
does not: what misses is repeated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from layerkit import (
    Callback,
    Dense,
    Diagnosis,
    Digits,
    Flatten,
    GradientDescent,
    Quadratic,
    Rescale,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.interfaces.callback import FitView

# how many times the hand-written loop's step one of layerkit's may take
LIMITS = {
    ("784-30-10/10", "layerkit"): 1.3,
    ("784-8-8-10/50", "layerkit"): 1.3,
    ("784-30-10/10", "layerkit_numba"): 0.6,
    ("784-8-8-10/50", "layerkit_numba"): 0.95,
}
_TRIES = 3
_SHARE, _SECONDS = 0.02, 0.02
"""The diagnosis takes at most that part of a run, or so many seconds."""


def main() -> int:
    """1 if something was above its limit in every run."""
    share = min(diagnosis_share() for _ in range(_TRIES))
    print(f"the diagnosis of a run on digits: {share:.2f} of what it may take")
    if share > 1:
        print(f"layerkit's diagnosis became slow: it is to take {_SHARE:.0%} of a run, or {_SECONDS} s.")
        return 1
    slow: list[str] = []
    for _ in range(_TRIES):
        ratios = measured()
        missing = [" ".join(each) for each in LIMITS if each not in ratios]
        if missing:
            print(f"not measured: {', '.join(missing)}. Install layerkit-numba too, or see `python -m benchmarks`.")
            return 1
        slow = [" ".join(each) for each, limit in LIMITS.items() if ratios[each] > limit]
        for each, limit in LIMITS.items():
            print(f"{' '.join(each)}: {ratios[each]:.2f} times the hand-written loop (at most {limit})")
        if not slow:
            return 0
    print(f"layerkit's step became slow: {', '.join(slow)}. `python -m benchmarks` shows where it stands.")
    return 1


def measured() -> dict[tuple[str, str], float]:
    """The ratio of each network and engine, from one run."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        cases, engines = (",".join(dict.fromkeys(names)) for names in zip(*LIMITS, strict=True))
        chosen = ["--only", f"numpy_loop,{engines}", "--parts", "steps", "--threads", "1", "--cases", cases]
        command = [sys.executable, "-m", "benchmarks", *chosen, "--rounds", "9", "--processes", "2"]
        subprocess.run([*command, "--json", str(report)], check=True, capture_output=True)
        rows = json.loads(report.read_text(encoding="utf-8"))["steps"]
    return {(row["case"], row["contender"]): row["ratio"] for row in rows if "ratio" in row}


class _Timed(Callback):
    """Passes on what it is told to the diagnosis, and measures how long that takes."""

    def __init__(self) -> None:
        self.inner = Diagnosis()
        self.seconds = 0.0

    def fit_started(self, fit: FitView) -> None:
        began = time.thread_time()
        self.inner.fit_started(fit)
        self.seconds += time.thread_time() - began

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        began = time.thread_time()
        self.inner.epoch_ended(fit, record)
        self.seconds += time.thread_time() - began


def diagnosis_share() -> float:
    """What the diagnosis takes of a small run, divided by what it may take."""
    timed, digits = _Timed(), Digits().load("train")
    model = Sequential([Flatten(), Rescale(1 / 16), Dense(30, activation=Sigmoid()), Dense(10, activation=Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1.0), silence=["all"], seed=0)
    began = time.thread_time()
    trainer.fit((digits.x, digits.y), epochs=30, batch_size=10, callbacks=[timed])
    return timed.seconds / max(_SECONDS, _SHARE * (time.thread_time() - began))


if __name__ == "__main__":
    sys.exit(main())
