"""Running a job in pieces: what an engine promises between its calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    CrossEntropy,
    Dense,
    Dropout,
    Engine,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    ReLU,
    Residual,
    Run,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.interfaces.job import Job
from layerkit.types import Array

RNG = np.random.default_rng(0)
X, Y, LABELS = RNG.normal(size=(50, 4)), RNG.normal(size=(50, 3)), RNG.integers(0, 3, 50)


class Holds(Engine):
    """The numpy engine, in whose job a test is interested."""

    def start(self, job: Job) -> Run:
        JOBS.append(job)
        return NumpyEngine().start(job)


JOBS: list[Job] = []


def new_job(**given: Any) -> Job:
    """A job at its beginning, and its model with first values."""
    model = Sequential([Dense(6, activation=Tanh()), BatchNormalization(), Dropout(0.2), Dense(3)])

    class StopsAtOnce(Callback):
        def fit_started(self, fit: Any) -> None:
            JOBS.append(fit.job)
            fit.stop("only the job is wanted", now=True)

    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), engine=Holds(), seed=0)
    JOBS.clear()
    trainer.fit((X, LABELS), epochs=1, batch_size=8, callbacks=[StopsAtOnce()], **given)
    (job,) = JOBS
    job.lay_out_memory()
    return job


def test_results_are_each_steps_sums() -> None:
    job = new_job()
    results = NumpyEngine().start(job).run(100)
    assert results.shape == (7, 2)
    assert results.dtype == np.float64
    np.testing.assert_array_equal(results[:, 1], [8, 8, 8, 8, 8, 8, 2])
    assert (results[:, 0] > 0).all()
    assert (job.position.batch, job.position.step, job.position.epoch) == (7, 7, 0)


def test_at_the_end_of_the_epoch_there_is_no_step() -> None:
    run = NumpyEngine().start(new_job())
    run.run(7)
    assert run.run(5).shape == (0, 2)
    assert run.run(0).shape == (0, 2)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 4), max_size=6), st.booleans())
def test_in_pieces_with_another_run_for_each_the_bits_are_the_same(pieces: list[int], anew: bool) -> None:
    whole, cut = new_job(), new_job()
    expected = NumpyEngine().start(whole).run(7)
    run = NumpyEngine().start(cut)
    found = []
    for steps in [*pieces, 7]:
        found.append(run.run(steps))
        if anew:
            run = NumpyEngine().start(cut)
    np.testing.assert_array_equal(np.concatenate(found), expected)
    np.testing.assert_array_equal(cut.model.structure.parameters, whole.model.structure.parameters)
    np.testing.assert_array_equal(cut.model.structure.states, whole.model.structure.states)


def test_the_order_of_an_epoch_is_a_permutation_that_depends_on_the_epoch_alone() -> None:
    job = new_job()
    orders = [job.order(epoch) for epoch in (0, 1, 0)]
    np.testing.assert_array_equal(orders[0], orders[2])
    assert not np.array_equal(orders[0], orders[1])
    np.testing.assert_array_equal(np.sort(orders[1]), np.arange(50))
    np.testing.assert_array_equal(new_job(shuffle=False).order(3), np.arange(50))


@pytest.mark.parametrize(
    ("given", "batches", "steps"),
    [({}, 7, 7), ({"drop_last": True}, 6, 6), ({"accumulate": 3}, 7, 3), ({"accumulate": 4, "drop_last": True}, 6, 2)],
)
def test_how_long_an_epoch_is(given: Any, batches: int, steps: int) -> None:
    job = new_job(**given)
    assert (job.batches_per_epoch, job.steps_per_epoch) == (batches, steps)


def plain_step(model: Sequential, x: Array, y: Array, rate: float) -> None:
    """One step of gradient descent for a chain of two dense layers, written down."""
    w1, b1, w2, b2 = model.parameters.values()
    hidden = 1 / (1 + np.exp(-(x @ w1 + b1)))
    output = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    delta = (output - y) * output * (1 - output)
    below = delta @ w2.T * hidden * (1 - hidden)
    for parameter, gradient in ((w1, x.T @ below), (b1, below.sum(0)), (w2, hidden.T @ delta), (b2, delta.sum(0))):
        np.subtract(parameter, rate / len(x) * gradient, out=parameter)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_steps_equal_a_plain_loop(dtype: str) -> None:
    """Long enough for whatever an engine does only after some steps."""
    layers = [Dense(5, activation=Sigmoid()), Dense(3, activation=Sigmoid())]
    model = Sequential(layers).initialize(4, seed=1, dtype=dtype)
    plain = model.copy()
    plain.astype("float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.5), silence=("all",), seed=0)
    trainer.fit((X, Y), epochs=10, batch_size=8, shuffle=False)
    for _ in range(10):
        for start in range(0, 50, 8):
            plain_step(plain, X[start : start + 8], Y[start : start + 8], 0.5)
    tolerance = 1e-10 if dtype == "float64" else 2e-5
    for path, array in model.parameters.items():
        np.testing.assert_allclose(array, plain.parameters[path], rtol=tolerance, atol=tolerance)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=8, max_size=20), st.integers(0, 3))
def test_batches_of_changing_sizes_are_each_as_if_they_came_alone(sizes: list[int], kind: int) -> None:
    """Memory that is reused must not carry anything from a batch to the next."""
    body = [Dense(4, activation=ReLU()), Residual(Dense(4, activation=Tanh())), BatchNormalization(), Sigmoid()][kind]
    stream = [(X[:size], Y[:size]) for size in sizes]

    def new_trainer() -> Trainer:
        model = Sequential([Dense(4), body.copy(), Dense(3)]).initialize(4, seed=0)
        return Trainer(model, cost=Quadratic(), optimizer=Adam(0.01), seed=0)

    one, other = new_trainer(), new_trainer()
    one.fit(stream, epochs=1)
    for batch in stream:
        other.fit([batch], epochs=1)
    np.testing.assert_array_equal(one.model.structure.parameters, other.model.structure.parameters)
