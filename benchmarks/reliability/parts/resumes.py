"""Trainings killed at any moment and resumed from their checkpoints: the same bits as if they had never stopped."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import everything, exit_code, forked
from benchmarks.reliability.training import TRAININGS, fingerprint, fit
from layerkit import Checkpoint, resume
from layerkit.files.checkpoints import checkpoints_in

PROMISE = "kills at random steps of training, resumed: all bit-identical, weights and history"


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Kill and resume ``count`` trainings; each must end like the one that nobody disturbed."""
    chance = random.Random(seed)
    outcome = Outcome()
    expected, seconds = {}, {}
    for name, training in TRAININGS.items():
        trainer, settings, callbacks = training()
        fit(trainer, settings, callbacks)
        expected[name] = fingerprint(trainer)
        began = time.perf_counter()
        _finish(name, folder / f"timed-{name}", 1)
        seconds[name] = time.perf_counter() - began
    for number in range(count):
        name = chance.choice(sorted(TRAININGS))
        place = folder / f"run-{number}"
        _disturbed(name, place, chance, seconds[name], expected[name], outcome)
    return outcome


def _disturbed(name: str, place: Path, chance: random.Random, seconds: float, expected: str, outcome: Outcome) -> None:
    """One training, killed one to three times before it is left to come to its end."""
    outcome.tried += 1
    every = chance.choice((1, 2, 3, 7))
    kills = chance.choice((1, 1, 1, 2, 3))
    # one that goes on from what another process wrote may write nothing itself, and be killed once
    writes = chance.random() < 0.7
    code, answer = 0, ""
    while True:
        child, reading = forked(lambda writing: os.write(writing, _finish(name, place, every, writes).encode()))
        if kills:
            time.sleep(chance.random() * seconds)
            os.kill(child, signal.SIGKILL)
        answer = everything(reading).decode()
        code = exit_code(child)
        if code != -signal.SIGKILL and kills:
            # it was at its end before the signal came: begun anew
            shutil.rmtree(place)
        elif code != -signal.SIGKILL:
            break
        else:
            kills -= 1
            outcome.count("kills")
            outcome.count("kills that left a checkpoint", bool(place.is_dir() and checkpoints_in(place)))
    if code != 0:
        outcome.fail("failed", f"{name} in {place.name}: the resumed process ended with {code}")
    elif answer != expected:
        outcome.fail("different", f"{name} in {place.name}, checkpoints every {every} steps")
    else:
        outcome.count("trainings that came to their end bit-identical")


def _finish(name: str, place: Path, every: int, writes: bool = True) -> str:
    """Begin a training, or go on where it was, to the end; its fingerprint.

    One that is begun writes checkpoints, one that goes on only if it ``writes``. Who comes to the end goes on from
    there once more, which must change nothing.
    """
    found = ""
    for _ in range(2):
        trainer, settings, callbacks = TRAININGS[name]()
        goes_on = place.is_dir() and bool(checkpoints_in(place))
        if goes_on:
            resume(trainer, place)
        watching = [Checkpoint(place, every_steps=every, every_epochs=1, keep=2)] if writes or not goes_on else []
        fit(trainer, settings, [*callbacks, *watching])
        found = fingerprint(trainer)
    return found
