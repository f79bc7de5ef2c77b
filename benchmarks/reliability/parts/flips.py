"""Single bits of a model file turned over: none may go unnoticed where it changes what the file says."""

from __future__ import annotations

import random
from pathlib import Path

import safetensors.numpy

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
        # half of them in the arrays, which are short beside the description of so small a model
        begin = 8 + int.from_bytes(original[:8], "little")
        place, bit = chance.randrange(chance.choice((0, begin)), len(original)), chance.randrange(8)
        mutant[place] ^= 1 << bit
        attempt.must_say_the_same(bytes(mutant), original, f"bit {bit} of byte {place}")
        if place >= begin:
            outcome.count("flips in the bytes of an array")
            # the format has no checksum of its own: this raises nothing
            safetensors.numpy.load(bytes(mutant))
            outcome.count("control: of these, loaded by the safetensors library without a word")
    return outcome
