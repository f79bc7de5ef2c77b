"""Numbers that overflow at a known step, in a known layer: training stops there, and the last good checkpoint stays."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import numpy as np

from benchmarks.reliability.outcome import Outcome
from layerkit import Callback, Checkpoint, Constant, Dense, GradientDescent, Quadratic, Sequential, Trainer, load
from layerkit.errors import CheckpointWarning, NonFiniteError
from layerkit.files.checkpoints import step_of
from layerkit.interfaces.callback import FitView

PROMISE = "NaN and infinity at random places: found in that step, the last good checkpoint kept"

_LAYERS = 3
_WIDTH = 4
_FACTOR = 1e4
_ROWS = 400
_BATCH = 4


class _Poison(Callback):
    """Puts NaN into a parameter after a number of steps."""

    def __init__(self, step: int, path: str) -> None:
        self.every_steps = step
        self._path = path

    def steps_ended(self, fit: FitView) -> None:
        """Poison."""
        fit.model.parameters[self._path][...] = np.nan


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Half in the data, where it overflows in one layer or in the cost; half in a parameter."""
    chance = random.Random(seed)
    outcome = Outcome()
    for number in range(count):
        place = folder / f"run-{number}"
        if number % 2:
            _overflowing(chance.randrange(_ROWS), chance.randrange(_LAYERS + 1), place, outcome)
        else:
            _poisoned(
                chance.randrange(1, 99), chance.randrange(_LAYERS), chance.choice(("weight", "bias")), place, outcome
            )
    return outcome


def _overflowing(row: int, layer: int, place: Path, outcome: Outcome) -> None:
    """A row whose values grow by a known factor from layer to layer, until float32 holds them no longer."""
    x = np.zeros((_ROWS, _WIDTH), np.float32)
    x[row] = 3e12 if layer == _LAYERS else 3e35 / _FACTOR**layer
    wanted = "the cost" if layer == _LAYERS else f"layer {layer} (Dense)"
    _train(x, row // _BATCH, wanted, [], place, outcome, f"row {row}, {wanted}")


def _poisoned(step: int, layer: int, name: str, place: Path, outcome: Outcome) -> None:
    x = np.ones((_ROWS, _WIDTH), np.float32) * 1e-6
    poison = _Poison(step, f"{layer}.{name}")
    _train(x, step, f"layer {layer} (Dense)", [poison], place, outcome, f"NaN in {layer}.{name} after step {step}")


def _train(
    x: np.ndarray, step: int, layer: str, callbacks: list[Callback], place: Path, outcome: Outcome, told: str
) -> None:
    outcome.tried += 1
    each = Constant(_FACTOR / _WIDTH)
    model = Sequential([Dense(_WIDTH, initializer=each) for _ in range(_LAYERS)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.0), seed=0)
    checkpoint = Checkpoint(place, every_steps=1)
    targets = np.zeros((_ROWS, _WIDTH), np.float32)
    try:
        with warnings.catch_warnings():
            # a poisoned parameter is not saved, and that is said
            warnings.simplefilter("ignore", CheckpointWarning)
            trainer.fit((x, targets), epochs=1, batch_size=_BATCH, shuffle=False, callbacks=[*callbacks, checkpoint])
    except NonFiniteError as error:
        if (error.step, error.layer) == (step, layer):
            outcome.count("found in that step and layer")
        else:
            outcome.fail("found elsewhere", f"{told}: found at step {error.step} in {error.layer}")
    else:
        outcome.fail("not found", told)
    # after that step nothing was written, and what was written before is sound
    if checkpoint.last is not None and step_of(checkpoint.last) == step - bool(callbacks):
        kept = load(checkpoint.last)
        if np.isfinite(kept.structure.parameters).all():
            outcome.count("last good checkpoint kept")
            return
    if step - bool(callbacks) > 0:
        outcome.fail("no good checkpoint", told)
