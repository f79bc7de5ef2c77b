"""`layerkit run` told to end at random moments: it ends in time, with the right exit code, and leaves a checkpoint."""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import exit_code, forked
from layerkit import load
from layerkit.cli.main import main
from layerkit.errors import ModelFileError
from layerkit.files.checkpoints import checkpoints_in

PROMISE = "SIGINT and SIGTERM at random moments: checkpoint written, exit 130 or 143 within 2 s"

_ALLOWED_SECONDS = 2.0


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Start the command line, wait for the first checkpoint and a moment longer, send a signal; now and then two."""
    chance = random.Random(seed)
    outcome = Outcome()
    for number in range(count):
        place = folder / f"run-{number}"
        sent = chance.choice((signal.SIGINT, signal.SIGTERM))
        child, reading = forked(partial(_train, place))
        os.close(reading)
        while not (place.is_dir() and checkpoints_in(place)):
            time.sleep(0.005)
        time.sleep(chance.random() * 0.1)
        outcome.tried += 1
        began = time.perf_counter()
        os.kill(child, sent)
        twice = number % 10 == 9
        if twice:
            time.sleep(0.002)
            os.kill(child, sent)
        code = exit_code(child)
        taken = time.perf_counter() - began
        outcome.slowest = max(outcome.slowest, taken)
        _judge(f"{sent.name}, {number}", code, sent, taken, place, outcome, twice=twice)
    return outcome


def _train(place: Path, _: int) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    main(["run", "digits", "--quiet", "--epochs", "1000000", "--checkpoint", str(place)])


def _judge(
    told: str, code: int, sent: signal.Signals, taken: float, place: Path, outcome: Outcome, *, twice: bool
) -> None:
    # the second of two signals kills, unless the first had been obeyed by then; a shell shows both codes as the same
    if code not in ((128 + sent, -sent) if twice else (128 + sent,)):
        outcome.fail("wrong exit code", f"{told}: {code}")
    elif taken > _ALLOWED_SECONDS:
        outcome.fail("too late", f"{told}: {taken:.1f} s")
    else:
        outcome.count("killed at once by a second signal" if code < 0 else f"exit {code} in time")
    try:
        load(checkpoints_in(place)[0])
    except ModelFileError as error:
        outcome.fail("no checkpoint", f"{told}: {error}")
