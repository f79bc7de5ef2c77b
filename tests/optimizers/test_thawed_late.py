"""What is thawed late, and what was frozen again since, moves as in PyTorch, which counts the steps of each tensor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    Checkpoint,
    CrossEntropy,
    Dense,
    GradientDescent,
    Muon,
    Nadam,
    Optimizer,
    RMSProp,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.interfaces.update_context import ParameterSlice
from layerkit.types import Array
from tests.reference.updates import new_context
from tests.reference.values import reference

SHAPES = {"0.weight": (2, 3), "1.weight": (3, 2), "1.bias": (2,)}
THAWED = {"0.weight": [(0, 260)], "1.weight": [(120, 200), (230, 260)], "1.bias": [(150, 260)]}
SEEN = 120
OPTIMIZERS: dict[str, Optimizer] = {
    "gradient_descent": GradientDescent(0.02, momentum=0.9),
    "adam": Adam(0.05),
    "adam_other": Adam(0.02, beta1=0.7, beta2=0.95, epsilon=1e-3),
    "adamw": AdamW(0.05, weight_decay=0.2),
    "amsgrad": AMSGrad(0.05, beta1=0.8, beta2=0.9),
    "nadam": Nadam(0.05),
    "adadelta": Adadelta(1.0, rho=0.8, epsilon=1e-4),
    "adagrad": Adagrad(0.1),
    "rms_prop": RMSProp(0.01),
    "rms_prop_centered": RMSProp(0.01, rho=0.8, epsilon=1e-3, momentum=0.7, centered=True),
}
COUNTED: list[Optimizer] = [Adam(0.05), AdamW(0.05), AMSGrad(0.05), Nadam(0.05), Muon(0.05)]
X = np.random.default_rng(0).normal(size=(24, 5))
Y = np.arange(24) % 3


def trained_at(step: int) -> tuple[ParameterSlice, ...]:
    """The slices of what is trained then, one behind the other."""
    slices: list[ParameterSlice] = []
    for path, shape in SHAPES.items():
        if any(begin <= step < end for begin, end in THAWED[path]):
            start = slices[-1].stop if slices else 0
            tags = ("bias",) if path.endswith("bias") else ()
            slices.append(ParameterSlice(path, start, start + int(np.prod(shape)), shape, tags))
    return tuple(slices)


def course(optimizer: Optimizer, dtype: str) -> Array:
    """All parameters after each of the steps that are seen."""
    given = reference("thawed")
    values = {path: given[f"first/{path}"].astype(dtype).ravel() for path in SHAPES}
    assert isinstance(optimizer.learning_rate, float)
    ctx = new_context(dtype=dtype, rate=optimizer.learning_rate)
    seen = []
    for step in range(260):
        slices = trained_at(step)
        ctx.lay_out(slices, np.dtype(dtype))
        if step == SEEN + 7:
            # as a run that is resumed
            again = new_context(dtype=dtype, rate=optimizer.learning_rate)
            again.restore(ctx.memory())
            ctx = again
        ctx.step = step
        parameters = np.concatenate([values[each.path] for each in slices])
        gradient = np.concatenate([given[f"gradients/{each.path}"][step].ravel() for each in slices]).astype(dtype)
        optimizer.update(parameters, gradient, ctx)
        values |= {each.path: parameters[each.start : each.stop] for each in slices}
        seen.append(np.concatenate(list(values.values())))
    return np.array(seen[SEEN:])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 2e-7), ("float32", 5e-5)])
@pytest.mark.parametrize("case", OPTIMIZERS)
def test_it_is_pytorchs(case: str, dtype: str, tolerance: float) -> None:
    found, wanted = course(OPTIMIZERS[case], dtype), reference("thawed")[case]
    assert found.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def new_trainer(optimizer: Optimizer) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(3)]).initialize(5, seed=0, dtype="float64")
    return Trainer(model, cost=CrossEntropy(), optimizer=optimizer, seed=0)


def thawed_late(optimizer: Optimizer) -> Trainer:
    """Of two layers, the first was frozen for the first 120 steps, and is thawed now."""
    trainer = new_trainer(optimizer)
    trainer.model.layers[0].freeze()
    trainer.fit((X, Y), epochs=20, batch_size=4)
    trainer.model.layers[0].unfreeze()
    return trainer


def as_earlier(trainer: Trainer) -> dict[str, Any]:
    """The state of the trainer as earlier versions gave it, with one count for all parameters."""
    state = trainer.state()
    memory = state["updates"][0]
    memory["numbers"] |= {name: numbers[:1].copy() for name, numbers in memory.pop("slice_numbers").items()}
    return state


@pytest.mark.parametrize("optimizer", [Adam(0.01), AMSGrad(0.01)], ids=lambda optimizer: type(optimizer).__name__)
def test_its_first_step_has_the_length_of_the_rate(optimizer: Optimizer) -> None:
    trainer = thawed_late(optimizer)
    weight = trainer.model.layers[0].weight
    before = weight.copy()
    trainer.fit((X, Y), epochs=1, batch_size=24)
    np.testing.assert_allclose(np.abs(weight - before), 0.01, rtol=1e-4)


@pytest.mark.parametrize("optimizer", COUNTED, ids=lambda optimizer: type(optimizer).__name__)
def test_a_run_with_a_late_layer_resumes_to_the_same_bits(optimizer: Optimizer, tmp_path: Path) -> None:
    whole, resumed = thawed_late(optimizer), new_trainer(optimizer)
    whole.fit((X, Y), epochs=2, batch_size=4, callbacks=[Checkpoint(tmp_path / "whole", every_steps=1, keep=20)])
    layerkit.resume(resumed, tmp_path / "whole" / "step-000000125.safetensors")
    resumed.fit((X, Y), epochs=2, batch_size=4, callbacks=[Checkpoint(tmp_path / "rest", every_steps=1, keep=20)])
    np.testing.assert_array_equal(resumed.model.structure.parameters, whole.model.structure.parameters)


@pytest.mark.parametrize("optimizer", COUNTED, ids=lambda optimizer: type(optimizer).__name__)
def test_the_count_of_an_earlier_version_is_that_of_what_was_trained_then(optimizer: Optimizer) -> None:
    now, restored = thawed_late(optimizer), new_trainer(optimizer)
    restored.restore(as_earlier(now))
    restored.model.layers[0].unfreeze()
    for trainer in (now, restored):
        trainer.fit((X, Y), epochs=3, batch_size=4)
    np.testing.assert_array_equal(now.model.structure.parameters, restored.model.structure.parameters)
    memory = restored.state()["updates"][0]
    assert memory["numbers"] == {}
    assert memory["slice_numbers"]["count"].tolist() == [18, 18, 138, 138]
