from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import numpy as np
import pytest

from layerkit import (
    Batch,
    Callback,
    Dense,
    Engine,
    GradientDescent,
    History,
    NumpyEngine,
    Quadratic,
    Run,
    Sequential,
    Stream,
    Trainer,
)
from layerkit.engines import Automatic, estimated_step
from layerkit.errors import ArgumentError, EngineError
from layerkit.interfaces.job import Job


@final
class Refusing(Engine):
    """Refuses every model."""

    def start(self, job: Job) -> Run:
        raise EngineError("Refusing: layer 0 (Dense) stands in the way")


def trained(engine: Engine) -> tuple[Trainer, History]:
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
    return trainer, trainer.fit((np.ones((8, 3)), np.zeros((8, 2))), epochs=2, batch_size=4)


def test_the_first_that_does_not_refuse_runs_it_and_says_so() -> None:
    automatic = Automatic([Refusing(), NumpyEngine()])
    trainer, _ = trained(automatic)
    assert isinstance(automatic.chosen, NumpyEngine)
    assert automatic.refusals == {"Refusing": "Refusing: layer 0 (Dense) stands in the way"}
    alone, _ = trained(NumpyEngine())
    np.testing.assert_array_equal(trainer.model.parameters["0.weight"], alone.model.parameters["0.weight"])


@final
class Estimating(Engine):
    """The ``numpy`` engine, with an estimate of its own."""

    def __init__(self, small: float, large: float) -> None:
        self.small, self.large = small, large

    def start(self, job: Job) -> Run:
        return NumpyEngine().start(job)

    def relative_time(self, job: Job) -> float:
        return self.small if job.batch_size < 8 else self.large


def test_the_one_that_estimates_the_least_comes_first_and_among_equals_the_order_counts() -> None:
    quick, slow = Estimating(0.5, 2.0), Estimating(0.7, 0.9)
    for batch_size, expected in ((4, quick), (8, slow)):
        automatic = Automatic([NumpyEngine(), slow, quick])
        trainer = Trainer(
            Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), engine=automatic, seed=0
        )
        trainer.fit((np.ones((8, 3)), np.zeros((8, 2))), epochs=1, batch_size=batch_size)
        assert automatic.chosen is expected
    first, second = Estimating(1.0, 1.0), NumpyEngine()
    automatic = Automatic([first, second])
    trained(automatic)
    assert automatic.chosen is first


@final
class Compiling(Engine):
    """The ``numpy`` engine, which says that it is nothing but compiling."""

    def start(self, job: Job) -> Run:
        return NumpyEngine().start(job)

    def relative_time(self, job: Job) -> float:
        return 0.0

    def compile_time(self, job: Job) -> float:
        # as long as ten epochs in NumPy
        return 10 * (job.steps_per_epoch or 0) * estimated_step(job).seconds


@final
class Saved(Callback):
    """Keeps the state of a run behind an epoch, as a checkpoint does."""

    changes_training = False

    def __init__(self, trainer: Trainer, epochs: int) -> None:
        self.trainer, self.epochs = trainer, epochs
        self.kept: dict[str, Any] = {}

    def epoch_ended(self, fit: Any, record: Any) -> None:
        if len(fit.history) == self.epochs:
            self.kept = self.trainer.state()


def begun() -> tuple[Trainer, Automatic]:
    automatic = Automatic([NumpyEngine(), Compiling()])
    model = Sequential([Dense(2)]).initialize(3)
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=automatic, seed=0), automatic


def test_compiling_counts_against_the_steps_of_the_whole_run() -> None:
    data = np.ones((8, 3)), np.zeros((8, 2))
    for epochs, expected in ((9, NumpyEngine), (11, Compiling)):
        trainer, automatic = begun()
        trainer.fit(data, epochs=epochs, batch_size=4)
        assert isinstance(automatic.chosen, expected)
    # what is left of a run is short
    trainer, _ = begun()
    saved = Saved(trainer, 6)
    trainer.fit(data, epochs=11, batch_size=4, callbacks=[saved])
    resumed, automatic = begun()
    resumed.restore(saved.kept)
    resumed.fit(data, epochs=11, batch_size=4)
    assert len(resumed.history) == 11
    assert isinstance(automatic.chosen, Compiling)


@final
class Endless(Stream):
    """Batches without an end that anybody knows."""

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for _ in range(position, 2):
            yield Batch(np.ones((4, 3), np.float32), np.zeros((4, 2), np.float32))


def test_a_stream_of_which_nobody_knows_the_length_is_long() -> None:
    trainer, automatic = begun()
    trainer.fit(Endless(), epochs=1, batch_size=4)
    assert isinstance(automatic.chosen, Compiling)


def test_it_asks_for_as_few_blas_threads_as_the_engine_that_runs() -> None:
    _, automatic = trained(Automatic([Refusing(), NumpyEngine()]))
    _, alone = trained(NumpyEngine())
    assert automatic.blas_threads == alone.blas_threads
    assert automatic.blas_threads is not None


def test_where_all_refuse_the_reasons_are_told() -> None:
    with pytest.raises(EngineError, match=r"no engine can run this: Refusing: layer 0 \(Dense\) stands in the way"):
        trained(Automatic([Refusing()]))


def test_candidates_are_checked() -> None:
    with pytest.raises(ArgumentError, match="at least one engine"):
        Automatic([])
    with pytest.raises(ArgumentError, match=r"engines\[0\] must be an Engine object, got 'numpy'"):
        Automatic(["numpy"])  # type: ignore[list-item]
