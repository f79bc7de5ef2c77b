"""What an optimizer remembers of a gradient that stays away becomes zero, and not a number too small for full speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerkit import (
    Adadelta,
    Adam,
    AdamW,
    AMSGrad,
    Constant,
    Dense,
    GradientDescent,
    Lion,
    Muon,
    Nadam,
    Optimizer,
    Quadratic,
    RMSProp,
    Sequential,
    Trainer,
)
from layerkit.types import Array

STEPS = 37
"""Of an epoch: what is done every so many steps must not begin anew with each."""

EPOCHS = 30

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "momentum": lambda: GradientDescent(0.1, momentum=0.9),
    "nesterov": lambda: GradientDescent(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.1, beta2=0.9),
    "adamw": lambda: AdamW(0.1, beta2=0.9),
    "amsgrad": lambda: AMSGrad(0.1, beta2=0.9),
    "nadam": lambda: Nadam(0.1, beta2=0.9),
    "rms-prop": lambda: RMSProp(0.1, momentum=0.9, centered=True),
    "adadelta": lambda: Adadelta(rho=0.9),
    "lion": lambda: Lion(0.1, beta2=0.9),
    "muon": lambda: Muon(0.1, momentum=0.9),
}


def once_seen() -> tuple[Array, Array]:
    """Rows whose first input is seen by the first step of an epoch alone; the first epoch's, and then never."""
    x = np.ones((STEPS, 2), np.float32)
    x[:, 0] = 0
    return x, np.full((STEPS, 1), 3, np.float32)


def begun(optimizer: Optimizer) -> Trainer:
    model = Sequential([Dense(1, initializer=Constant(0.5))]).initialize(2)
    trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, seed=0)
    trainer.fit((np.ones((1, 2)), np.full((1, 1), 3)), epochs=1, batch_size=1)
    return trainer


def memory(trainer: Trainer) -> dict[str, Array]:
    flat: dict[str, Array] = trainer.state()["updates"][0]["flat"]
    return flat


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_fades_to_zero(name: str) -> None:
    trainer = begun(OPTIMIZERS[name]())
    before = memory(trainer)
    assert any(array[0] for array in before.values())
    trainer.fit(once_seen(), epochs=EPOCHS, batch_size=1, shuffle=False)
    for kept, array in memory(trainer).items():
        assert not ((array != 0) & (np.abs(array) < np.finfo(np.float32).smallest_normal)).any()
        # the largest square is kept for ever
        assert kept == "largest" or array[0] == 0


def test_no_other_number_is_touched() -> None:
    trainer = begun(GradientDescent(0.0, momentum=0.5))
    (start,) = (array[0] for array in memory(trainer).values())
    one = np.zeros((1, 2), np.float32), np.zeros((1, 1), np.float32)
    smallest = np.finfo(np.float32).smallest_normal
    halved, gone = abs(start), False
    for step in range(1, 200):
        trainer.fit(one, epochs=1)
        halved /= 2
        (velocity,) = memory(trainer).values()
        # steps are counted from the first, which `begun` made: every 32nd looks at what is kept
        gone = halved * 2 ** ((step + 1) % 32) < smallest
        assert abs(velocity[0]) == (0 if gone else halved)
    assert gone
