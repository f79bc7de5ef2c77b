"""A step made of its public pieces, with a point between them where gradients are brought together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Batch,
    BatchNormalization,
    ClipNorm,
    CosineDecay,
    Dense,
    Dropout,
    Engine,
    GradientDescent,
    Optimizer,
    Quadratic,
    ReLU,
    Run,
    Sequential,
    Tanh,
    Trainer,
    WeightDecay,
)
from layerkit.engines import Differentiate, Job, RandomStreams, Reader, Update
from layerkit.types import Array

SHARDS = 4
ROWS, STEPS = 32, 5
RNG = np.random.default_rng(0)
X, Y, WEIGHTS = RNG.normal(size=(ROWS * STEPS, 6)), RNG.normal(size=(ROWS * STEPS, 3)), RNG.random(ROWS * STEPS) + 0.1


class Sharded(Engine):
    """Cuts each batch into four shards, which ``workers`` differentiate, and updates by the sum over a fixed tree."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def start(self, job: Job) -> Run:
        return _ShardedRun(job, self.workers)


class _ShardedRun(Run):
    def __init__(self, job: Job, workers: int) -> None:
        self._reader, self._update = Reader(job), Update(job)
        size = job.model.structure.parameters.size
        # the generators are the shard's, so a shard draws the same whoever differentiates it
        self._streams = [RandomStreams(seed) for seed in range(SHARDS)]
        self._vectors = [np.zeros(size, job.model.dtype) for _ in range(SHARDS)]
        self._pieces = [
            Differentiate(job.model, job.cost, streams, gradient=vector)
            for streams, vector in zip(self._streams, self._vectors, strict=True)
        ]
        self._workers = workers

    def run(self, steps: int) -> Array:
        results: list[tuple[float, float]] = []
        while len(results) < steps and (batch := self._reader.next()) is not None:
            sums: list[Any] = [None] * SHARDS
            for worker in range(self._workers):
                for shard in range(worker, SHARDS, self._workers):
                    sums[shard] = self._pieces[shard](_shard(batch, shard), mean=False)
            total, weight = (sum(each) for each in zip(*sums, strict=True))
            one, two, three, four = (piece.gradient for piece in self._pieces)
            gradient = np.asarray(((one + two) + (three + four)) / weight, one.dtype)
            self._update(gradient, *(piece.proposals for piece in self._pieces))
            results.append((total, weight))
        return np.array(results).reshape(-1, 2)


def _shard(batch: Batch, shard: int) -> Batch:
    assert batch.y is not None
    rows = slice(shard * ROWS // SHARDS, (shard + 1) * ROWS // SHARDS)
    weights = None if batch.weights is None else batch.weights[rows]
    return Batch(batch.x[rows], batch.y[rows], weights)


def train(layers: Any, engine: Engine | None, optimizer: Optimizer, *, weights: Array | None = None) -> Trainer:
    model = Sequential(layers()).initialize(6, seed=1, dtype="float64")
    trainer = Trainer(
        model,
        cost=Quadratic(),
        optimizer=optimizer,
        transforms=[ClipNorm(0.5), WeightDecay(0.01)],
        engine=engine,
        seed=2,
    )
    trainer.fit((X, Y), epochs=2, batch_size=ROWS, weights=weights)
    return trainer


def plain() -> list[Any]:
    return [Dense(5, activation=Tanh()), Dense(3)]


def drawing() -> list[Any]:
    return [Dense(8, activation=ReLU()), Dropout(0.3), BatchNormalization(), Dense(3)]


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["equal weights", "sample weights"])
@pytest.mark.parametrize(
    "optimizer", [GradientDescent(CosineDecay(0.1, length=2), momentum=0.9), Adam(0.01)], ids=["momentum", "Adam"]
)
def test_the_sum_of_four_shards_gives_the_plain_step(optimizer: Optimizer, weights: Array | None) -> None:
    whole = train(plain, None, optimizer, weights=weights)
    sharded = train(plain, Sharded(1), optimizer, weights=weights)
    np.testing.assert_allclose(
        sharded.model.structure.parameters, whole.model.structure.parameters, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(sharded.history["cost"], whole.history["cost"], rtol=1e-12)


@pytest.mark.parametrize("layers", [plain, drawing], ids=["plain", "dropout and batch normalisation"])
def test_the_bits_do_not_depend_on_the_number_of_workers(layers: Any) -> None:
    one, two, four = (train(layers, Sharded(workers), Adam(0.01), weights=WEIGHTS) for workers in (1, 2, 4))
    for other in (two, four):
        np.testing.assert_array_equal(other.model.structure.parameters, one.model.structure.parameters)
        np.testing.assert_array_equal(other.model.structure.states, one.model.structure.states)
        assert other.history["cost"] == one.history["cost"]


def test_states_that_shards_propose_are_averaged_by_their_weights() -> None:
    """The running mean of shards is that of the batch; each shard is normalised by itself."""
    model = Sequential([BatchNormalization(momentum=0.5), Dense(3)]).initialize(6, seed=0, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.0), engine=Sharded(2), seed=0)
    trainer.fit((X[:ROWS], Y[:ROWS]), epochs=1, batch_size=ROWS)
    np.testing.assert_allclose(model.states["0.mean"], 0.5 * X[:ROWS].mean(axis=0), rtol=1e-12)


def test_differentiation_changes_nothing_but_its_gradient() -> None:
    model = Sequential(drawing()).initialize(6, seed=0, dtype="float64")
    structure = model.structure
    before = structure.parameters.copy(), structure.states.copy(), structure.gradient.copy()
    vector = np.full_like(structure.gradient, np.nan)
    differentiate = Differentiate(model, Quadratic(), RandomStreams(0), gradient=vector)
    batch = Batch(X[:8], Y[:8])
    total, weight = differentiate(batch)
    assert weight == 8
    assert total == pytest.approx(differentiate.costs.sum())
    assert np.isfinite(vector).all()
    assert len(differentiate.proposals) == 2
    for found, kept in zip((structure.parameters, structure.states, structure.gradient), before, strict=True):
        np.testing.assert_array_equal(found, kept)


def test_the_gradient_of_the_sum_is_that_of_the_mean_times_the_weights() -> None:
    model = Sequential(plain()).initialize(6, seed=0, dtype="float64")
    differentiate = Differentiate(model, Quadratic(), RandomStreams(0))
    for weights in (None, WEIGHTS[:8]):
        batch = Batch(X[:8], Y[:8], weights)
        _, weight = differentiate(batch, mean=True)
        mean = differentiate.gradient.copy()
        differentiate(batch, mean=False)
        np.testing.assert_allclose(differentiate.gradient, weight * mean, rtol=1e-12)
