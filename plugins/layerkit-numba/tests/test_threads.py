"""A step that several threads share: the bits of one thread, whatever comes between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from layerkit_numba import Call, Elementwise, LayerKernel, NumbaEngine, compiled, kernel, meeting
from layerkit_numba.crew import Crew, crew
from layerkit_numba.team import Pace

from layerkit import (
    Activation,
    Adam,
    Callback,
    CrossEntropy,
    Dense,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
)
from layerkit.engines import limited
from layerkit.errors import ArgumentError, NonFiniteError

COUNTS = (1, 2, 3, 4)


ROWS = 600
X = np.random.default_rng(0).standard_normal((ROWS, 100)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, ROWS)


def trainer(threads: int | None, *, rate: float = 0.1) -> Trainer:
    layers = [Dense(130, activation=Sigmoid()), Dense(64, activation=Tanh()), Dense(3)]
    model = Sequential(layers).initialize(100, seed=1)
    engine = NumbaEngine(threads=threads)
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(rate), engine=engine, seed=2)


def bits(of: Trainer) -> bytes:
    return of.model.structure.parameters.tobytes()


def fitted(of: Trainer, *, epochs: int = 4, callbacks: Any = ()) -> bytes:
    of.fit((X, LABELS), epochs=epochs, batch_size=32, callbacks=callbacks)
    return bits(of)


class EveryStep(Callback):
    every_steps = 1

    def __init__(self, action: Callable[[], object] = lambda: None) -> None:
        self.action = action

    def steps_ended(self, fit: Any) -> None:
        self.action()


@pytest.mark.usefixtures("everything_cut")
@pytest.mark.parametrize("optimizer", [GradientDescent(0.1), Adam(0.01)])
def test_products_by_blas_have_the_same_bits_on_any_number_of_threads(
    optimizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerkit_numba.kernels.linear._LIBRARY_FROM", 1_000_000)
    found = []
    for threads in COUNTS:
        model = Sequential([Dense(600, activation=Sigmoid()), Dense(700), Dense(3)]).initialize(100, seed=1)
        engine = NumbaEngine(threads=threads)
        training = Trainer(model, cost=CrossEntropy(), optimizer=optimizer, engine=engine, seed=2)
        found.append(fitted(training, epochs=1))
    assert len(set(found)) == 1


@pytest.mark.usefixtures("everything_cut")
def test_the_number_of_threads_may_change_from_piece_to_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fitted(trainer(1))
    chosen = iter([1, 3, 1, 1, 3] * 1000)
    monkeypatch.setattr(Pace, "choose", lambda self, batches: min(next(chosen), self._most))
    assert fitted(trainer(3), callbacks=[EveryStep()]) == whole
    begun = trainer(4)
    fitted(begun, epochs=2)
    ended = trainer(2)
    ended.restore(begun.state())
    assert fitted(ended, epochs=2) == whole


@pytest.mark.usefixtures("everything_cut")
def test_trainers_in_threads_share_what_threads_there_are() -> None:
    whole = fitted(trainer(1), epochs=20)
    trainers = [trainer(3) for _ in range(3)]
    found: dict[int, bytes] = {}

    def work(number: int) -> None:
        found[number] = fitted(trainers[number], epochs=20)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == dict.fromkeys(range(3), whole)


@pytest.mark.usefixtures("everything_cut")
def test_who_finds_the_threads_taken_goes_on_with_one() -> None:
    whole = fitted(trainer(1))
    begun, ended = threading.Event(), threading.Event()
    holder = threading.Thread(target=crew.run, args=([ended.wait, begun.set],), kwargs={"break_up": ended.set})
    holder.start()
    try:
        assert begun.wait(10)
        assert fitted(trainer(3)) == whole
    finally:
        ended.set()
        holder.join()


@pytest.mark.usefixtures("everything_cut")
def test_numbers_that_are_not_finite_undo_the_piece_of_all_threads() -> None:
    told = []
    for engine in (NumbaEngine(threads=3), NumpyEngine()):
        found = trainer(3, rate=1e4)
        model = Sequential([Dense(64, activation=ReLU()), Dense(64, activation=ReLU()), Dense(1)])
        model.initialize(100, seed=1)
        found = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(3e3), engine=engine, seed=2)
        with pytest.raises(NonFiniteError) as caught:
            found.fit((X, LABELS[:, None]), epochs=9, batch_size=4)
        told.append((caught.value.step, caught.value.layer))
        assert np.isfinite(found.model.structure.parameters).all()
    assert told[0] == told[1]


@compiled
def guarded(z: Any) -> Any:
    if z > 1e6:
        raise ValueError("too large")
    return z


@compiled
def guarded_slope(z: Any) -> Any:
    return z * 0 + 1


class Guarded(Activation):
    elementwise = True
    monotonic = True

    def forward(self, x: Any, ctx: Any) -> Any:
        return x

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad

    def derivative(self, z: Any) -> Any:
        return np.ones_like(z)


@kernel(Guarded)
def _guarded(part: Any) -> Elementwise:
    return Elementwise(guarded, guarded_slope)


@pytest.mark.usefixtures("everything_cut")
def test_what_one_thread_raises_ends_the_piece_of_all() -> None:
    """The last columns alone are too large: those of the third thread, for which the others would wait."""
    model = Sequential([Dense(192, activation=Guarded()), Dense(3)]).initialize(100, seed=1)
    found = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=NumbaEngine(threads=3), seed=2)
    fitted(found, epochs=1)
    before, position = bits(found), found.state()["position"]
    model.parameters["0.bias"][-1] = 1e7
    with pytest.raises(ValueError, match="too large"):
        fitted(found, epochs=1)
    model.parameters["0.bias"][-1] = np.frombuffer(before, np.float32)[_place_of_last_bias(model)]
    assert (bits(found), found.state()["position"]) == (before, position)
    fitted(found, epochs=1)


def _place_of_last_bias(model: Any) -> int:
    (entry,) = [entry for entry in model.structure.entries if entry.path == "0.bias"]
    place: int = entry.start + 191
    return place


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.usefixtures("everything_cut")
def test_an_interruption_leaves_position_and_parameters_of_one_step() -> None:
    whole = fitted(trainer(1), epochs=60)
    found = trainer(3)
    for delay in (0.02, 0.05, 0.11):
        sent: list[float] = []

        def interrupt(sent: list[float] = sent) -> None:
            sent.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Timer(delay, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            fitted(found, epochs=10_000)
        assert time.perf_counter() - sent[0] < 2, "a piece takes 50 ms, and a busy machine some more"
        timer.join()
        probe = threading.Event()
        assert crew.run([lambda: None, probe.set], break_up=probe.set), "the threads are free again"
    again = trainer(1)
    steps = found.state()["position"]["step"]
    again.fit((X, LABELS), epochs=10_000, batch_size=32, callbacks=[StopAt(steps)])
    assert bits(again) == bits(found)
    assert whole == fitted(trainer(2), epochs=60)


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.every_steps = step

    def steps_ended(self, fit: Any) -> None:
        fit.stop("enough", now=True)


def test_tasks_that_nobody_has_begun_when_the_first_fails_never_are() -> None:
    own, begun = Crew(), []
    gate = threading.Event()

    def fail() -> None:
        gate.set()
        raise KeyboardInterrupt

    def wait() -> None:
        begun.append(1)
        assert gate.wait(10)

    with pytest.raises(KeyboardInterrupt):
        own.run([fail, wait, wait], break_up=gate.set)
    assert own.run([lambda: None, lambda: None], break_up=gate.set)


CHILD = """
import hashlib, os, warnings
import test_threads
from layerkit_numba.team import Pace

warnings.simplefilter("ignore")
Pace.choose = lambda self, batches: self._most
import layerkit_numba.engine
layerkit_numba.engine._WORTH_THREADS = 0
children = []


def fork():
    if test_threads_step[0] == 20:
        child = os.fork()
        if child == 0:
            children.append("child")
        else:
            children.append(child)
    test_threads_step[0] += 1


test_threads_step = [0]
found = test_threads.fitted(test_threads.trainer(3), callbacks=[test_threads.EveryStep(fork)])
os.write(1, hashlib.sha256(found).hexdigest().encode() + b"\\n")
if children[0] == "child":
    os._exit(0)
_, status = os.waitpid(children[0], 0)
assert status == 0
os.write(1, hashlib.sha256(test_threads.fitted(test_threads.trainer(1))).hexdigest().encode())
"""


@pytest.mark.thorough
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_forked_in_the_middle_of_a_fit_goes_on_with_threads_of_its_own() -> None:
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    found = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    lines = found.stdout.split()
    assert len(lines) == 3
    assert len(set(lines)) == 1


@pytest.fixture
def busy_cores() -> Iterator[None]:
    """Other programs on every core."""
    code = "print(flush=True)\nwhile True: pass"
    command = [sys.executable, "-c", code]
    loops = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(os.cpu_count() or 1)]
    try:
        for loop in loops:
            assert loop.stdout is not None
            loop.stdout.readline()
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.communicate()


@pytest.mark.usefixtures("everything_cut", "busy_cores")
@pytest.mark.parametrize("futex", [True, False])
def test_threads_wait_for_each_other_where_other_programs_take_the_cores(
    futex: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not futex:
        monkeypatch.setattr(meeting, "_FUTEX_CALLS", {})
    whole = fitted(trainer(1), epochs=5)
    began = time.perf_counter()
    assert fitted(trainer(3), epochs=5) == whole
    assert time.perf_counter() - began < 60


@pytest.mark.usefixtures("everything_cut")
def test_numbers_too_small_to_be_normal_are_zero_in_every_thread() -> None:
    found = []
    for threads in (1, 3):
        model = Sequential([Dense(192), Dense(3)]).initialize(100, seed=1)
        model.parameters["0.weight"][...] *= np.float32(1e-38)
        training = Trainer(
            model, cost=Quadratic(), optimizer=GradientDescent(1e-3), engine=NumbaEngine(threads), seed=2
        )
        training.fit((X * np.float32(1e-2), LABELS), epochs=1, batch_size=32)
        found.append(bits(training))
    assert found[0] == found[1]


def test_small_models_and_pools_of_workers_have_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    begin = Pace.__init__

    def noted(self: Pace, most: int) -> None:
        chosen.append(most)
        begin(self, most)

    monkeypatch.setattr(Pace, "__init__", noted)
    monkeypatch.setenv("LAYERKIT_THREADS", "2")
    monkeypatch.setattr("layerkit.steps.threads.allowed_cores", lambda: 4)
    fitted(trainer(None), epochs=1)
    monkeypatch.setattr("layerkit_numba.engine._WORTH_THREADS", 1000)
    fitted(trainer(None), epochs=1)
    with limited(1, everything=True):
        fitted(trainer(None), epochs=1)
    fitted(trainer(3), epochs=1)
    assert chosen == [1, 2, 1, 3]


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2"])
def test_a_number_of_threads_that_is_none_is_refused(threads: Any) -> None:
    with pytest.raises(ArgumentError, match="threads"):
        NumbaEngine(threads=threads)


@compiled
def noisy(x: Any, y: Any, rng: Any, begin: int, end: int) -> None:
    for place in range(begin, end):
        y[place] = x[place] + rng.standard_normal()


@compiled
def copied(source: Any, target: Any) -> None:
    target[:] = source


class Noisy(Layer):
    stochastic = True

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return x + ctx.rng.standard_normal(x.shape)

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad


@kernel(Noisy)
def _noisy(part: Any) -> LayerKernel:
    return LayerKernel(
        forward=(Call(noisy, "x:flat", "y:flat", "rng", "begin", "end", over="x:size"),),
        input_gradient=(Call(copied, "dy:flat", "dx:flat"),),
        masks="ignored",
    )


@pytest.mark.usefixtures("everything_cut")
def test_random_numbers_are_drawn_in_their_order_by_one_thread() -> None:
    found = []
    for threads in (1, 3):
        model = Sequential([Dense(64), Noisy(), Dense(3)]).initialize(100, seed=1)
        engine = NumbaEngine(threads=threads)
        training = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), engine=engine, seed=2)
        found.append((fitted(training, epochs=1), repr(training.state()["streams"])))
    assert found[0] == found[1]
