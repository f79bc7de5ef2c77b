"""A guard against slowness that creeps in: `python -m benchmarks.guard`, a step of CI.

Compares ratios alone: the steps of layerkit's engines against the hand-written loop's, round by round in one paired
run, so that the speed of the machine cancels out. What disturbs one of them does not: a run that misses is repeated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

# how many times the hand-written loop's step one of layerkit's may take
LIMITS = {
    ("784-30-10/10", "layerkit"): 1.3,
    ("784-8-8-10/50", "layerkit"): 1.3,
    ("784-30-10/10", "layerkit_numba"): 0.6,
    ("784-8-8-10/50", "layerkit_numba"): 0.95,
}
_TRIES = 3


def main() -> int:
    """1 if every run was above a limit."""
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


if __name__ == "__main__":
    sys.exit(main())
