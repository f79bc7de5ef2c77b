"""Optimizers, transforms, schedules, metrics, engines and callbacks of one's own, and the order in which they come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Callback,
    ClipNorm,
    Context,
    Dense,
    Engine,
    GradientDescent,
    Metric,
    NumpyEngine,
    Optimizer,
    Quadratic,
    Run,
    Schedule,
    Sequential,
    Tanh,
    Trainer,
    Transform,
    UpdateContext,
    WeightDecay,
)
from layerkit.errors import EngineError, LayerkitError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.job import Job
from layerkit.types import Array
from tests.models.custom import RunningMean

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 2))


def new_trainer(optimizer: Optimizer, **given: Any) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=1, dtype="float64")
    return Trainer(model, cost=Quadratic(), optimizer=optimizer, seed=0, **given)


class LineSearch(Optimizer):
    """Steepest descent that halves its step until the batch's cost falls."""

    needs_evaluate = True

    def __init__(self, learning_rate: float = 10.0) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        cost, same = ctx.evaluate()
        found = cost
        np.testing.assert_array_equal(same, gradient)
        start, rate = parameters.copy(), ctx.learning_rate
        descent = gradient.copy()
        for _ in range(30):
            parameters[...] = start - rate * descent
            found, _ = ctx.evaluate()
            if found < cost:
                break
            rate /= 2
        TRIED.append((cost, found))


TRIED: list[tuple[float, float]] = []


def test_an_optimizer_that_evaluates_the_batch_anew() -> None:
    TRIED.clear()
    history = new_trainer(LineSearch()).fit((X, Y), epochs=5, batch_size=20)
    assert len(TRIED) == 5
    assert all(after < before for before, after in TRIED)
    np.testing.assert_allclose(history["cost"], [before for before, _ in TRIED], rtol=1e-12)
    assert history["cost"][-1] < history["cost"][0]


def test_evaluating_anew_proposes_no_state() -> None:
    model = Sequential([Dense(4), RunningMean(), Dense(2)]).initialize(3, seed=1, dtype="float64")
    expected = (X @ model.parameters["0.weight"]).mean(axis=0)
    Trainer(model, cost=Quadratic(), optimizer=LineSearch(), seed=0).fit((X, Y), epochs=1, batch_size=20)
    np.testing.assert_allclose(model.states["1.mean"], expected, rtol=1e-12)


def test_evaluating_anew_does_not_go_with_accumulation() -> None:
    with pytest.raises(EngineError, match=r"LineSearch.*accumulate=1"):
        new_trainer(LineSearch()).fit((X, Y), epochs=1, accumulate=2)


class Undeclared(GradientDescent):  # type: ignore[misc]
    """Evaluates without having said so."""

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        ctx.evaluate()


def test_evaluating_must_be_declared() -> None:
    with pytest.raises(LayerkitError, match="needs_evaluate = True"):
        new_trainer(Undeclared(0.1)).fit((X, Y), epochs=1)


class Warmup(Schedule):
    """Rises for some steps."""

    def __init__(self, highest: float, steps: int) -> None:
        self.highest = highest
        self.steps = steps

    def rate(self, step: int, ctx: UpdateContext) -> float:
        ASKED.append((step, ctx.steps_per_epoch))
        return self.highest * min(1.0, (step + 1) / self.steps)


ASKED: list[tuple[int, int | None]] = []


class NotesRate(Optimizer):
    """Moves nothing, and notes what it is told."""

    def __init__(self, learning_rate: float | Schedule) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        NOTED.append((ctx.step, ctx.learning_rate, [place.path for place in ctx.slices]))


NOTED: list[tuple[int, float, list[str]]] = []


def test_a_schedule_is_asked_at_each_step_over_all_fits() -> None:
    ASKED.clear()
    NOTED.clear()
    trainer = new_trainer(NotesRate(Warmup(1.0, 4)))
    for _ in range(2):
        trainer.fit((X, Y), epochs=1, batch_size=7)
    assert [rate for _, rate, _ in NOTED] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert [step for step, _, _ in NOTED] == list(range(6))
    assert set(ASKED) == {(step, 3) for step in range(6)}


def test_what_an_optimizer_knows_of_the_parameters() -> None:
    NOTED.clear()
    new_trainer(NotesRate(0.1)).fit((X, Y), epochs=1, batch_size=20)
    assert NOTED == [(0, 0.1, ["0.weight", "0.bias", "1.weight", "1.bias"])]


class Logs(Transform):
    """Notes when it is called, and with what norm."""

    def __init__(self, name: str, *, factor: float = 1.0) -> None:
        self.name = name
        self.factor = factor

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        CALLS.append((f"{self.name} before", float(np.linalg.norm(gradient))))
        gradient *= self.factor

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        CALLS.append((f"{self.name} after", ctx.learning_rate))


CALLS: list[tuple[str, float]] = []


def test_transforms_come_in_their_order() -> None:
    CALLS.clear()
    transforms = [Logs("a", factor=100.0), ClipNorm(0.5), Logs("b")]
    new_trainer(Adam(0.01), transforms=transforms).fit((X, Y), epochs=1, batch_size=20)
    assert [name for name, _ in CALLS] == ["a before", "b before", "a after", "b after"]
    assert CALLS[1][1] == pytest.approx(0.5)
    assert CALLS[2][1] == 0.01


def test_the_order_of_transforms_matters() -> None:
    def trained(transforms: list[Transform]) -> Array:
        trainer = new_trainer(GradientDescent(0.1), transforms=transforms)
        trainer.fit((X, Y), epochs=1, batch_size=20)
        return trainer.model.structure.parameters

    one, other = trained([Logs("a", factor=10.0), ClipNorm(0.01)]), trained([ClipNorm(0.01), Logs("a", factor=10.0)])
    assert not np.allclose(one, other)


def test_weight_decay_spares_what_is_tagged() -> None:
    trainer = new_trainer(GradientDescent(0.5), transforms=[WeightDecay(0.1)])
    parameters = trainer.model.parameters
    trainer.model.structure.parameters[...] = 0
    parameters["0.bias"][...] = parameters["1.bias"][...] = 0
    parameters["0.weight"][...] = 2.0
    # zero weights above keep every gradient of layer 0 at zero
    trainer.fit((X, np.zeros((20, 2))), epochs=1, batch_size=20)
    np.testing.assert_allclose(parameters["0.weight"], 2.0 * (1 - 0.5 * 0.1))


class LargestError(Metric):
    """The largest weighted absolute error: merged by maximum, not by sum."""

    name = "largest_error"

    def start(self) -> Array:
        return np.zeros(1)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        assert weights.shape == prediction.shape[:1]
        self.merge(totals, np.array([(weights[:, None] * np.abs(prediction - target)).max()]))

    def merge(self, totals: Array, other: Array) -> None:
        np.maximum(totals, other, out=totals)

    def result(self, totals: Array) -> float:
        return float(totals[0])


def test_a_metric_of_ones_own() -> None:
    trainer = new_trainer(Adam(), metrics=[LargestError()])
    x, y = np.tile(X, (200, 1)), np.tile(Y, (200, 1))
    y[3999] += 50
    expected = np.abs(trainer.model.predict(x) - y).max()
    assert trainer.evaluate((x, y))["largest_error"] == pytest.approx(expected)
    assert trainer.evaluate((x, y), weights=np.full(4000, 2.0))["largest_error"] == pytest.approx(2 * expected)
    assert trainer.fit((X, Y), epochs=1, validation=(x, y)).records[0]["validation_largest_error"] > 40


class Refusing(Engine):
    """Can run nothing."""

    def start(self, job: Job) -> Run:
        kind = type(job.model.structure.node.parts["0"].layer).__name__
        raise EngineError(f"layer 0 ({kind}) stands in the way")


class Counting(Engine):
    """The numpy engine, one step at a time, noting what it was asked."""

    def start(self, job: Job) -> Run:
        inner = NumpyEngine().start(job)

        class OneByOne(Run):
            def run(self, steps: int) -> Array:
                REQUESTS.append(steps)
                parts = [inner.run(1) for _ in range(steps)]
                return np.concatenate(parts)

        return OneByOne()


REQUESTS: list[int] = []


def test_an_engine_of_ones_own() -> None:
    with pytest.raises(EngineError, match=r"layer 0 \(Dense\) stands in the way"):
        new_trainer(Adam(), engine=Refusing()).fit((X, Y), epochs=1)
    one, other = new_trainer(Adam(), engine=Counting()), new_trainer(Adam())
    REQUESTS.clear()
    for trainer in (one, other):
        trainer.fit((X, Y), epochs=3, batch_size=2)
    np.testing.assert_array_equal(one.model.structure.parameters, other.model.structure.parameters)
    assert one.history["cost"] == other.history["cost"]
    assert REQUESTS[0] == 1, "the first chunk is short, so that a slow model can be stopped soon"


class Events(Callback):
    """Notes every call."""

    def __init__(self, name: str, log: list[str], *, every: int | None = None) -> None:
        self.name = name
        self.log = log
        self.every_steps = every

    def fit_started(self, fit: FitView) -> None:
        self.log.append(f"{self.name} start {fit.epoch}/{fit.epochs}")

    def steps_ended(self, fit: FitView) -> None:
        self.log.append(f"{self.name} step {fit.step}")

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.log.append(f"{self.name} epoch {record['epoch']} {fit.epoch} {len(fit.history)}")

    def fit_ended(self, fit: FitView) -> None:
        self.log.append(f"{self.name} end")


def test_callbacks_are_called_in_their_order() -> None:
    log: list[str] = []
    trainer = new_trainer(Adam())
    trainer.fit((X, Y), epochs=2, batch_size=5, callbacks=[Events("a", log, every=3), Events("b", log)])
    assert log == [
        "a start 0/2", "b start 0/2", "a step 3", "a epoch 1 1 1", "b epoch 1 1 1", "a step 6", "a epoch 2 2 2",
        "b epoch 2 2 2", "a end", "b end",
    ]  # fmt: skip
    log.clear()
    trainer.fit((X, Y), epochs=1, batch_size=5, callbacks=[Events("a", log, every=5)])
    assert log == ["a start 2/3", "a step 10", "a epoch 3 3 1", "a end"]


class Stops(Callback):
    """Stops at a step."""

    every_steps = 1

    def __init__(self, step: int, *, now: bool) -> None:
        self.step = step
        self.now = now

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            fit.stop("enough", now=self.now)


@pytest.mark.parametrize(("now", "steps", "epochs"), [(False, 8, 2), (True, 6, 1)])
def test_a_callback_can_stop_the_fit(now: bool, steps: int, epochs: int) -> None:
    NOTED.clear()
    trainer = new_trainer(NotesRate(0.1))
    history = trainer.fit((X, Y), epochs=5, batch_size=5, callbacks=[Stops(6, now=now)])
    assert len(NOTED) == steps
    assert len(history) == epochs
    assert history.stop_reason == "enough"
    assert trainer.fit((X, Y), epochs=1, batch_size=5).stop_reason is None


def test_a_fit_that_was_stopped_at_once_goes_on_where_it_stood() -> None:
    once, twice = new_trainer(Adam(0.05)), new_trainer(Adam(0.05))
    once.fit((X, Y), epochs=2, batch_size=5)
    twice.fit((X, Y), epochs=2, batch_size=5, callbacks=[Stops(6, now=True)])
    twice.fit((X, Y), epochs=1, batch_size=5)
    np.testing.assert_array_equal(once.model.structure.parameters, twice.model.structure.parameters)
    assert once.history["cost"] == twice.history["cost"]


@pytest.mark.parametrize(
    ("rows", "given"), [(8, {"batch_size": 5}), (20, {"batch_size": 20}), (20, {"batch_size": 5, "shuffle": False})]
)
def test_with_other_batches_that_epoch_begins_anew(rows: int, given: dict[str, Any]) -> None:
    NOTED.clear()
    trainer = new_trainer(NotesRate(0.1))
    trainer.fit((X, Y), epochs=2, batch_size=5, callbacks=[Stops(3, now=True)])
    history = trainer.fit((X[:rows], Y[:rows]), epochs=1, **given)
    assert len(NOTED) == 3 + -(-rows // given["batch_size"])
    assert history["cost"] == [pytest.approx(trainer.evaluate((X[:rows], Y[:rows]))["cost"])]


@pytest.mark.parametrize(("again", "steps"), [(True, 1), (False, 3)])
def test_the_same_stream_goes_on_and_another_begins_at_its_beginning(again: bool, steps: int) -> None:
    stream = [(X[:5], Y[:5]), (X[5:10], Y[5:10]), (X[10:], Y[10:])]
    NOTED.clear()
    trainer = new_trainer(NotesRate(0.1))
    trainer.fit(stream, epochs=1, callbacks=[Stops(2, now=True)])
    trainer.fit(stream if again else list(stream), epochs=1)
    assert len(NOTED) == 2 + steps


def test_a_callback_that_raises_ends_the_fit_and_the_others_hear_of_it() -> None:
    class Raises(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            raise RuntimeError("mine")

    log: list[str] = []
    with pytest.raises(RuntimeError, match="mine"):
        new_trainer(Adam()).fit((X, Y), epochs=3, callbacks=[Raises(), Events("b", log)])
    assert log == ["b start 0/3", "b end"]


class Watches(Callback):
    """Counts the calls between steps."""

    def __init__(self) -> None:
        self.count = 0

    def progress(self, fit: FitView) -> None:
        self.count += 1


def test_progress_is_told_in_chunks_not_at_every_step() -> None:
    watching = Watches()
    x, y = np.tile(X, (100, 1)), np.tile(Y, (100, 1))
    new_trainer(Adam()).fit((x, y), epochs=1, batch_size=2, callbacks=[watching])
    assert 1 <= watching.count < 100


class Compares(Optimizer):
    """Moves nothing, and evaluates the batch that the gradient came from."""

    needs_evaluate = True

    def __init__(self, learning_rate: float = 0.0) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        given = gradient.copy()
        _, found = ctx.evaluate()
        np.testing.assert_array_equal(found, given)


def test_what_is_evaluated_is_the_steps_own_batch_also_after_a_shorter_one() -> None:
    """In every epoch, however the engine comes by the gradient."""
    new_trainer(Compares()).fit((X, Y), epochs=4, batch_size=3)
