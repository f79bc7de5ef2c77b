"""A process that saves again and again, and is killed at any moment: the file is always whole, and never too old."""

from __future__ import annotations

import os
import random
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import everything, exit_code, forked
from layerkit import Dense, Sequential, load, save

PROMISE = "kill -9 in a save loop: 0 unreadable, 0 acknowledged steps lost (numpy.savez as the control)"

_LONGEST_SECONDS = 0.05
_NUMBER = struct.Struct("<q")


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Kill, read what is there, and compare with what was acknowledged; then the same to ``numpy.savez``."""
    chance = random.Random(seed)
    outcome = Outcome()
    model = Sequential([Dense(128)]).initialize(128, seed=0)
    path = folder / "model.safetensors"

    def save_number(number: int) -> None:
        model.structure.parameters[...] = number
        save(model, path)

    def saved_number() -> float:
        found = load(path).structure.parameters
        if not (found == found[0]).all():
            raise ValueError("parts of two saves")
        return float(found[0])

    unreadable, lost = _killed(count, chance, save_number, saved_number, folder, outcome)
    outcome.tried = count
    for told in unreadable:
        outcome.fail("unreadable", told)
    for told in lost:
        outcome.fail("acknowledged and lost", told)

    control = folder / "control.npz"

    def savez_number(number: int) -> None:
        np.savez(control, weight=np.full((129, 128), number, np.float32))

    def savez_saved() -> float:
        with control.open("rb") as file, np.load(file) as archive:
            return float(archive["weight"][0, 0])

    tries = max(count // 5, 10)
    unreadable, lost = _killed(tries, chance, savez_number, savez_saved, folder, Outcome())
    outcome.count(f"control: numpy.savez, of {tries} kills, unreadable or lost", len(unreadable) + len(lost))
    if count >= 100 and not unreadable:
        outcome.fail("blind", "numpy.savez was never torn, so the rig proves nothing")
    return outcome


def _killed(
    count: int,
    chance: random.Random,
    write: Callable[[int], None],
    read: Callable[[], float],
    folder: Path,
    outcome: Outcome,
) -> tuple[list[str], list[str]]:
    unreadable, lost = [], []
    number = 0
    write(number)
    for _ in range(count):
        begin = number + 1

        def loop(writing: int, begin: int = begin) -> None:
            os.write(writing, _NUMBER.pack(begin - 1))
            current = begin
            while True:
                write(current)
                os.write(writing, _NUMBER.pack(current))
                current += 1

        child, reading = forked(loop)
        os.read(reading, _NUMBER.size)
        time.sleep(chance.random() * _LONGEST_SECONDS)
        os.kill(child, signal.SIGKILL)
        acknowledged = everything(reading)
        exit_code(child)
        _note_leftovers(folder, outcome)
        number = _NUMBER.unpack(acknowledged[-_NUMBER.size :])[0] if acknowledged else begin - 1
        outcome.count("saves acknowledged", number - begin + 1)
        try:
            found = read()
        except Exception as error:
            unreadable.append(f"{type(error).__name__}: {error}")
            write(number)
            continue
        if found < number:
            lost.append(f"{found} found, {number} acknowledged")
        number = max(number, int(found))
    return unreadable, lost


def _note_leftovers(folder: Path, outcome: Outcome) -> None:
    """Count the kills that hit a write; each save sweeps what the dead left, so there is never more than one."""
    left = [path for path in folder.iterdir() if path.name.endswith(".part")]
    if len(left) > 1:
        outcome.fail("left over", f"{len(left)} temporary files were not swept")
    outcome.count("killed in mid-write, swept by the next save", len(left))
