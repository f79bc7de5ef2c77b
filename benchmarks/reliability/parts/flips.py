"""Single bits of a model file turned over: none may go unnoticed where it changes what the file says."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.reliability.loading import Attempt
from benchmarks.reliability.models import write_models
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.process import isolated

PROMISE = "bit flips of model files: 0 accepted with other content, 0 other exceptions, 0 crashes"


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Flip one bit, load, and look."""
    return isolated(lambda: _flip(count, random.Random(seed), folder))


def _flip(count: int, chance: random.Random, folder: Path) -> Outcome:
    outcome = Outcome()
    files = write_models(folder)
    attempt = Attempt(folder, outcome)
    for _ in range(count):
        original = chance.choice(files)
        mutant = bytearray(original)
        place, bit = chance.randrange(len(original)), chance.randrange(8)
        mutant[place] ^= 1 << bit
        attempt.must_say_the_same(bytes(mutant), original, f"bit {bit} of byte {place}")
    return outcome
